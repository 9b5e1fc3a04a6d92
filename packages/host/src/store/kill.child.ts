/** Child of `kill.slow.test.ts`: writes until it is killed, and says what was acknowledged. */
import { writeSync } from 'node:fs';
import { openStore } from './index.ts';

const [, , directory, mode] = process.argv;
if (directory === undefined) throw new Error('want a directory');
const store = openStore(directory, { ownerVerified: true });
const say = (text: string): void => void writeSync(1, `${text}\n`);

if (mode === 'append') {
  for (let i = store.list('sessions').length; ; i++) {
    const key = String(i).padStart(8, '0');
    store.transaction(() => {
      store.put('sessions', key, { i });
      store.appendChunk('lists', key, new Uint8Array(5000));
    });
    say(key);
  }
}

const keys = Array.from({ length: 1500 }, (_, i) => `key-${i}`);
store.transaction(() => {
  for (const key of keys) store.put('sessions', key, `before ${'x'.repeat(2000)}`);
});
store.transaction(() => {
  for (const key of keys) store.put('sessions', key, `after ${'y'.repeat(5000)}`); // more than the page cache
  say('in the middle');
  for (;;) store.put('sessions', 'key-0', 'after');
});
