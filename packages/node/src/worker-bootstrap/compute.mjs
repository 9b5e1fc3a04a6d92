/**
 * Entry of a compute worker when running from sources: registers tsx, then loads the TypeScript entry.
 *
 * Purpose: on Node 20 the entry of a worker may not be TypeScript. From `dist` the entry is plain JavaScript and
 * this file is not used.
 * Assumes: the worker was started with the condition `@tallystick/source`.
 * Does not know: tasks. No top-level await: piscina first tries to `require` its entry.
 */
import { register } from 'tsx/esm/api';

register();
const entry = import('../compute/worker.ts');
entry.catch(() => {}); // the first task reports it; a rejection nobody awaits would restart the worker for ever

export default async function runTask(task) {
  return (await entry).default(task);
}
