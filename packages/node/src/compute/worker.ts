/**
 * A compute worker: runs tasks on an engine of its own, made from the seed in `workerData`.
 *
 * Purpose: the entry that piscina loads (through worker-bootstrap when running from sources).
 * Assumes: piscina hands over one task at a time. Does not know: sessions, batches, other workers.
 */
import { workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { openThreadCpuClock } from './cpu-clock.ts';
import { type EngineSeed, engineOf } from './engine.ts';
import { giveBack } from './give-back.ts';
import { buffersOf, createTaskRunner, type Task } from './task.ts';

const run = createTaskRunner(engineOf((workerData as { seed: EngineSeed }).seed), openThreadCpuClock());

/** Runs one task; the bytes of its outcome are moved, not copied. */
export default function runTask(task: Task): unknown {
  const outcome = run(task);
  for (const buffer of buffersOf(task)) giveBack(buffer);
  if (!outcome.ok) return outcome;
  return move({ [transferableSymbol]: [outcome.bytes.buffer], [valueSymbol]: outcome } as never);
}
