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
import { createTaskRunner, type Task } from './task.ts';

const run = createTaskRunner(engineOf((workerData as { seed: EngineSeed }).seed), openThreadCpuClock());

/** Runs one task; the bytes of its outcome are moved, not copied. */
export default function runTask(task: Task): unknown {
  const outcome = run(task);
  if (!outcome.ok) return outcome;
  const { bytes } = outcome;
  const isWhole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  const moved = isWhole ? bytes : new Uint8Array(bytes); // never move a buffer that somebody else looks at
  return move({ [transferableSymbol]: [moved.buffer], [valueSymbol]: { ...outcome, bytes: moved } } as never);
}
