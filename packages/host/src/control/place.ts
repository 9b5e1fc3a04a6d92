/**
 * Where a data directory's control socket is, and who owns it.
 *
 * Purpose: the socket is the directory's single-instance lock: whoever listens on it owns the directory. A
 * Unix socket's path is limited to about 107 bytes (sun_path), so a long directory gets its socket in a short
 * private temporary directory and a pointer file.
 * Assumes: a local file system; the directory is ours (mode 0700).
 * Does not know: what is said on the socket.
 */
import { randomBytes } from 'node:crypto';
import { lstat, mkdtemp, readFile, rename, rm, rmdir, stat, unlink, mkdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { TallyError } from '@tallystick/protocol/errors';
import { fileError, writePrivateFile } from '../files/index.ts';

const socketName = 'control.sock';
const pointerName = 'control.path';
const guardName = 'control.starting';
const temporaryPrefix = 'tallystick-';

/** macOS allows 103 bytes, Linux 107. */
const longestSocketPath = 103;
/** A start takes milliseconds; a guard older than this is a killed process's. */
const staleGuardMs = 10_000;

/** The path to connect to; `undefined` where the directory has none. */
export async function findSocket(directory: string): Promise<string | undefined> {
  const direct = join(resolve(directory), socketName);
  if (Buffer.byteLength(direct) <= longestSocketPath) return direct;
  try {
    const path = (await readFile(join(directory, pointerName), 'utf8')).trim();
    return (await isOurs(path)) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** A pointer is followed only into a private temporary directory of this user. */
async function isOurs(path: string): Promise<boolean> {
  const facts = await lstat(dirname(path));
  const private0700 = facts.isDirectory() && (facts.mode & 0o077) === 0;
  return private0700 && (process.getuid === undefined || facts.uid === process.getuid());
}

/** Whether somebody listens there. */
export function answers(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}

/**
 * Runs `bind` on a path where nobody listens, so that of several processes that start at once one wins.
 * @returns what frees the place again.
 * @throws TallyError `store.locked` where another process listens or starts; `file.*`.
 */
export async function takePlace(
  directory: string,
  bind: (path: string) => Promise<void>,
): Promise<() => Promise<void>> {
  const leaveGuard = await enterGuard(join(directory, guardName));
  try {
    const known = await findSocket(directory);
    if (known !== undefined && (await answers(known))) {
      throw new TallyError('store.locked', `${directory}: another process answers on its control socket`);
    }
    if (known !== undefined) await removeSocket(known, directory);
    const direct = join(resolve(directory), socketName);
    if (Buffer.byteLength(direct) <= longestSocketPath) {
      await bind(direct);
      return () => removeSocket(direct, directory);
    }
    const short = join(await mkdtemp(join(tmpdir(), temporaryPrefix)), socketName);
    const pointer = join(directory, pointerName);
    const free = async (): Promise<void> => {
      await removeSocket(short, directory);
      await rm(pointer, { force: true });
    };
    try {
      await bind(short);
      await writePrivateFile(pointer, `${short}\n`);
    } catch (error) {
      await free();
      throw error;
    }
    return free;
  } catch (error) {
    throw fileError(error, directory);
  } finally {
    await leaveGuard();
  }
}

/** Removes a socket that nobody listens on, and, where it was made for that socket, its directory. */
async function removeSocket(path: string, directory: string): Promise<void> {
  await unlink(path).catch(() => undefined);
  if (dirname(path) !== resolve(directory)) await rmdir(dirname(path)).catch(() => undefined);
}

/** Between looking and binding nobody else may do the same: a directory that only one process can make. */
async function enterGuard(path: string): Promise<() => Promise<void>> {
  for (let attempt = 0; ; attempt++) {
    try {
      await mkdir(path, { mode: 0o700 });
      return () => rmdir(path).catch(() => undefined);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(error, dirname(path));
    }
    const facts = await stat(path).catch(() => undefined);
    // A file's time is the system's, so the system's clock is the one to compare with.
    if (facts !== undefined && Date.now() - facts.mtimeMs > staleGuardMs) {
      const aside = `${path}.${randomBytes(6).toString('hex')}`;
      await rename(path, aside).then(
        () => rmdir(aside),
        () => undefined,
      );
    } else if (attempt >= 40) {
      throw new TallyError('store.locked', `${dirname(path)}: another process is starting there`);
    } else {
      await new Promise((done) => setTimeout(done, 25));
    }
  }
}
