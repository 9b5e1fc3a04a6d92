/**
 * Entry of the vault worker when running from sources: registers tsx, then loads the TypeScript entry.
 *
 * Purpose, assumptions: as for compute.mjs.
 * Does not know: the vault's interface. Messages that arrive before the entry listens wait in the port.
 */
import { createRequire } from 'node:module';
import { register } from 'tsx/cjs/api';

register();
createRequire(import.meta.url)('../vault/worker.ts');
