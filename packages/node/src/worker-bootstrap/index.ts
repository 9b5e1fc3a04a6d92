/**
 * Where a worker's entry file is, from sources and from `dist`.
 *
 * Purpose: the one place that knows about the `.mjs` entries that register tsx.
 * Assumes: from sources this file's address ends in `.ts`. Does not know: what the workers do.
 */
import { fileURLToPath } from 'node:url';

export type WorkerRoom = 'compute' | 'vault';

export interface WorkerEntry {
  /** Absolute path of the entry file. */
  readonly path: string;
  /** Options of the worker's own `node`; the parent's are not inherited (they may hold another loader). */
  readonly execArgv: string[];
}

const fromSources = import.meta.url.endsWith('.ts');

export function workerEntry(room: WorkerRoom): WorkerEntry {
  const url = fromSources
    ? new URL(`./${room}.mjs`, import.meta.url)
    : new URL(`../${room}/worker.js`, import.meta.url);
  return {
    path: fileURLToPath(url),
    execArgv: fromSources ? ['--conditions=@tallystick/source'] : [],
  };
}
