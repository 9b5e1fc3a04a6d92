/**
 * The inline twin: the compute port on the calling thread.
 *
 * Purpose: tests, small examples, and the yardstick for the pool.
 * Assumes: the caller can wait; the event loop gets a turn between sub-batches.
 * Does not know: threads.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TallyError } from '@tallystick/protocol/errors';
import { createCompute } from './batches.ts';
import { openThreadCpuClock } from './cpu-clock.ts';
import { chooseEngine, engineOf } from './engine.ts';
import { createTaskRunner } from './task.ts';
import type { Compute, ComputeOptions } from './types.ts';

/** Opens the inline twin; throws `compute.unavailable` where a forced engine cannot run. */
export async function openInline(options: Omit<ComputeOptions, 'threads'> = {}): Promise<Compute> {
  const chosen = chooseEngine(options.engine);
  const run = createTaskRunner(engineOf(chosen.seed), openThreadCpuClock());
  let isClosed = false;
  const host = {
    threads: 1,
    async run(task: Parameters<typeof run>[0]) {
      await nextTurn();
      if (isClosed) throw new TallyError('compute.unavailable', 'compute: closed');
      return run(task);
    },
    async close() {
      isClosed = true;
    },
  };
  return createCompute(host, { engine: chosen.seed.name, tried: chosen.tried, threads: 0 }, options);
}
