/**
 * The command line in a test: in this process with streams of its own, or as a process.
 *
 * Purpose: one call, what it wrote, its exit code. Assumes: tests clean up after themselves.
 * Does not know: any command.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { access, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import type { Io, Out } from '../../packages/cli/src/args/types.ts';
import { runCommandLine } from '../../packages/cli/src/main/index.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const bin = join(inject('builtFolder'), 'tallystick.mjs');

export interface Done {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Takes everything and shows nothing. */
export const silent: Out = capture();

function capture(): Out & { text(): string } {
  const parts: string[] = [];
  return {
    write: (text) => void parts.push(text),
    tty: false,
    columns: 100,
    colour: false,
    stream: new PassThrough(),
    text: () => parts.join(''),
  };
}

/** One command line in this process. */
export async function cli(
  args: readonly string[],
  how: Partial<Pick<Io, 'cwd' | 'env'>> = {},
): Promise<Done> {
  const [out, err] = [capture(), capture()];
  const io: Io = { out, err, env: how.env ?? {}, cwd: how.cwd ?? root, signal: new AbortController().signal };
  const code = await runCommandLine(args, io);
  return { code, out: out.text(), err: err.text() };
}

export interface Running {
  readonly child: ChildProcess;
  /** What it has written to stdout and stderr so far. */
  text(): string;
  /** Resolves when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Resolves with the match when what it wrote matches; rejects when it ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

/** The command as a process, as a person starts it. */
export function startCli(
  args: readonly string[],
  how: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Running {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: how.cwd ?? root,
    env: { ...process.env, ...how.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<{ code: number | null; signal: string | null }>((done) => {
    child.once('exit', (code, signal) => done({ code, signal }));
  });
  return {
    child,
    ended,
    text: () => text,
    until: (pattern) =>
      new Promise((done, fail) => {
        const look = (): void => {
          const match = pattern.exec(text);
          if (match !== null) done(match);
        };
        listeners.add(look);
        look();
        void ended.then(() => fail(new Error(`ended before it wrote ${String(pattern)}:\n${text}`)));
      }),
  };
}

/** A temporary directory of a test's own, as TMPDIR too; the compiler's cache stays the shared one. */
export async function ownTmp(): Promise<{
  readonly path: string;
  leftovers(): Promise<string[]>;
  remove(): Promise<void>;
}> {
  const path = await mkdtemp(join(tmpdir(), 'ts-'));
  const cache = `tsx-${userInfo().uid}`;
  await symlink(join(tmpdir(), cache), join(path, cache)).catch(() => undefined);
  return {
    path,
    leftovers: async () => (await readdir(path)).filter((name) => name.startsWith('tallystick')),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

export function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until it holds, as long as a test may take. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((done) => setTimeout(done, 25));
}
