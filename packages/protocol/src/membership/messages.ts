/**
 * What members of a standing agreement tell each other after signing: suspension, withdrawal, resumption, renewal, keys.
 *
 * Purpose: one schema a message; each is signed by its sender and carries the sender's own sequence number, from 1
 * without gaps, so that a relay can neither replay one nor leave one out unnoticed. An `affirm` has no number of its
 * own: it names the number of the sender's last message, so that whoever lacks one knows, and only the newest is kept.
 * Assumes: RFC 8785 and strict Ed25519. Does not know: whether a message is due (fold.ts), channels, files.
 */
import { z } from 'zod';
import { stationId } from '../agreement/ephemeral.ts';
import { hex32, slug, whole } from '../agreement/standing.ts';
import { encodeHex } from '../bytes/index.ts';
import { canonicalBytes, domainHash, isSigned, type Sign, signValue } from '../wire/canonical.ts';

const hex64 = z.string().regex(/^[0-9a-f]{128}$/);
const sequence = whole(1, 10_000);

const head = {
  /** Id of the standing agreement. */
  agreement: hex32,
  from: stationId,
  sequence,
  atMs: whole(0, Number.MAX_SAFE_INTEGER),
  signature: hex64,
};

/** Why a member suspends: a closed vocabulary. */
export const suspensionReasons = [
  'incident',
  'order',
  'breach',
  'review-late',
  'ledger',
  'precaution',
] as const;

const suspensionRef = z.strictObject({ by: stationId, sequence });

export const membershipMessageSchema = z.discriminatedUnion('type', [
  /** At once, for everybody, by one signature: a party's, or that of a body with the power. */
  z.strictObject({
    ...head,
    type: z.literal('suspend'),
    reason: z.enum(suspensionReasons),
  }),
  /** One voice for lifting suspensions; they are lifted when every member has lifted them. */
  z.strictObject({ ...head, type: z.literal('resume'), lifts: z.array(suspensionRef).min(1).max(64) }),
  /** A party leaves for good. */
  z.strictObject({ ...head, type: z.literal('withdraw') }),
  /** 'Not suspended, and this is the list of members as I know it.' Sequence: of the sender's last message, 0 for none. */
  z.strictObject({ ...head, sequence: whole(0, 10_000), type: z.literal('affirm'), members: hex32 }),
  /** The next version, which the sender has signed, and its beginning: from then it is this one that is in force. */
  z.strictObject({
    ...head,
    type: z.literal('renew'),
    next: hex32,
    fromMs: whole(0, Number.MAX_SAFE_INTEGER),
  }),
  /**
   * A new key, which has signed the same body (domain `key-possession`). An officer's takes effect at once. The
   * sender's own signs everything after this message, and is believed once every other member accepted it.
   */
  z.strictObject({
    ...head,
    type: z.literal('rotate'),
    officer: slug.nullable(),
    publicKey: hex32,
    possession: hex64,
  }),
  /** The sender compared the new key of another member by another way. */
  z.strictObject({ ...head, type: z.literal('accept'), of: stationId, publicKey: hex32 }),
]);

export type MembershipMessage = z.infer<typeof membershipMessageSchema>;
type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;
export type MembershipBody = Without<MembershipMessage, 'signature'>;

const domain = 'membership';

/** Signs a message with the sender's key. */
export function signMembership(body: MembershipBody, sign: Sign): MembershipMessage {
  return { ...body, signature: encodeHex(signValue(domain, body, sign)) } as MembershipMessage;
}

/** @param publicKey of the sender, hex. */
export function isMembershipSigned({ signature, ...body }: MembershipMessage, publicKey: string): boolean {
  return isSigned(domain, body, signature, publicKey);
}

type Rotation = Extract<MembershipBody, { type: 'rotate' }>;
const claimOf = ({ agreement, from, sequence: at, officer, publicKey }: Omit<Rotation, 'possession'>) => ({
  agreement,
  from,
  sequence: at,
  officer,
  publicKey,
});

/** The new key's own signature over a rotation: 64 bytes as hex. */
export function provePossession(rotation: Omit<Rotation, 'possession'>, sign: Sign): string {
  return encodeHex(signValue('key-possession', claimOf(rotation), sign));
}

export function isPossessionProved(rotation: Rotation): boolean {
  return isSigned('key-possession', claimOf(rotation), rotation.possession, rotation.publicKey);
}

/** SHA-256 of what a message says, without its signature, as hex. */
export function hashMembership({ signature: _, ...body }: MembershipMessage): string {
  return encodeHex(domainHash('membership-message', canonicalBytes(body)));
}
