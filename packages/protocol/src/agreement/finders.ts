/**
 * What a contradiction is, as data.
 *
 * Purpose: the row of the tables in contradictions.ts and contradictions-outputs.ts.
 * Assumes: nothing. Does not know: any contradiction.
 */
import type { ProblemCode } from './problem-texts.ts';
import type { StandingAgreement, StandingClause } from './standing.ts';

export type Path = readonly (string | number)[];

export type Found = readonly [code: ProblemCode, ...path: Path];

export interface Contradiction {
  readonly reads: readonly StandingClause[];
  /** Problems as [code, path…]; none where nothing is wrong. */
  find(agreement: StandingAgreement): Iterable<Found>;
}

/** For type inference, and nothing else. */
export const contradiction = (
  reads: readonly StandingClause[],
  find: Contradiction['find'],
): Contradiction => ({
  reads,
  find,
});

export type Named = readonly [value: string, ...path: Path];

/** Every value after its first. */
export function* repeats(values: Iterable<Named>, code: ProblemCode): Generator<Found> {
  const seen = new Set<string>();
  for (const [value, ...path] of values) {
    if (seen.has(value)) yield [code, ...path];
    seen.add(value);
  }
}
