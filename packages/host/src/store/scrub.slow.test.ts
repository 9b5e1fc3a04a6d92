/**
 * What is deleted is gone: files of the store are searched, byte by byte.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore } from './index.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-scrub-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** All files of the store as one. */
async function contents(): Promise<Buffer> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  );
  return Buffer.concat(await Promise.all(files.map((one) => readFile(join(directory, one.name)))));
}

const pieceBytes = 16;

/** Every run of 16 bytes of the files, at any place. */
function runsOf(files: Buffer): Set<string> {
  const text = files.toString('latin1');
  return new Set(Array.from({ length: text.length }, (_, at) => text.slice(at, at + pieceBytes)));
}

/** How many pieces of what was written are in the files. */
function left(runs: ReadonlySet<string>, secret: Buffer): number {
  const text = secret.toString('latin1');
  let found = 0;
  for (let at = 0; at + pieceBytes <= text.length; at += pieceBytes) {
    if (runs.has(text.slice(at, at + pieceBytes))) found += 1;
  }
  return found;
}

const text = (size: number): string => randomBytes(size).toString('base64');

it('leaves nothing of documents and chunks that were deleted or replaced, in any file', async () => {
  const store = openStore(directory, { ownerVerified: true });
  const gone: Buffer[] = [];
  const kept: Buffer[] = [];
  // Sizes from a few bytes to many pages, deleted and replaced in no order, so that pages are split and joined.
  for (let i = 0; i < 40; i++) {
    const key = `k${i}`;
    const chunk = randomBytes(randomInt(32, 9000));
    const [first, second] = [text(randomInt(24, 2000)), text(randomInt(24, 2000))];
    store.put('sessions', key, { text: first });
    store.appendChunk('sessions', key, chunk);
    store.put('sessions', key, { text: second });
    gone.push(Buffer.from(first));
    if (randomInt(3) === 0) {
      kept.push(Buffer.from(second), chunk);
      continue;
    }
    gone.push(Buffer.from(second), chunk);
    if (randomInt(2) === 0) store.delete('sessions', key);
    else {
      store.deleteChunks('sessions', key);
      store.put('sessions', key, { deleted: true });
    }
  }
  const before = runsOf(await contents());
  expect(gone.reduce((sum, one) => sum + left(before, one), 0)).toBeGreaterThan(0);
  store.scrub();
  const after = runsOf(await contents());
  expect(gone.map((one) => left(after, one)).filter((found) => found > 0)).toEqual([]);
  expect(kept.every((one) => left(after, one) > 0)).toBe(true);
  store.put('sessions', 'later', 1);
  store.close();
  const again = openStore(directory, { ownerVerified: true });
  expect(again.get('sessions', 'later')).toBe(1);
  again.close();
});

it('is no part of a transaction', () => {
  const store = openStore(directory, { ownerVerified: true });
  expect(() => store.transaction(() => store.scrub())).toThrow(
    expect.objectContaining({ code: 'internal.bug' }),
  );
  store.close();
});
