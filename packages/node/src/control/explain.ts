/**
 * Why a session was permitted or denied, as the control API shows it.
 *
 * Purpose: what the guard looked at and found, and what every station said. Does not know: words for people.
 */
import type { StandingAgreement } from '@tallystick/protocol/agreement';
import type { SessionDetail } from './api.ts';

/** One decision of this node's guard. */
export interface DecisionRecord {
  /** Before we ask; before we agree; before anything derived from a list leaves. */
  readonly phase: 'propose' | 'consent' | 'start';
  readonly atMs: number;
  readonly kind: 'permit' | 'denial';
  /** Id of the standing agreement that was asked; null: pins, own rules and ledger. */
  readonly agreement: string | null;
  /** Paths that were looked at, whether they failed or not. */
  readonly checked: readonly string[];
  /** Path, coded reason, and what failed it. */
  readonly failed: readonly { readonly clause: string; readonly code: string; readonly at: string }[];
}

/** What a station said to a proposal. */
export interface SessionAnswer {
  readonly id: string;
  readonly answer: 'consented' | 'refused';
  /** By its own clock; null in a refusal, which has none. */
  readonly atMs: number | null;
  /** Of a refusal. */
  readonly reasons: readonly string[];
  /** Who of its people approved: officers, or oversight bodies; none without a standing agreement. */
  readonly approvals: readonly { readonly of: string; readonly officer: string | null }[];
}

export interface SessionExplanation {
  readonly self: string;
  readonly detail: SessionDetail;
  /** As it is installed here; null: none was asked, or it is not here. */
  readonly agreement: StandingAgreement | null;
}
