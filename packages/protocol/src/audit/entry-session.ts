/**
 * Entries that sessions leave.
 *
 * Purpose: double entry. The same session stands in the log of every station that took part: its proposal, every
 * consent or refusal, the start (the intent, before anything derived from a list leaves) and the result.
 * Does not know: when each is written (packages/node/src/session/audit.ts).
 */
import { z } from 'zod';
import {
  band,
  code,
  count,
  hex16,
  hex32,
  instant,
  path,
  slug,
  stationId,
  stations,
  whole,
} from './fields.ts';

/** A head of a station's log. */
const head = z.strictObject({ size: whole(0, Number.MAX_SAFE_INTEGER), root: hex32 });

/** Why a decision denied, clause by clause. */
const failed = z.array(z.strictObject({ clause: path, code })).max(256);

export const sessionEntries = {
  /** `by` proposed; written by the proposer before it dials, by others when the proposal arrives. */
  propose: {
    proposal: hex32,
    parties: stations.min(1),
    collectors: stations,
    form: z.enum(['direct', 'sealed']),
    output: z.enum(['counts', 'matches']),
    /** Names in the standing agreement; null without one. */
    purpose: slug.nullable(),
    tier: z.enum(['routine', 'imminent']).nullable(),
    caseCommitment: hex32.nullable(),
    expiresAtMs: instant,
  },
  /** `by` consented, and showed this head of its own log; null: it keeps none. */
  consent: { proposal: hex32, identifiers: band.nullable(), log: head.nullable() },
  /** `by` refused. */
  refuse: { proposal: hex32, reasons: z.array(code).max(32) },
  /** Our own decision stands against it. */
  deny: { phase: z.enum(['propose', 'consent', 'start']), failed },
  /** An officer of `of` approved the request that the session starts with. */
  approve: { approval: hex16, of: stationId },
  /** The intent: every consent is in, nothing derived from a list has left. */
  start: { proposal: hex32, consents: hex32 },
  /** A collector's numbers, or marks, are about to leave for the parties. */
  release: { proposal: hex32, transcript: hex32 },
  /** The end. `transcript` is the same at every station where it is not null. */
  result: {
    proposal: hex32.nullable(),
    outcome: z.enum(['done', 'stored', 'aborted']),
    transcript: hex32.nullable(),
    /** Why it was aborted. */
    code: code.nullable(),
    /** Own records that matched; null where there are none to tell. */
    records: band.nullable(),
  },
  /** Something did not belong: a message replayed, malformed, out of turn; a caller nobody pinned. Same ones are counted together. */
  attempt: { from: stationId.nullable(), code, count },
} as const;
