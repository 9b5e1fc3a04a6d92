/**
 * Entries about agreements, members, keys, tiers and oversight.
 *
 * Purpose: what changed who may do what, with the hash of the signed message that did it.
 * Does not know: those messages (../membership, ../policy).
 */
import { z } from 'zod';
import { code, fingerprint, hex16, hex32, instant, slug, stationId } from './fields.ts';

/** Hash of the signed message behind an entry. */
const message = hex32;

export const agreementEntries = {
  /** `by` signed the agreement, which was installed here. */
  sign: {},
  suspend: { message, reason: code },
  resume: { message },
  withdraw: { message },
  renew: { message, next: hex32 },
  /** A key changed: of the station `of`, or of one of its officers. */
  rotate: { message, of: stationId, officer: slug.nullable() },
  /** `by` accepts the new key of `of`. */
  accept: { message, of: stationId },
  /** `by` declared; `emergency` is what requests and reviews name. */
  emergency: { emergency: hex32, declaredAtMs: instant, lapsesAtMs: instant, reviewByMs: instant },
  /** The oversight body `by` reviewed. Late or not follows from the times. */
  review: { emergency: hex32, finding: code },
  /** The oversight body `by` says yes, or no, to a request. */
  authorise: { approval: hex16 },
  veto: { message, reason: code },
  /** `by` told the oversight body `to` of a request. */
  notice: { to: stationId },
  /** A pin was added or removed. */
  peer: { of: stationId, change: z.enum(['add', 'remove']), fingerprint: fingerprint.nullable() },
} as const;
