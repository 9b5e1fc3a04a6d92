/** What a consent may show of its sender's audit log. */
import { expect, it } from 'vitest';
import type { Agreement } from '../agreement/index.ts';
import { signCheckpoint } from '../audit/index.ts';
import { hexOf, keysOf } from '../audit/export.testkit.ts';
import { encodeHex } from '../bytes/index.ts';
import type { MessageOf, ShownLog } from '../wire/index.ts';
import { checkShownLog, notedHead } from './shown-log.ts';

const keys = keysOf(1);
const sender = { id: 'a', publicKey: encodeHex(keys.publicKey), fingerprint: 'sha256:a' };
const terms = (isStanding: boolean): Agreement => {
  const standing = isStanding ? { agreement: hexOf(1, 32), request: hexOf(2, 32) } : null;
  return { standing, parties: [sender], collectors: [{ ...sender, id: 'c' }] } as unknown as Agreement;
};
const log = (name = 'a', id = hexOf(7, 16)): string => `tallystick/${name}/${id}`;
const note = (size: number, origin = log(), by = keys, fill = size): string =>
  signCheckpoint(origin, { size, root: new Uint8Array(32).fill(fill) }, by.publicKey, by.sign);
const check =
  (shown: ShownLog | null, isStanding = true, from = 'a') =>
  (): void =>
    checkShownLog({ from, log: shown } as MessageOf<'consent'>, terms(isStanding), { ...sender, id: from });
const refused = (code: string) => expect.objectContaining({ code });

it('a head, and one that was witnessed before it', () => {
  for (const witnessed of [note(5), note(4), note(0)]) {
    expect(check({ head: note(5), witnessed })).not.toThrow();
  }
  expect(notedHead({ log: { head: note(5), witnessed: null } })).toEqual({ size: 5, root: hexOf(5, 32) });
  expect(notedHead({ log: null })).toBeNull();
});

it('nothing, or nothing witnessed, without a standing agreement only; a collector may keep no log', () => {
  for (const shown of [null, { head: note(5), witnessed: null }]) {
    expect(check(shown, false)).not.toThrow();
    expect(check(shown)).toThrow(refused('wire.message'));
  }
  expect(check(null, true, 'c')).not.toThrow();
});

it.each([
  ['no note', 'x'],
  ['another station’s', note(5, log('b'))],
  ['another log', note(5, log('a', 'x'.repeat(32)))],
  ['a name beyond the station’s', note(5, `${log()}/more`)],
  ['signed with another key', note(5, log(), keysOf(2))],
  ['changed', note(5).replace('\n5\n', '\n6\n')],
])('no head that is %s, nor such a witnessed one', (_, bad) => {
  expect(check({ head: bad, witnessed: null }, false)).toThrow(refused('log.note'));
  expect(check({ head: note(9), witnessed: bad })).toThrow(refused('log.note'));
});

it('no head before the witnessed one, of the same size with another root, or of another log', () => {
  expect(check({ head: note(4), witnessed: note(5) })).toThrow(refused('log.note'));
  expect(check({ head: note(5), witnessed: note(5, log(), keys, 9) })).toThrow(refused('log.note'));
  const other = note(4, log('a', hexOf(8, 16)));
  expect(check({ head: note(5), witnessed: other })).toThrow(refused('log.note'));
});
