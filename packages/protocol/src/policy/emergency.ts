/**
 * Emergencies: declared by one signature, over by themselves, reviewed by oversight.
 *
 * Purpose: the two messages, and what a node knows after each. An approver of a party declares; nothing runs on a
 * declaration alone, every request under it needs the approvals of tier `imminent`, so one signature suffices. A
 * review is given by an oversight body with the power to authorise: it says afterwards what the routine tier has it
 * say before. An auditor of a party may not review: nobody lifts a lock that their own side's haste has brought.
 * A review that finds the emergency not justified ends it at once.
 * Assumes: strict Ed25519; each message may arrive twice, late, and by way of anybody. The order among declarations
 * does not matter; a review follows its declaration.
 * Does not know: channels, storage, sessions. How many may wait and when the tier locks is decided by clauses-tier.ts.
 */
import { z } from 'zod';
import { stationId } from '../agreement/ephemeral.ts';
import { checkShape } from '../agreement/problems.ts';
import { hex32, slug, type StandingAgreement, whole } from '../agreement/standing.ts';
import { findingTerms, groundTerms } from '../agreement/terms.ts';
import { encodeHex } from '../bytes/index.ts';
import { canonicalBytes, domainHash, isSigned, type Sign, signValue } from '../wire/canonical.ts';
import { standingId } from '../agreement/signed.ts';
import { hourMs, secondMs } from './failure.ts';
import { currentKey } from './keys.ts';
import type { PolicyState } from './state.ts';

const head = {
  /** Id of the standing agreement. */
  agreement: hex32,
  atMs: whole(0, Number.MAX_SAFE_INTEGER),
  signature: z.string().regex(/^[0-9a-f]{128}$/),
};

export const emergencyMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...head,
    type: z.literal('declare'),
    of: stationId,
    officer: slug,
    grounds: z.enum(groundTerms),
  }),
  z.strictObject({
    ...head,
    type: z.literal('review'),
    /** The oversight body. */
    by: stationId,
    /** `emergencyId` of the declaration. */
    emergency: hex32,
    finding: z.enum(findingTerms),
  }),
]);

export type EmergencyMessage = z.infer<typeof emergencyMessageSchema>;
type Declaration = Extract<EmergencyMessage, { type: 'declare' }>;
type Review = Extract<EmergencyMessage, { type: 'review' }>;
type EmergencyBody = Omit<Declaration, 'signature'> | Omit<Review, 'signature'>;

const domain = 'emergency';

/** Signs a declaration with the officer's key, a review with the body's. */
export function signEmergency(body: EmergencyBody, sign: Sign): EmergencyMessage {
  return { ...body, signature: encodeHex(signValue(domain, body, sign)) } as EmergencyMessage;
}

/** What requests and reviews name: hash of the declaration without its signature, as hex. */
export function emergencyId({ signature: _, ...body }: Declaration): string {
  return encodeHex(domainHash('emergency', canonicalBytes(body)));
}

/** A declaration and the reviews of it, one of each body. Plain JSON, so that a node can keep it. */
export interface Emergency {
  readonly id: string;
  readonly declared: Declaration;
  readonly reviews: readonly Review[];
}

/** Why a message was not taken, in words. */
export const emergencyTexts = {
  'message.malformed': 'not a declaration and not a review, or with a field too many',
  'message.other-agreement': 'of another agreement',
  'message.signature': 'the signature does not verify',
  'message.from-future': 'of the future by more than the tolerance of the clocks',
  'tier.absent': 'the agreement has no tier imminent',
  'officer.unknown': 'no officer of that party by that id',
  'officer.role': 'only an approver may declare an emergency',
  'body.unknown': 'no oversight body of that id',
  'body.power': 'the body has no power to authorise, so it cannot review',
  'emergency.unknown': 'of an emergency that was never declared, as far as this node has heard',
  'review.before': 'older than the declaration that it reviews',
  'review.contradicts': 'this body has reviewed it before, in other words',
} as const;

export type EmergencyReason = keyof typeof emergencyTexts;

export type EmergencyOutcome =
  | { readonly kind: 'applied'; readonly emergencies: readonly Emergency[] }
  /** Heard before, word for word: nothing changes, and nothing is wrong. */
  | { readonly kind: 'known' }
  | { readonly kind: 'refused'; readonly reasons: readonly EmergencyReason[] };

interface Facts {
  readonly agreement: StandingAgreement;
  /** Keys that replaced those of the agreement. */
  readonly keys: PolicyState['membership']['keys'];
  readonly nowMs: number;
}

const refused = (...reasons: EmergencyReason[]): EmergencyOutcome => ({ kind: 'refused', reasons });

function isGenuine({ signature, ...body }: EmergencyMessage, publicKey: string): boolean {
  return isSigned(domain, body, signature, publicKey);
}

function takeDeclaration(
  { agreement, keys }: Facts,
  emergencies: readonly Emergency[],
  message: Declaration,
): EmergencyOutcome {
  if (agreement.tiers.imminent === null) return refused('tier.absent');
  const party = agreement.parties.find(({ id }) => id === message.of);
  const officer = party?.officers.find(({ id }) => id === message.officer);
  if (officer === undefined) return refused('officer.unknown');
  if (officer.role !== 'approver') return refused('officer.role');
  if (!isGenuine(message, currentKey(keys, message.of, officer.id, officer.publicKey)))
    return refused('message.signature');
  const id = emergencyId(message);
  // Ed25519 signatures of one text may differ; the text is what was declared.
  if (emergencies.some((one) => one.id === id)) return { kind: 'known' };
  return { kind: 'applied', emergencies: [...emergencies, { id, declared: message, reviews: [] }] };
}

function takeReview(
  { agreement, keys }: Facts,
  emergencies: readonly Emergency[],
  message: Review,
): EmergencyOutcome {
  const body = agreement.oversight.find(({ id }) => id === message.by);
  if (body === undefined) return refused('body.unknown');
  if (!body.powers.includes('authorise')) return refused('body.power');
  if (!isGenuine(message, currentKey(keys, body.id, null, body.publicKey)))
    return refused('message.signature');
  const place = emergencies.findIndex(({ id }) => id === message.emergency);
  const reviewed = emergencies[place];
  if (reviewed === undefined) return refused('emergency.unknown');
  const before = reviewed.reviews.find(({ by }) => by === message.by);
  if (before !== undefined) {
    const isSame = before.finding === message.finding && before.atMs === message.atMs;
    return isSame ? { kind: 'known' } : refused('review.contradicts');
  }
  if (message.atMs < reviewed.declared.atMs - agreement.freshness.clockSeconds * secondMs)
    return refused('review.before');
  const reviews = [...reviewed.reviews, message];
  return { kind: 'applied', emergencies: emergencies.with(place, { ...reviewed, reviews }) };
}

/**
 * Pure and total: a message that is malformed, forged, of another agreement, of the future or by somebody without the
 * role changes nothing and is refused with its reason.
 */
export function applyEmergency(
  facts: Facts,
  emergencies: readonly Emergency[],
  value: unknown,
): EmergencyOutcome {
  const { value: message } = checkShape(emergencyMessageSchema, value);
  if (message === undefined) return refused('message.malformed');
  const { agreement, nowMs } = facts;
  if (message.agreement !== standingId(agreement)) return refused('message.other-agreement');
  if (message.atMs - nowMs > agreement.freshness.clockSeconds * secondMs)
    return refused('message.from-future');
  return message.type === 'declare'
    ? takeDeclaration(facts, emergencies, message)
    : takeReview(facts, emergencies, message);
}

/** Where several bodies have reviewed: since the first of them; not justified where one of them says so. */
function reviewOf({ reviews }: Emergency): PolicyState['emergencies'][number]['review'] {
  if (reviews.length === 0) return null;
  const atMs = Math.min(...reviews.map((review) => review.atMs));
  const isDoubted = reviews.some(({ finding }) => finding === 'not-justified');
  return { atMs, finding: isDoubted ? 'not-justified' : 'justified' };
}

/** What a decision needs to know of them. */
export function policyEmergencies(emergencies: readonly Emergency[]): PolicyState['emergencies'] {
  return emergencies.map((one) => ({
    id: one.id,
    declaredAtMs: one.declared.atMs,
    review: reviewOf(one),
  }));
}

export interface EmergencyWhen {
  /** Until it lapses, or was found not justified. */
  readonly isInForce: boolean;
  readonly lapsesAtMs: number;
  readonly reviewDueAtMs: number;
  readonly review: PolicyState['emergencies'][number]['review'];
  /** Not reviewed in time: no session of the tier until it is. */
  readonly isLocking: boolean;
}

/** An emergency at a moment, by the same limits as the clauses. Tier imminent must be agreed. */
export function emergencyWhen(
  { tiers: { imminent } }: StandingAgreement,
  emergency: Emergency,
  nowMs: number,
): EmergencyWhen {
  const { lastsHours, reviewWithinHours } = imminent ?? { lastsHours: 0, reviewWithinHours: 0 };
  const { atMs } = emergency.declared;
  const lapsesAtMs = atMs + lastsHours * hourMs;
  const reviewDueAtMs = atMs + reviewWithinHours * hourMs;
  const review = reviewOf(emergency);
  return {
    isInForce: nowMs < lapsesAtMs && review?.finding !== 'not-justified',
    lapsesAtMs,
    reviewDueAtMs,
    review,
    isLocking: review === null && nowMs > reviewDueAtMs,
  };
}
