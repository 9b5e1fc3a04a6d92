/**
 * A command line of Tallystick, run here and shown as it would be typed.
 *
 * Purpose: what needs no running station (verify, compare, report), and what a person at a station reads word for word.
 * Does not know: any command.
 */
import { Writable } from 'node:stream';
import type { Io, Out } from '@tallystick/cli/args';
import { runCommandLine } from '@tallystick/cli/main';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function collecting(into: string[]): Out {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() });
  return { write: (text) => void into.push(text), tty: false, columns: 100, colour: false, stream };
}

/** @param cwd where files are looked for and written */
export async function command(cwd: string, ...argv: string[]): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    out: collecting(out),
    err: collecting(err),
    env: {},
    cwd,
    signal: new AbortController().signal,
  };
  const code = await runCommandLine(argv, io);
  return { code, out: out.join(''), err: err.join('') };
}

/** As it would be typed. */
export const typed = (...argv: string[]): string => `$ tallystick ${argv.join(' ')}`;
