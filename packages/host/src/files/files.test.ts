import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makePrivateDirectory, readBoundedFile, writePrivateFile } from './index.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-files-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

it('makes private directories and files, whatever was there', async () => {
  const inner = join(directory, 'a', 'b');
  await mkdir(inner, { recursive: true, mode: 0o755 });
  await makePrivateDirectory(inner);
  expect(await modeOf(inner)).toBe(0o700);
  const path = join(inner, 'file');
  await writeFile(path, 'old', { mode: 0o644 });
  await writePrivateFile(path, 'new');
  expect([await readFile(path, 'utf8'), await modeOf(path)]).toEqual(['new', 0o600]);
  expect(await readdir(inner)).toEqual(['file']);
});

it('leaves nothing behind when it fails', async () => {
  const path = join(directory, 'taken');
  await mkdir(join(path, 'x'), { recursive: true });
  await expect(writePrivateFile(path, 'new')).rejects.toMatchObject({ code: 'file.unreadable' });
  await expect(writePrivateFile(join(directory, 'none', 'f'), 'x')).rejects.toMatchObject({
    code: 'file.missing',
  });
  expect(await readdir(directory)).toEqual(['taken']);
});

it('reads up to a limit', async () => {
  const path = join(directory, 'f');
  await writeFile(path, 'abc');
  expect(await readBoundedFile(path, 3)).toEqual(new TextEncoder().encode('abc'));
  await expect(readBoundedFile(path, 2)).rejects.toMatchObject({ code: 'file.unreadable' });
  await expect(readBoundedFile(directory, 9)).rejects.toMatchObject({ code: 'file.unreadable' });
  await expect(readBoundedFile(join(directory, 'g'), 9)).rejects.toMatchObject({ code: 'file.missing' });
});
