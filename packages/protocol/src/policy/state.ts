/**
 * What a node knows at the moment of a decision.
 *
 * Purpose: every fact beside agreement, rules, request and time that a clause may ask for; a fact that is missing
 * is null or absent, and denies.
 * Assumes: whoever fills it verified the messages behind it (../membership, ledger, audit log).
 * Does not know: how facts are gathered or stored.
 */
import { z } from 'zod';
import { stationId } from '../agreement/ephemeral.ts';
import { hex32, slug, whole } from '../agreement/standing.ts';
import { findingTerms } from '../agreement/terms.ts';
import { maxParties } from '../wire/limits.ts';
import { hex16, timeMs } from './request.ts';

const big = Number.MAX_SAFE_INTEGER;
const amount = whole(0, big);

export const stateSchema = z.strictObject({
  self: stationId,
  /**
   * `propose`: before we ask, and when a proposal has arrived, before our people are asked; `consent`: before we agree;
   * `start`: before anything derived from a list leaves.
   */
  phase: z.enum(['propose', 'consent', 'start']),
  /** Signed agreements of the same name that this node holds, this one too or not. */
  versions: z
    .array(z.strictObject({ id: hex32, version: whole(1, 10_000), notBeforeMs: timeMs }))
    .max(10_000),
  /** The fold of membership messages. */
  membership: z.strictObject({
    /** When the list of members was last confirmed; null: never. */
    heardAtMs: timeMs.nullable(),
    suspendedBy: z.array(stationId).max(64),
    withdrawn: z.array(stationId).max(64),
    /** Next versions that all members have signed, and from when each is in force. */
    renewed: z.array(z.strictObject({ next: hex32, fromMs: timeMs })).max(64),
    /** Newest signed word of each that nothing is suspended. */
    notSuspended: z.array(z.strictObject({ from: stationId, atMs: timeMs })).max(64),
    /** Keys that replace those of the agreement; officer null: the station's own. */
    keys: z.array(z.strictObject({ of: stationId, officer: slug.nullable(), publicKey: hex32 })).max(1024),
  }),
  clock: z.strictObject({
    /** False after a jump, until somebody looked at it. */
    trusted: z.boolean(),
    /** How far each partner's clock is from ours. */
    offsets: z.array(z.strictObject({ peer: stationId, offsetMs: whole(-big, big) })).max(64),
  }),
  /** Sizes of the lists, in identifiers with fillers: our own before we agree, everybody's before the start. */
  announced: z
    .array(z.strictObject({ party: stationId, identifiers: whole(0, 0xffff_ffff) }))
    .max(maxParties),
  /** By other sessions than this one. */
  approvalsUsed: z.array(hex16).max(100_000),
  noncesSeen: z.array(hex32).max(100_000),
  /** Request ids that an oversight body vetoed. */
  vetoes: z.array(z.strictObject({ by: stationId, request: hex32 })).max(10_000),
  /** Declarations under this agreement that this node has heard of, and what came of their reviews. */
  emergencies: z
    .array(
      z.strictObject({
        id: hex32,
        declaredAtMs: timeMs,
        review: z.strictObject({ atMs: timeMs, finding: z.enum(findingTerms) }).nullable(),
      }),
    )
    .max(10_000),
  ledger: z.strictObject({
    today: z.strictObject({ sessions: amount, records: amount }),
    /** What this period and this day have cost with each partner. */
    partners: z
      .array(
        z.strictObject({
          partner: stationId,
          microEpsilon: amount,
          femtoDelta: amount,
          records: amount,
          listVersions: amount,
          /** Our list, as it stands, was not yet charged in this period. */
          isNewListVersion: z.boolean(),
          sessionsToday: amount,
          recordsToday: amount,
          /** The partner's head equals ours. */
          agrees: z.boolean(),
        }),
      )
      .max(64),
  }),
  log: z.strictObject({
    intact: z.boolean(),
    /** False after a start from a backup, until the partners confirmed the heads. */
    confirmed: z.boolean(),
    witnessedAtMs: timeMs.nullable(),
    /**
     * Of each partner's log, as its consent shows it: when somebody whom the agreement names cosigned it; null: nobody.
     * Before the start; else empty.
     */
    partners: z.array(z.strictObject({ station: stationId, witnessedAtMs: timeMs.nullable() })).max(64),
  }),
  /** What each station says of itself. */
  software: z.array(z.strictObject({ station: stationId, version: z.string().max(64) })).max(64),
});

export type PolicyState = z.infer<typeof stateSchema>;
