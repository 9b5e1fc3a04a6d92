/**
 * The cases of a decision: each changes one thing of a world that permits, and says what must fail.
 *
 * Purpose: boundary values of every clause, one below, at, and one above; read by the tests and made into the
 * decision vectors. What must fail is written here by hand, never computed.
 * Assumes: world.testkit.ts. Does not know: how decisions are made.
 */
import { memberCases } from './cases-members.testkit.ts';
import { outputCases } from './cases-output.testkit.ts';
import { privacyCases } from './cases-privacy.testkit.ts';
import { ruleCases } from './cases-rules.testkit.ts';
import { tierCases } from './cases-tier.testkit.ts';
import { timeCases } from './cases-time.testkit.ts';
import type { BaseName, World } from './world.testkit.ts';

/** `code clause` of every failed clause, in any order; none: permitted. */
export type Wanted = readonly string[];

export interface Case {
  readonly name: string;
  readonly base: BaseName;
  readonly edit: (world: World) => void;
  readonly want: Wanted;
}

export const cases: readonly Case[] = [
  ...timeCases,
  ...memberCases,
  ...outputCases,
  ...tierCases,
  ...privacyCases,
  ...ruleCases,
];
