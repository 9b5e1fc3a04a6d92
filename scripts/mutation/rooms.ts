/**
 * The rooms whose code is mutated, and the tests that must notice.
 *
 * Purpose: which files get mutants, and which tests run against each: every source of clauses, so that a new file is not
 * forgotten, and everything else by which a denial could become a permit: terms, emergencies, verdicts, the fold of members, the
 * agreement's own check. Slow tests are left out, which can only let more mutants survive.
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
  /** Signatures of an agreement are remembered: by code that has no mutants in this room. */
  readonly remembersSigned: boolean;
}

const protocol = 'packages/protocol/src';
/** No clauses: words, and what has a room of its own. */
const beside = ['emergency.ts', 'notice.ts', 'terms.ts', 'verdict.ts'];
const besideTests = [
  'emergency.test.ts',
  'notice.test.ts',
  'terms-written.test.ts',
  'terms.test.ts',
  'verdict.test.ts',
];
const noClauses = ['index.ts', 'denial-texts.ts', ...beside, ...besideTests];
/** Random documents: minutes for every mutant that survives. */
const slow = ['rules.slow.test.ts'];

const at = (folder: string, files: readonly string[]): string[] =>
  files.map((file) => `${protocol}/${folder}/${file}`);
const files = readdirSync(join(root, protocol, 'policy'))
  .filter((file) => file.endsWith('.ts') && !noClauses.includes(file) && !slow.includes(file))
  .sort();

export const rooms: readonly Room[] = [
  {
    // `decide()`, its evaluators, and the schemas of what they read.
    name: 'policy',
    sources: at(
      'policy',
      files.filter((file) => !/\.(?:test|testkit)\.ts$/.test(file)),
    ),
    tests: at(
      'policy',
      files.filter((file) => file.endsWith('.test.ts')),
    ),
    remembersSigned: true,
  },
  {
    // The messages and the terms beside a decision.
    name: 'beside',
    sources: at('policy', beside),
    tests: at('policy', besideTests),
    remembersSigned: true,
  },
  {
    // Who belongs, who is suspended, whose key is whose.
    name: 'membership',
    sources: at('membership', ['fold.ts', 'messages.ts', 'state.ts']),
    tests: at('membership', ['keys.test.ts', 'membership.test.ts']),
    remembersSigned: true,
  },
  {
    // What an agreement has to be before it decides anything.
    name: 'agreement',
    sources: at('agreement', [
      'check.ts',
      'contradictions.ts',
      'contradictions-outputs.ts',
      'finders.ts',
      'signed.ts',
    ]),
    tests: at('agreement', ['standing-bounds.test.ts', 'standing.test.ts']),
    remembersSigned: false,
  },
];
