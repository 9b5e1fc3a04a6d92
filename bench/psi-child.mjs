/**
 * Entry of a process of the benches when running from sources.
 *
 * Purpose: registers tsx for `require`, on this thread. For `import` it would take one more thread of hooks, which an
 * installed package does not have, and its memory would be counted as a node's.
 * Assumes: the condition `@tallystick/source`. Does not know: orders.
 */
import { createRequire } from 'node:module';
import { register } from 'tsx/cjs/api';

register();
createRequire(import.meta.url)('./psi-child.ts');
