/**
 * Entries about what is kept, given away, witnessed and put right.
 *
 * Purpose: ledger, exports, retention, witnesses, redress, the clock, incidents.
 * Does not know: tickets' contents, results.
 */
import { z } from 'zod';
import { code, hex16, hex32, hex64, instant, stationId, whole } from './fields.ts';

export const keepingEntries = {
  /** The first entry of every log: whose it is. */
  open: { log: hex16, publicKey: hex32 },
  /** Heads that hold this entry are signed with this key; `signature` is the last word of the key before (keys.ts). */
  key: { publicKey: hex32, signature: hex64 },
  /** The ledger was charged, or somebody accepted a difference or is disputed. */
  ledger: {
    change: z.enum(['charge', 'accept', 'dispute']),
    partner: stationId.nullable(),
    /** What the session costs each partner's budget; null where nothing is charged in epsilon. */
    microEpsilon: whole(0, Number.MAX_SAFE_INTEGER).nullable(),
  },
  /** Something was handed out: a log, evidence, a result, a report; `digest` of it where there is one. */
  export: { what: z.enum(['log', 'evidence', 'result', 'report']), digest: hex32.nullable() },
  /** A result was deleted; `commitment` is what is left of it. */
  expire: { commitment: hex32, reason: code },
  /** `by` cosigned our log at this size, or we cosigned that of `of`; refused: with a code. */
  witness: {
    of: stationId,
    size: whole(0, Number.MAX_SAFE_INTEGER),
    root: hex32,
    code: code.nullable(),
  },
  'redress-open': { ticket: hex16, subject: hex32, acknowledgeByMs: instant, decideByMs: instant },
  'redress-answer': { ticket: hex16, answer: code, isLate: z.boolean(), isDisclosed: z.boolean() },
  /** A correction went to `to`, or came from `by`. */
  correction: { ticket: hex16, to: stationId, commitment: hex32 },
  /** A person looked at the clock, which had jumped by so much since it was last trusted; null: it had not. */
  clock: {
    jumpedByMs: z.number().int().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER).nullable(),
  },
  /** Something went wrong under an agreement; by when its contact has to be told, and that it was. */
  incident: { incident: hex16, kind: code, knownAtMs: instant, notifyByMs: instant },
  'incident-notified': { incident: hex16, isLate: z.boolean() },
} as const;
