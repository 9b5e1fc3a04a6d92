/**
 * The list of members, as one node knows it.
 *
 * Purpose: what the messages so far amount to; plain JSON, so that a node can keep it.
 * Assumes: only fold.ts makes one. Does not know: the clock, how messages arrive.
 */
import type { SignedAgreement } from '../agreement/signed.ts';
import { standingId } from '../agreement/signed.ts';
import { encodeHex } from '../bytes/index.ts';
import type { PolicyState } from '../policy/state.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';

/** The agreement's is the first. */
export interface MemberKey {
  /** Number of the message that named it; 0: the agreement did. */
  readonly after: number;
  readonly publicKey: string;
  readonly acceptedBy: readonly string[];
  /** Number of the first message that it signs, or would sign next; null: the key before is in use. */
  readonly signsFrom: number | null;
}

export interface Member {
  readonly id: string;
  readonly kind: 'party' | 'oversight';
  readonly maySuspend: boolean;
  /** Hash of every numbered message so far; the sequence number of the last is their number. */
  readonly hashes: readonly string[];
  /** Time of the last numbered message, by the sender's clock. */
  readonly lastAtMs: number;
  readonly keys: readonly MemberKey[];
  /** Newest word that nothing is suspended, and the list of members that it named; null: none. */
  readonly affirmed: { readonly atMs: number; readonly members: string } | null;
  /** Newest word that named the list of members as we know it. */
  readonly confirmedAtMs: number | null;
  readonly hasWithdrawn: boolean;
  /** Two messages under one number: the sender, or who has its key, says different things to different members. */
  readonly hasForked: boolean;
  /** Next versions that it has signed, the newest last. */
  readonly renews: readonly Renewal[];
}

/** A version of the agreement, by its id, that takes the place of the present one. */
export interface Renewal {
  readonly next: string;
  readonly fromMs: number;
}

export interface Suspension {
  readonly by: string;
  readonly sequence: number;
  readonly reason: string;
  readonly liftedBy: readonly string[];
}

export interface Membership {
  readonly agreement: string;
  readonly afterWithdrawal: 'rest-stands' | 'ends-for-all';
  readonly members: readonly Member[];
  /** All, lifted ones too: messages come in any order. */
  readonly suspensions: readonly Suspension[];
  /** The agreement's, and those that replaced them: the last of an officer is the one in use. */
  readonly officerKeys: readonly OfficerKey[];
}

interface OfficerKey {
  readonly of: string;
  readonly officer: string;
  readonly publicKey: string;
}

/** Texts by code units: the same order at every node. */
export const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
export const byOfficer = (a: OfficerKey, b: OfficerKey): number =>
  byText(a.of, b.of) || byText(a.officer, b.officer);

/** Nobody has said anything yet. */
export function emptyMembership({ agreement }: SignedAgreement): Membership {
  const member = (id: string, publicKey: string, kind: Member['kind'], maySuspend: boolean): Member => ({
    id,
    kind,
    maySuspend,
    hashes: [],
    lastAtMs: 0,
    keys: [{ after: 0, publicKey, acceptedBy: [], signsFrom: 1 }],
    affirmed: null,
    confirmedAtMs: null,
    hasWithdrawn: false,
    hasForked: false,
    renews: [],
  });
  return {
    agreement: standingId(agreement),
    afterWithdrawal: agreement.suspension.afterWithdrawal,
    members: [
      ...agreement.parties.map(({ id, publicKey }) => member(id, publicKey, 'party', true)),
      ...agreement.oversight.map(({ id, publicKey, powers }) =>
        member(id, publicKey, 'oversight', powers.includes('suspend')),
      ),
    ],
    suspensions: [],
    officerKeys: agreement.parties
      .flatMap(({ id, officers }) =>
        officers.map((one) => ({ of: id, officer: one.id, publicKey: one.publicKey })),
      )
      .sort(byOfficer),
  };
}

/** Those whose voice still counts. */
export function activeMembers({ members }: Membership): readonly Member[] {
  return members.filter(({ hasWithdrawn }) => !hasWithdrawn);
}

/** Those that not every active member has lifted. */
export function standingSuspensions(membership: Membership): readonly Suspension[] {
  const voices = activeMembers(membership);
  return membership.suspensions.filter(({ liftedBy }) => !voices.every(({ id }) => liftedBy.includes(id)));
}

/** A key is believed once every other active member accepted it; the agreement's own from the start. */
export function isKeyAccepted(membership: Membership, of: string, key: MemberKey): boolean {
  if (key.after === 0) return true;
  return activeMembers(membership).every(({ id }) => id === of || key.acceptedBy.includes(id));
}

/** Hash of who belongs, who is suspended by whom, and every key: what an `affirm` names. As hex. */
export function membersHash(membership: Membership): string {
  const { agreement, members, suspensions, officerKeys } = membership;
  const value = {
    agreement,
    members: members.map(({ id, hasWithdrawn, hasForked, keys }) => ({
      id,
      hasWithdrawn,
      hasForked,
      keys: keys.map(({ after, publicKey, acceptedBy }) => ({ after, publicKey, acceptedBy })),
    })),
    suspensions,
    officerKeys,
  };
  return encodeHex(domainHash('members', canonicalBytes(value)));
}

/** The next versions that every active member has signed, each from the earliest beginning that one of them named. */
export function renewalsOf(membership: Membership): readonly Renewal[] {
  const voices = activeMembers(membership);
  const named = voices.flatMap(({ renews }) => renews);
  return [...new Set(named.map(({ next }) => next))]
    .filter((next) => voices.every(({ renews }) => renews.some((one) => one.next === next)))
    .sort(byText)
    .map((next) => ({
      next,
      fromMs: Math.min(...named.filter((one) => one.next === next).map(({ fromMs }) => fromMs)),
    }));
}

/** What a decision needs to know of it. Who forked counts as suspending: nothing it says can be relied upon. */
export function policyMembership(membership: Membership, self: string): PolicyState['membership'] {
  const { members, officerKeys } = membership;
  const others = activeMembers(membership).filter(({ id }) => id !== self);
  const confirmed = others.map(({ confirmedAtMs }) => confirmedAtMs);
  const forked = members.filter(({ hasForked }) => hasForked).map(({ id }) => id);
  return {
    heardAtMs: confirmed.reduce(
      (oldest, at) => (oldest === null || at === null ? null : Math.min(oldest, at)),
      Number.MAX_SAFE_INTEGER as number | null,
    ),
    suspendedBy: [...new Set([...standingSuspensions(membership).map(({ by }) => by), ...forked])],
    withdrawn: members.filter(({ hasWithdrawn }) => hasWithdrawn).map(({ id }) => id),
    renewed: [...renewalsOf(membership)],
    notSuspended: others.flatMap(({ id, affirmed }) =>
      affirmed === null ? [] : [{ from: id, atMs: affirmed.atMs }],
    ),
    keys: [
      ...members.flatMap(({ id, keys }) =>
        keys
          .filter((key) => key.after > 0 && isKeyAccepted(membership, id, key))
          .map(({ publicKey }) => ({ of: id, officer: null, publicKey })),
      ),
      ...officerKeys.filter(
        ({ of, officer }, i) =>
          !officerKeys.some((later, j) => j > i && later.of === of && later.officer === officer),
      ),
    ],
  };
}
