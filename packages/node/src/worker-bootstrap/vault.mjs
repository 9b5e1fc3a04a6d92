/**
 * Entry of the vault worker when running from sources: registers tsx, then loads the TypeScript entry.
 *
 * Purpose: on Node 20 the entry of a worker may not be TypeScript. From `dist` the entry is plain JavaScript and
 * this file is not used.
 * Assumes: the worker was started with the condition `@tallystick/source`.
 * Does not know: the vault's interface. Messages that arrive before the entry has loaded wait in the port.
 */
import { register } from 'tsx/esm/api';

register();
await import('../vault/worker.ts');
