/**
 * The room whose code is mutated, and the tests that must notice.
 *
 * Purpose: which files get mutants: every source of clauses, so that a new file is not forgotten; and which tests
 * run against each mutant. Slow ones are left out, which can only let more mutants survive.
 * Does not know: how mutants are made or tests run.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Room {
  readonly name: string;
  /** Paths from the root, with slashes. */
  readonly sources: readonly string[];
  readonly tests: readonly string[];
}

const folder = 'packages/protocol/src/policy';
/** No clauses: words, and the messages and terms beside a decision, which have tests of their own. */
const noClauses = ['index.ts', 'denial-texts.ts', 'emergency.ts', 'notice.ts', 'terms.ts', 'verdict.ts'];
/** Pairs of cases and random documents: minutes for every mutant that survives. */
const slow = ['rules.slow.test.ts'];

const files = readdirSync(join(root, folder))
  .filter((file) => file.endsWith('.ts') && !noClauses.includes(file) && !slow.includes(file))
  .sort();
const at = (file: string): string => `${folder}/${file}`;

/** `decide()`, its evaluators, and the schemas of what they read. */
export const policy: Room = {
  name: 'policy',
  sources: files.filter((file) => !/\.(?:test|testkit)\.ts$/.test(file)).map(at),
  tests: files.filter((file) => file.endsWith('.test.ts')).map(at),
};
