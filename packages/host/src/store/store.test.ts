import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { storeContract } from '../contracts/index.ts';
import { memoryStore, openStore, storeFileName } from './index.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-store-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

storeContract('memory', async () => {
  const store = memoryStore();
  return { store, dispose: async () => store.close() };
});

storeContract('SQLite', async () => {
  const path = await mkdtemp(join(tmpdir(), 'tallystick-store-'));
  const store = openStore(path, { ownerVerified: true });
  return {
    store,
    async dispose() {
      store.close();
      await rm(path, { recursive: true });
    },
  };
});

const coded = (code: string) => expect.objectContaining({ code });
const open = () => openStore(directory, { ownerVerified: true });

it('keeps everything when it is opened again, and leaves one private file', async () => {
  const store = open();
  store.put('peers', 'a', { x: 1 });
  store.appendChunk('lists', 'l', Uint8Array.of(1, 2, 3));
  store.close();
  expect(await readdir(directory)).toEqual([storeFileName]);
  expect((await stat(join(directory, storeFileName))).mode & 0o777).toBe(0o600);
  const again = open();
  expect(again.get('peers', 'a')).toEqual({ x: 1 });
  expect(again.chunk('lists', 'l', 0)).toEqual(Uint8Array.of(1, 2, 3));
  again.close();
});

it('is locked while it is open, and a lock is cleared only for the verified owner', async () => {
  const store = open();
  expect(() => openStore(directory, { ownerVerified: false })).toThrow(coded('store.locked'));
  store.close();
  await mkdir(join(directory, `${storeFileName}.lock`)); // what kill -9 leaves behind
  expect(() => openStore(directory, { ownerVerified: false })).toThrow(coded('store.locked'));
  open().close();
});

it('refuses what is no store of this version with store.corrupt', async () => {
  const path = join(directory, storeFileName);
  await writeFile(path, 'a text of some length that is certainly no database at all'.repeat(20));
  expect(open).toThrow(coded('store.corrupt'));
  await rm(path);
  const foreign = new sqlite.Database(path);
  foreign.exec('CREATE TABLE t (a)');
  foreign.close();
  expect(open).toThrow(coded('store.corrupt'));
  await rm(path);
  open().close();
  const later = new sqlite.Database(path);
  later.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA user_version = 99');
  later.close();
  expect(open).toThrow(coded('store.corrupt'));
});

it('finds a damaged page when it opens', async () => {
  const store = open();
  for (let i = 0; i < 200; i++) store.put('sessions', `key-${i}`, 'x'.repeat(300));
  store.close();
  const path = join(directory, storeFileName);
  const bytes = await readFile(path);
  bytes.fill(0xff, 4096 * 4, 4096 * 6);
  await writeFile(path, bytes);
  expect(open).toThrow(coded('store.corrupt'));
});

it('names what is missing or not permitted', async () => {
  expect(() => openStore(directory, { ownerVerified: true, mustExist: true })).toThrow(coded('file.missing'));
  expect(() => openStore(join(directory, 'none'), { ownerVerified: true })).toThrow(coded('file.missing'));
  await mkdir(join(directory, storeFileName));
  expect(open).toThrow(coded('file.unreadable'));
});

it('refuses a place where no file can be', async () => {
  // A permission would not stop root, a folder in the file's place stops everybody.
  await mkdir(join(directory, storeFileName));
  expect(open).toThrow(coded('file.unreadable'));
});
