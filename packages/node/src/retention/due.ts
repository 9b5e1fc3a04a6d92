/**
 * When a session's result is due to be deleted, and what is left of it then.
 *
 * Purpose: the days that a result is kept, and a session's record without its result. Pure.
 * Assumes: a session that is over has ended at `startedAtMs + elapsedMs`. Does not know: stores, clocks.
 */
import type { SessionDetail, SessionRetention } from '../control/api.ts';

export const dayMs = 86_400_000;

/** Where neither an agreement nor the operator says anything (docs/redress.md, Retention). */
export const defaultRetentionDays = 30;
export const mostRetentionDays = 3660;

/** What is agreed, if anything; the operator's own setting can only shorten it. */
export function retentionDays(agreedDays: number | null, ownDays: number | undefined): number {
  if (agreedDays === null) return ownDays ?? defaultRetentionDays;
  return Math.min(agreedDays, ownDays ?? agreedDays);
}

/** `endedAtMs`: null while the session goes on. A repeated answer is due with the one that it repeats. */
export function retentionOf(
  days: number,
  endedAtMs: number | null,
  repeated: SessionRetention | undefined,
): SessionRetention {
  const own = endedAtMs === null ? null : endedAtMs + days * dayMs;
  const dueAtMs = own === null ? null : Math.min(own, repeated?.dueAtMs ?? own);
  return { days, dueAtMs, deletedAtMs: null };
}

/** A session that is over and whose result is still there. */
export function isDue({ retention }: SessionDetail, nowMs: number): boolean {
  return retention.deletedAtMs === null && retention.dueAtMs !== null && retention.dueAtMs <= nowMs;
}

/** Who, with whom, what for and when stay; what came out goes. */
export function withoutResult(detail: SessionDetail, nowMs: number): SessionDetail {
  return {
    ...detail,
    matches: null,
    counts: null,
    release: null,
    labels: detail.labels && { ...detail.labels, cells: null },
    retention: { ...detail.retention, deletedAtMs: nowMs },
  };
}
