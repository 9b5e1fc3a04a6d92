/**
 * Two sides' ledgers against each other, and what a run costs.
 *
 * Purpose: heads are exchanged in consents; a difference says who is behind, who rolled back, and that one of two
 * histories is false. Charges and terms are computed in one place, so that all sides reserve the same.
 * Assumes: heads arrive over a pinned channel in a signed consent. Does not know: what a mismatch leads to (the
 * agreement suspends).
 */
import { encodeHex } from '../bytes/index.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';
import { applyLedger, emptyLedger, ledgerKey } from './ledger.ts';
import type { LedgerCharge, LedgerEntry, LedgerLimits, LedgerScope, LedgerState } from './ledger.ts';

/** What a consent says of a ledger. */
export interface LedgerHead {
  readonly key: string;
  readonly sequence: number;
  readonly head: string;
}

export function ledgerHead({ scope, sequence, head }: LedgerState): LedgerHead {
  return { key: ledgerKey(scope), sequence, head };
}

/**
 * - `equal`;
 * - `they-are-behind`: theirs is a former state of ours (rolled back, or an entry never reached them);
 * - `we-are-behind`: they have more entries; only theirs can show whether ours are among them;
 * - `forked`: the histories differ: one was edited;
 * - `other`: not the same ledger.
 */
export type HeadComparison = 'equal' | 'they-are-behind' | 'we-are-behind' | 'forked' | 'other';

/** Compares heads; `ourHeads[i]` is our head after entry i (0: the empty ledger). */
export function compareHeads(
  ours: LedgerHead,
  theirs: LedgerHead,
  ourHeads: readonly string[],
): HeadComparison {
  if (ours.key !== theirs.key) return 'other';
  if (ours.sequence === theirs.sequence) return ours.head === theirs.head ? 'equal' : 'forked';
  if (theirs.sequence > ours.sequence) return 'we-are-behind';
  return ourHeads[theirs.sequence] === theirs.head ? 'they-are-behind' : 'forked';
}

/**
 * Replays entries from the empty ledger: every head on the way and the last state, or the number of the entry that
 * does not apply. Finds an altered, missing or reordered entry of a stored history.
 */
export function replayLedger(
  scope: LedgerScope,
  entries: readonly LedgerEntry[],
  limits: LedgerLimits,
): { readonly state: LedgerState; readonly heads: readonly string[] } | { readonly failedEntry: number } {
  let state = emptyLedger(scope);
  const heads = [state.head];
  for (const [index, entry] of entries.entries()) {
    const outcome = applyLedger(state, entry, limits);
    if (outcome.type !== 'applied') return { failedEntry: index };
    ({ state } = outcome);
    heads.push(state.head);
  }
  return { state, heads };
}

/** What makes two runs the same question: hash, as hex, over everything that decides the answer. */
export interface LedgerTerms {
  /** List commitments by party, all of them. */
  readonly commitments: Readonly<Record<string, string>>;
  readonly output: 'counts' | 'matches';
  /** Predicate, labels, receivers: whatever JSON the proposal states of the answer. */
  readonly question: unknown;
  /** The privacy policy, or null. */
  readonly policy: unknown;
}

export function termsHash(terms: LedgerTerms): string {
  return encodeHex(domainHash('ledger-terms', canonicalBytes(terms)));
}

export interface ChargeQuery {
  readonly output: 'counts' | 'matches';
  /** A party of the session collects: it sees the exact histogram, so the run costs what matches cost. */
  readonly collectedByParty: boolean;
  /** Of the release; 0 without noise. */
  readonly microEpsilon: number;
  readonly femtoDelta: number;
  /** Records of this list that take part. */
  readonly records: number;
}

/** Epsilon for noised counts of a neutral collector; records for everything else (exact counts, matches). */
export function chargeFor(query: ChargeQuery): LedgerCharge {
  const { output, collectedByParty, microEpsilon, femtoDelta, records } = query;
  const noised = output === 'counts' && !collectedByParty && microEpsilon > 0;
  return noised ? { microEpsilon, femtoDelta, records: 0 } : { microEpsilon: 0, femtoDelta: 0, records };
}
