/**
 * Files that only their owner may read.
 *
 * Purpose: directories of mode 0700 and files of mode 0600 that are either whole or not there.
 * Assumes: a POSIX file system; rename within a directory is atomic.
 * Does not know: what the bytes are.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TallyError } from '@tallystick/protocol/errors';

export const privateFileMode = 0o600;
export const privateDirectoryMode = 0o700;

/** Makes the directory and its parents; the last one ends with mode 0700. @throws TallyError `file.*`. */
export async function makePrivateDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: privateDirectoryMode });
    await chmod(path, privateDirectoryMode);
  } catch (error) {
    throw fileError(error, path);
  }
}

/**
 * Writes the file whole or not at all (temporary file beside it, fsync, rename, fsync of the directory), with
 * mode 0600. @throws TallyError `file.*`, `store.write`.
 */
export async function writePrivateFile(path: string, contents: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', privateFileMode);
    try {
      await file.writeFile(contents);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw fileError(error, path);
  }
}

/** @param maxBytes a longer file is refused before it is read. @throws TallyError `file.missing`, `file.unreadable`. */
export async function readBoundedFile(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const facts = await stat(path);
    if (!facts.isFile()) throw new TallyError('file.unreadable', `${path}: want a regular file`);
    if (facts.size > maxBytes) {
      throw new TallyError('file.unreadable', `${path}: want at most ${maxBytes} bytes, got ${facts.size}`);
    }
    const file = await open(path, 'r');
    try {
      return new Uint8Array(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, path);
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** A system error as a coded one; names the path, never contents. */
export function fileError(thrown: unknown, path: string): TallyError {
  if (thrown instanceof TallyError) return thrown;
  const system = (thrown as NodeJS.ErrnoException | undefined)?.code ?? 'unknown';
  const cause = { cause: thrown };
  if (system === 'ENOENT' || system === 'ENOTDIR')
    return new TallyError('file.missing', `${path}: not found`, cause);
  if (['ENOSPC', 'EDQUOT', 'EIO'].includes(system))
    return new TallyError('store.write', `${path}: ${system}`, cause);
  return new TallyError('file.unreadable', `${path}: ${system}`, cause);
}
