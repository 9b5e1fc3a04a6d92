/**
 * Entry of a compute worker when running from sources: registers tsx, then loads the TypeScript entry.
 *
 * Purpose: on Node 20 the entry of a worker may not be TypeScript. The built command has plain JavaScript of this name
 * in its place.
 * Assumes: the worker was started with the condition `@tallystick/source`. tsx is registered for `require`, which
 * works on this thread; for `import` every worker would get one more thread of hooks and 10 to 20 MB with it.
 * Does not know: tasks.
 */
import { createRequire } from 'node:module';
import { register } from 'tsx/cjs/api';

register();
export default createRequire(import.meta.url)('../compute/worker.ts').default;
