/**
 * What tests have in the place of `packages/host/src/install`: the folder that build-once.ts made.
 *
 * Purpose: workers and children of tests start from the built command. Assumes: a vitest worker. Does not know: tests.
 */
import { pathToFileURL } from 'node:url';
import { inject } from 'vitest';

export const builtFolder: URL | undefined = pathToFileURL(`${inject('builtFolder')}/`);
