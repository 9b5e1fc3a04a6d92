/**
 * Before the tests: the command is built once, and every process and worker that a test starts runs that.
 *
 * Purpose: a process from sources takes seconds to compile; a test run starts hundreds.
 * Assumes: sources do not change while tests run. Does not know: any test.
 */
import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildBelow } from '../build/bundle.ts';

export default async function setup(project: TestProject): Promise<void> {
  project.provide('builtFolder', resolve(await buildBelow('.cache/built')));
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Absolute path of the built command. */
    builtFolder: string;
  }
}
