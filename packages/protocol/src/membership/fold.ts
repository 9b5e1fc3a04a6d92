/**
 * From messages to the list of members: who must sign what, in which order, and what it changes.
 *
 * Purpose: applyMembership(membership, message) → applied, refused or forked. Pure and total: a replayed, missing,
 * wrongly signed or undue message changes nothing and is refused with every reason.
 * Assumes: a membership made here. Does not know: the clock; how old a word may be is the decision's question.
 */
import { checkShape } from '../agreement/problems.ts';
import {
  hashMembership,
  isMembershipSigned,
  isPossessionProved,
  type MembershipMessage,
  membershipMessageSchema,
} from './messages.ts';
import {
  byOfficer,
  byText,
  isKeyAccepted,
  type Member,
  type MemberKey,
  type Membership,
  membersHash,
  standingSuspensions,
} from './state.ts';

export type MembershipReason =
  | 'message.malformed'
  | 'message.other-agreement'
  | 'message.unknown-sender'
  | 'message.signature'
  | 'message.replayed'
  | 'message.gap'
  | 'message.forked'
  | 'message.backwards'
  /** Said by a node that looks at its clock, not here. */
  | 'message.future'
  | 'key.not-accepted'
  | 'key.possession'
  | 'key.unknown'
  | 'key.taken'
  | 'member.withdrawn'
  | 'member.forked'
  | 'member.not-a-party'
  | 'officer.unknown'
  | 'suspension.no-power'
  | 'suspension.unknown'
  | 'suspension.own';

export type MembershipOutcome =
  | { readonly kind: 'applied'; readonly membership: Membership }
  /** Refused, and the list is as it was. */
  | { readonly kind: 'refused'; readonly reasons: readonly MembershipReason[] }
  /** Refused, and the sender is from now on not believed. */
  | { readonly kind: 'forked'; readonly membership: Membership };

const refused = (...reasons: MembershipReason[]): MembershipOutcome => ({ kind: 'refused', reasons });

function change(membership: Membership, id: string, changed: Partial<Member>): Membership {
  const members = membership.members.map((member) => (member.id === id ? { ...member, ...changed } : member));
  return { ...membership, members };
}

/**
 * The key behind a message's signature. What was said already stays with the key that signed it; a new message may be
 * by the key in use or by one that was named since.
 */
function keyOf(sender: Member, message: MembershipMessage): MemberKey | undefined {
  const isPast = message.type !== 'affirm' && message.sequence <= sender.hashes.length;
  const inUse = sender.keys.findLastIndex(
    ({ signsFrom }) => signsFrom !== null && (!isPast || signsFrom <= message.sequence),
  );
  const candidates = isPast ? sender.keys.slice(inUse, inUse + 1) : sender.keys.slice(inUse);
  return candidates.find(({ publicKey }) => isMembershipSigned(message, publicKey));
}

/** What is wrong with a well signed message whatever its type. */
function envelopeReasons(
  membership: Membership,
  sender: Member,
  key: MemberKey,
  message: MembershipMessage,
): MembershipReason[] {
  const reasons: MembershipReason[] = [];
  if (!isKeyAccepted(membership, sender.id, key)) reasons.push('key.not-accepted');
  if (sender.hasForked) reasons.push('member.forked');
  if (sender.hasWithdrawn) reasons.push('member.withdrawn');
  const said = sender.hashes.length;
  if (message.sequence > said + (message.type === 'affirm' ? 0 : 1)) reasons.push('message.gap');
  if (message.atMs < sender.lastAtMs) reasons.push('message.backwards');
  return reasons;
}

/** Every public key that anybody holds or held. */
function isTaken({ members, officerKeys }: Membership, publicKey: string): boolean {
  return (
    members.some(({ keys }) => keys.some((key) => key.publicKey === publicKey)) ||
    officerKeys.some((key) => key.publicKey === publicKey)
  );
}

function hasOfficer({ officerKeys }: Membership, of: string, officer: string): boolean {
  return officerKeys.some((key) => key.of === of && key.officer === officer);
}

/** What is wrong with a message of its type. */
function typeReasons(membership: Membership, sender: Member, message: MembershipMessage): MembershipReason[] {
  const reasons: MembershipReason[] = [];
  switch (message.type) {
    case 'suspend':
      if (!sender.maySuspend) reasons.push('suspension.no-power');
      break;
    case 'resume':
      for (const { by, sequence } of message.lifts) {
        if (!membership.suspensions.some((one) => one.by === by && one.sequence === sequence)) {
          reasons.push('suspension.unknown');
        }
      }
      break;
    case 'withdraw':
      if (sender.kind !== 'party') reasons.push('member.not-a-party');
      break;
    case 'affirm':
      if (message.sequence < sender.hashes.length) reasons.push('message.replayed');
      if (standingSuspensions(membership).some(({ by }) => by === sender.id)) reasons.push('suspension.own');
      break;
    case 'rotate':
      if (message.officer !== null && !hasOfficer(membership, sender.id, message.officer)) {
        reasons.push('officer.unknown');
      }
      if (isTaken(membership, message.publicKey)) reasons.push('key.taken');
      if (!isPossessionProved(message)) reasons.push('key.possession');
      break;
    case 'accept': {
      const of = membership.members.find(({ id }) => id === message.of);
      const pending = of?.keys.some(({ after, publicKey }) => after > 0 && publicKey === message.publicKey);
      if (pending !== true || message.of === sender.id) reasons.push('key.unknown');
      break;
    }
    case 'renew':
      break;
  }
  return reasons;
}

function rotate(
  membership: Membership,
  sender: Member,
  message: MembershipMessage & { type: 'rotate' },
): Membership {
  const { officer, publicKey } = message;
  if (officer === null) {
    const key = { after: message.sequence, publicKey, acceptedBy: [], signsFrom: null };
    return change(membership, sender.id, { keys: [...sender.keys, key] });
  }
  // A stable sort: of one officer's keys, the newest stays last.
  const officerKeys = [...membership.officerKeys, { of: sender.id, officer, publicKey }].sort(byOfficer);
  return { ...membership, officerKeys };
}

function accept(membership: Membership, message: MembershipMessage & { type: 'accept' }): Membership {
  const of = membership.members.find(({ id }) => id === message.of);
  const keys = (of?.keys ?? []).map((key) =>
    key.publicKey === message.publicKey
      ? { ...key, acceptedBy: [...new Set([...key.acceptedBy, message.from])].sort(byText) }
      : key,
  );
  return change(membership, message.of, { keys });
}

/** What a message changes beside the sender's counters. */
function effect(membership: Membership, sender: Member, message: MembershipMessage): Membership {
  const { from, sequence } = message;
  switch (message.type) {
    case 'suspend': {
      const suspension = { by: from, sequence, reason: message.reason, liftedBy: [] };
      const suspensions = [...membership.suspensions, suspension].sort(
        (a, b) => byText(a.by, b.by) || a.sequence - b.sequence,
      );
      return { ...membership, suspensions };
    }
    case 'resume': {
      const suspensions = membership.suspensions.map((one) =>
        message.lifts.some((lift) => lift.by === one.by && lift.sequence === one.sequence)
          ? { ...one, liftedBy: [...new Set([...one.liftedBy, from])].sort(byText) }
          : one,
      );
      return { ...membership, suspensions };
    }
    case 'withdraw':
      return change(membership, from, { hasWithdrawn: true });
    case 'affirm':
      return change(membership, from, { affirmed: { atMs: message.atMs, members: message.members } });
    case 'renew':
      // What was named once stays named: nobody takes back alone what all have agreed.
      return change(membership, from, {
        renews: [...sender.renews, { next: message.next, fromMs: message.fromMs }],
      });
    case 'rotate':
      return rotate(membership, sender, message);
    case 'accept':
      return accept(membership, message);
  }
}

/** The very message under its number; of words only the newest counts. */
function isHeard(sender: Member, message: MembershipMessage, before: string | undefined): boolean {
  if (message.type === 'affirm') return sender.affirmed !== null && message.atMs <= sender.affirmed.atMs;
  return before === hashMembership(message);
}

/** @param value a message as it arrived. Never throws for plain JSON. */
export function applyMembership(membership: Membership, value: unknown): MembershipOutcome {
  const { value: message } = checkShape(membershipMessageSchema, value);
  if (message === undefined) return refused('message.malformed');
  if (message.agreement !== membership.agreement) return refused('message.other-agreement');
  const sender = membership.members.find(({ id }) => id === message.from);
  if (sender === undefined) return refused('message.unknown-sender');
  const before = message.type === 'affirm' ? undefined : sender.hashes[message.sequence - 1];
  // Most of what arrives by many ways was heard before: no signature has to be verified to know that.
  if (isHeard(sender, message, before)) return refused('message.replayed');
  const key = keyOf(sender, message);
  if (key === undefined) return refused('message.signature');
  // Another message under a number that was used, and the signature is good.
  if (before !== undefined) {
    if (sender.hasForked) return refused('member.forked');
    return { kind: 'forked', membership: confirm(change(membership, sender.id, { hasForked: true })) };
  }
  const reasons = [
    ...envelopeReasons(membership, sender, key, message),
    ...typeReasons(membership, sender, message),
  ];
  if (reasons.length > 0) return { kind: 'refused', reasons: [...new Set(reasons)] };
  const counted = count(membership, sender, key, message);
  return { kind: 'applied', membership: confirm(effect(counted, memberOf(counted, sender.id), message)) };
}

/** What a message changes of its sender's counters. */
function count(
  membership: Membership,
  sender: Member,
  { publicKey }: MemberKey,
  message: MembershipMessage,
): Membership {
  const isNumbered = message.type !== 'affirm';
  const signsFrom = message.sequence + (isNumbered ? 0 : 1);
  const keys = sender.keys.map((key) =>
    key.publicKey === publicKey && key.signsFrom === null ? { ...key, signsFrom } : key,
  );
  if (!isNumbered) return change(membership, sender.id, { keys });
  const hashes = [...sender.hashes, hashMembership(message)];
  return change(membership, sender.id, { keys, hashes, lastAtMs: message.atMs });
}

function memberOf({ members }: Membership, id: string): Member {
  return members.find((member) => member.id === id) as Member;
}

/** Whoever's newest word names the list as it is now has confirmed it, whatever came first. */
function confirm(membership: Membership): Membership {
  const now = membersHash(membership);
  const members = membership.members.map((member) =>
    member.affirmed?.members === now ? { ...member, confirmedAtMs: member.affirmed.atMs } : member,
  );
  return { ...membership, members };
}
