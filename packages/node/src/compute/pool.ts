/**
 * The pool: the compute port over piscina workers.
 *
 * Purpose: run sub-batches on every core, each worker with its own engine instance; turn a worker's death into
 * a coded error while piscina starts another.
 * Assumes: one task at a time for each worker; piscina's atomics stay off, because waiting on them starves the
 * message port that Comlink uses.
 * Does not know: what the batches are for.
 */
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { TallyError } from '@tallystick/protocol/errors';
import { workerEntry } from '../worker-bootstrap/index.ts';
import { createCompute, type TaskHost } from './batches.ts';
import { chooseEngine } from './engine.ts';
import { buffersOf, type Poison, type Task, type TaskOutcome, wipeTask } from './task.ts';
import type { Compute, ComputeOptions } from './types.ts';

/** Workers make short-lived texts (hashes) and little else: V8's default would let each grow by 48 MB of garbage. */
const youngMb = 4;
/** Some ten times what a worker's code and objects take: one that wants more is broken, and ends with a code. */
const heapMb = 256;

export interface PoolOptions extends ComputeOptions {
  /** Most heap of a worker, in MB; absent: `heapMb`. */
  readonly maxHeapMb?: number;
  /** For tests: lets `poison` reach the workers. */
  readonly allowPoison?: boolean;
}

export interface Pool extends Compute {
  /** For tests: makes one worker fail; `session.state` unless the pool was opened with `allowPoison`. */
  poison(how: Poison): Promise<void>;
}

function errorOfWorker(thrown: unknown, isClosed: boolean): TallyError {
  if (isClosed) return new TallyError('compute.unavailable', 'compute: closed');
  const code = (thrown as { code?: unknown } | null)?.code;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return new TallyError('compute.memory', 'worker: out of memory');
  return new TallyError('compute.worker', 'worker: died in the middle of a batch');
}

/** Opens a pool; throws `compute.unavailable` where a forced engine cannot run, `argument.invalid`. */
export async function openPool(options: PoolOptions = {}): Promise<Pool> {
  const threads = options.threads ?? availableParallelism();
  if (!Number.isInteger(threads) || threads < 1) {
    throw new TallyError('argument.invalid', `threads: want 1 or more, got ${threads}`);
  }
  const chosen = chooseEngine(options.engine);
  const entry = workerEntry('compute');
  const piscina = new Piscina({
    filename: entry.path,
    execArgv: entry.execArgv,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    atomics: 'disabled',
    resourceLimits: {
      maxYoungGenerationSizeMb: youngMb,
      maxOldGenerationSizeMb: options.maxHeapMb ?? heapMb,
    },
    workerData: { seed: chosen.seed },
  });
  piscina.on('error', () => {}); // a worker that dies idle is replaced; nobody is waiting for it
  let isClosed = false;

  const host: TaskHost = {
    threads,
    async run(task: Task): Promise<TaskOutcome> {
      try {
        if (isClosed) throw new TallyError('compute.unavailable', 'compute: closed');
        return (await piscina.run(task, { transferList: buffersOf(task) })) as TaskOutcome;
      } catch (thrown) {
        throw errorOfWorker(thrown, isClosed);
      } finally {
        wipeTask(task); // a task that never reached a worker still has its buffers
      }
    },
    async close() {
      isClosed = true;
      await piscina.destroy();
    },
  };
  const compute = createCompute(host, { engine: chosen.seed.name, tried: chosen.tried, threads }, options);
  return {
    ...compute,
    async poison(how) {
      if (options.allowPoison !== true) throw new TallyError('session.state', 'poison: only in tests');
      const outcome = await host.run({ op: 'poison', how });
      if (!outcome.ok) throw new TallyError(outcome.code, outcome.message);
    },
  };
}
