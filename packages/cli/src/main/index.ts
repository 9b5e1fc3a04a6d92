/**
 * The command line's first and last steps.
 *
 * Purpose: from the words to a command, from its end or its error to an exit code.
 * Assumes: it owns the process: signals, standard streams, exit.
 * Does not know: what any command does.
 */
import { asTallyError } from '@tallystick/protocol/errors';
import { helpOnAll, helpOnCommand, helpOnGroup, type Io, parseCommandLine } from '../args/index.ts';
import { commands } from '../commands/index.ts';
import { exitCodeOf, exitCodeOfSignal } from '../exit/index.ts';
import { outFor } from './io.ts';
import { readVersion } from './version.ts';

/** Runs one command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(exitCodeOfSignal(name)); // asked twice: at once
      stop.abort(name);
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') stop.abort('SIGHUP'); // the reader has gone: nobody to tell
    });
  }
  const io: Io = {
    out: outFor(process.stdout, process.env),
    err: outFor(process.stderr, process.env),
    env: process.env,
    cwd: process.cwd(),
    signal: stop.signal,
  };
  const code = await runCommandLine(argv, io);
  await new Promise<void>((done) => process.stdout.write('', () => done()));
  process.exit(code);
}

/** @returns the exit code; errors are written to `io.err`. */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<number> {
  try {
    const parsed = parseCommandLine(argv, commands);
    switch (parsed.kind) {
      case 'version':
        io.out.write(`${readVersion()}\n`);
        return 0;
      case 'help':
        if (parsed.topic === undefined) io.out.write(helpOnAll(commands, readVersion()));
        else if (typeof parsed.topic === 'string') io.out.write(helpOnGroup(parsed.topic, commands));
        else io.out.write(helpOnCommand(parsed.topic));
        return 0;
      case 'run': {
        const run = await parsed.command.load();
        const code = await run({ args: parsed.args, options: parsed.options, io });
        return io.signal.aborted ? exitCodeOfSignal(String(io.signal.reason)) : (code ?? 0);
      }
    }
  } catch (thrown) {
    if (io.signal.aborted) {
      io.err.write(`tallystick: stopped by ${String(io.signal.reason)}\n`);
      return exitCodeOfSignal(String(io.signal.reason));
    }
    return report(thrown, io);
  }
}

function report(thrown: unknown, io: Io): number {
  const error = asTallyError(thrown);
  io.err.write(`tallystick: ${error.message}\n  ${error.remedy} (${error.code})\n`);
  return exitCodeOf(error);
}
