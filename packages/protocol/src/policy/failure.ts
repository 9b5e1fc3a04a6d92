/**
 * A failed clause, and the facts that clauses look at.
 *
 * Purpose: the row of every denial, and the one argument of every evaluator.
 * Assumes: inputs have their shape. Does not know: any clause.
 */
import type { StandingAgreement, StandingOutput } from '../agreement/standing.ts';
import type { ClauseCode, DenialCode } from './denial-texts.ts';
import type { PolicyRequest } from './request.ts';
import type { PolicyState } from './state.ts';

export interface FailedClause {
  /**
   * Path in the agreement, as `outputs.1.receivers`. `rules.N` for a local rule; `agreement`, `rules`, `request`,
   * `state`, `now` or a path in them where that document itself is malformed, or a proposal's terms differ from it.
   */
  readonly clause: string;
  /** Coded reason as a refusal carries it: `[a-z][a-z0-9.-]{0,63}`. */
  readonly code: DenialCode;
  /** What failed it: a path in `request`, `state`, `terms` or `proposal`, or `now`. */
  readonly at: string;
}

export interface Facts {
  readonly agreement: StandingAgreement;
  readonly agreementId: string;
  readonly request: PolicyRequest;
  readonly requestId: string;
  readonly state: PolicyState;
  readonly nowMs: number;
  /** The agreement's output that the request names, with its place; undefined: none. */
  readonly output: StandingOutput | undefined;
  readonly outputPath: string;
  /** Parties that bring a list, each once. */
  readonly bringers: readonly string[];
  /** Bringers and collectors, each once. */
  readonly stations: readonly string[];
}

export type Failure = readonly [code: ClauseCode, clause: string, at: string];

/** One small function a clause: everything that fails it, or nothing. */
export type Evaluator = (facts: Facts) => Iterable<Failure>;

/** The facts of whoever holds the agreement and knows of no node's state, but in which phase it is and what was announced. */
export interface StatedFacts extends Omit<Facts, 'state'> {
  readonly state: Pick<PolicyState, 'phase' | 'announced'>;
}

/** A clause about what is asked, and when: it asks no node what it knows. */
export type StatedEvaluator = (facts: StatedFacts) => Iterable<Failure>;

export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;

/** What is wrong with the age of something heard at `atMs`: it is unknown, of the future, or older than it may be. */
export function ageProblem(
  { nowMs, agreement }: Facts,
  atMs: number | null | undefined,
  maxAgeMs: number,
): 'unknown' | 'from-future' | 'stale' | undefined {
  if (atMs === null || atMs === undefined) return 'unknown';
  if (atMs - nowMs > agreement.freshness.clockSeconds * secondMs) return 'from-future';
  return nowMs - atMs > maxAgeMs ? 'stale' : undefined;
}
