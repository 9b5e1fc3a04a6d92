/**
 * All mutants of a room, on all cores.
 *
 * Assumes: a worker answers every order once, in turn. Does not know: what mutants are.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { BuiltRoom } from './build.ts';
import type { Verdict } from './instance.ts';
import type { Order } from './worker.ts';

const script = fileURLToPath(new URL('./worker.ts', import.meta.url));

/** A worker, and how to ask it. */
function workerOf(): { readonly child: ChildProcess; readonly ask: (order: Order) => Promise<unknown> } {
  const child = fork(script);
  let settle: { resolve: (answer: unknown) => void; reject: (why: Error) => void } | undefined;
  child.on('message', (answer) => settle?.resolve(answer));
  child.on('exit', () => settle?.reject(new Error('mutation: a worker ended; what it said stands above')));
  const ask = (order: Order): Promise<unknown> =>
    new Promise((resolve, reject) => {
      settle = { resolve, reject };
      child.send(order);
    });
  return { child, ask };
}

/** Verdicts in the order of the mutants. @throws Error where a test fails without a mutant. */
export async function runMutants(built: BuiltRoom): Promise<{ tests: number; verdicts: readonly Verdict[] }> {
  const ids = built.mutants.map(({ id }) => id);
  const verdicts = new Map<string, Verdict>();
  let tests = 0;
  const workers = Array.from({ length: availableParallelism() }, workerOf);
  const work = async ({ ask }: (typeof workers)[number]): Promise<void> => {
    ({ tests } = (await ask({ type: 'open', built })) as { tests: number });
    for (let id = ids.shift(); id !== undefined; id = ids.shift()) {
      verdicts.set(id, (await ask({ type: 'run', id })) as Verdict);
    }
  };
  try {
    await Promise.all(workers.map(work));
  } finally {
    for (const { child } of workers) child.kill();
  }
  return { tests, verdicts: built.mutants.map(({ id }) => verdicts.get(id) as Verdict) };
}
