/**
 * Where a worker's entry file is, from sources and in the built command.
 *
 * Purpose: the one place that knows about the `.mjs` entries that register tsx.
 * Assumes: the built command has an entry of the same name. Does not know: what the workers do.
 */
import { fileURLToPath } from 'node:url';
import { builtFolder } from '@tallystick/host/install';

export type WorkerRoom = 'compute' | 'vault';

export interface WorkerEntry {
  /** Absolute path of the entry file. */
  readonly path: string;
  /** Options of the worker's own `node`; the parent's are not inherited (they may hold another loader). */
  readonly execArgv: string[];
}

export function workerEntry(room: WorkerRoom): WorkerEntry {
  return {
    path: fileURLToPath(new URL(`./${room}.mjs`, builtFolder ?? import.meta.url)),
    execArgv: builtFolder === undefined ? ['--conditions=@tallystick/source'] : [],
  };
}
