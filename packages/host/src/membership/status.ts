/**
 * The life of an agreement, for people.
 *
 * Purpose: who has said what, whose word is too old, what waits for whom, and what ends soon.
 * Assumes: a roll. Does not know: how it is shown.
 */
import { fingerprintOfKey } from '@tallystick/protocol/signature';
import { parseHex } from '@tallystick/protocol/bytes';
import { instantMs } from '@tallystick/protocol/agreement';
import {
  activeMembers,
  isKeyAccepted,
  type Member,
  type Renewal,
  renewalsOf,
  standingSuspensions,
} from '@tallystick/protocol/membership';
import type { Roll } from './roll.ts';

/** An agreement that ends within so many days is to be renewed. */
export const endsSoonDays = 30;
export const dayMs = 86_400_000;

export interface NewKeyStatus {
  /** Ed25519, hex. */
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly acceptedBy: readonly string[];
  readonly waitsFor: readonly string[];
}

export interface MemberStatus {
  readonly id: string;
  readonly name: string;
  readonly kind: Member['kind'];
  readonly isSelf: boolean;
  /** Newest word that nothing is suspended; null: none, or this station itself. */
  readonly heardAtMs: number | null;
  /** Its word is younger than the agreement asks. */
  readonly isHeard: boolean;
  /** Its newest word about the list of members as it is known here. */
  readonly confirmedAtMs: number | null;
  readonly hasWithdrawn: boolean;
  /** It said different things under one number. */
  readonly hasForked: boolean;
  /** Id of the newest next version that it has signed. */
  readonly renews: string | null;
  /** A key that it named and does not sign with yet. */
  readonly newKey: NewKeyStatus | null;
}

export interface SuspensionStatus {
  readonly by: string;
  readonly sequence: number;
  readonly reason: string;
  readonly atMs: number | null;
  readonly liftedBy: readonly string[];
  readonly waitsFor: readonly string[];
}

export interface MembershipStatus {
  readonly agreement: string;
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly notAfter: string;
  readonly time: 'not-yet' | 'in-force' | 'over';
  readonly endsSoon: boolean;
  readonly daysLeft: number;
  /** `open`: nothing that members said stands against a session. */
  readonly standing: 'open' | 'suspended' | 'ended' | 'renewed' | 'unheard';
  readonly members: readonly MemberStatus[];
  readonly suspensions: readonly SuspensionStatus[];
  /** As of when everybody else confirmed the list of members; null: never. */
  readonly listHeardAtMs: number | null;
  readonly isListHeard: boolean;
  /** Officers whose key is another than the agreement's. */
  readonly officerKeys: readonly {
    readonly of: string;
    readonly officer: string;
    readonly publicKey: string;
  }[];
  /** The next version once all have signed it; of several the one that begins first. */
  readonly renewal: Renewal | null;
}

export function describeMembership(roll: Roll, nowMs: number): MembershipStatus {
  const { membership, signed } = roll;
  const { agreement } = signed;
  const facts = roll.facts();
  const active = activeMembers(membership).map(({ id }) => id);
  const isYoung = (atMs: number | null, mostMs: number): boolean => atMs !== null && nowMs - atMs <= mostMs;
  const wordMs = agreement.freshness.notSuspendedMinutes * 60_000;
  const nameOf = (id: string): string =>
    [...agreement.parties, ...agreement.oversight].find((one) => one.id === id)?.name ?? id;

  const newKeyOf = (member: Member): NewKeyStatus | null => {
    const key = member.keys.findLast(({ signsFrom }) => signsFrom === null);
    if (key === undefined) return null;
    return {
      publicKey: key.publicKey,
      fingerprint: fingerprintOfKey(parseHex(key.publicKey)),
      acceptedBy: key.acceptedBy,
      waitsFor: isKeyAccepted(membership, member.id, key)
        ? []
        : active.filter((id) => id !== member.id && !key.acceptedBy.includes(id)),
    };
  };
  const members = membership.members.map(
    (member): MemberStatus => ({
      id: member.id,
      name: nameOf(member.id),
      kind: member.kind,
      isSelf: member.id === roll.own.id,
      heardAtMs: member.affirmed?.atMs ?? null,
      isHeard: isYoung(member.affirmed?.atMs ?? null, wordMs),
      confirmedAtMs: member.confirmedAtMs,
      hasWithdrawn: member.hasWithdrawn,
      hasForked: member.hasForked,
      renews: member.renews.at(-1)?.next ?? null,
      newKey: newKeyOf(member),
    }),
  );
  const suspensions = standingSuspensions(membership).map(
    ({ by, sequence, reason, liftedBy }): SuspensionStatus => ({
      by,
      sequence,
      reason,
      atMs: roll.saidAtMs(by, sequence) ?? null,
      liftedBy,
      waitsFor: active.filter((id) => !liftedBy.includes(id)),
    }),
  );
  const isListHeard = isYoung(facts.heardAtMs, agreement.freshness.membershipHours * 3_600_000);
  const isEnded = facts.withdrawn.length > 0 && membership.afterWithdrawal === 'ends-for-all';
  const isUnheard = !isListHeard || members.some((one) => !one.isSelf && !one.hasWithdrawn && !one.isHeard);
  const isSuspended = facts.suspendedBy.length > 0;
  const [renewal] = renewalsOf(membership).toSorted((a, b) => a.fromMs - b.fromMs);
  const isRenewed = renewal !== undefined && nowMs >= renewal.fromMs;
  const daysLeft = Math.max(0, Math.floor((roll.notAfterMs - nowMs) / dayMs));
  const hasBegun = nowMs >= (instantMs(agreement.notBefore) as number);
  const time = nowMs >= roll.notAfterMs ? 'over' : hasBegun ? 'in-force' : 'not-yet';
  const agreedKeys = new Set(
    agreement.parties.flatMap(({ officers }) => officers.map((one) => one.publicKey)),
  );
  return {
    agreement: roll.id,
    name: agreement.name,
    version: agreement.version,
    title: agreement.title,
    notAfter: agreement.notAfter,
    time,
    endsSoon: time !== 'over' && daysLeft < endsSoonDays,
    daysLeft,
    standing: isEnded
      ? 'ended'
      : isSuspended
        ? 'suspended'
        : isRenewed
          ? 'renewed'
          : isUnheard
            ? 'unheard'
            : 'open',
    members,
    suspensions,
    listHeardAtMs: facts.heardAtMs,
    isListHeard,
    officerKeys: facts.keys.flatMap(({ of, officer, publicKey }) =>
      officer === null || agreedKeys.has(publicKey) ? [] : [{ of, officer, publicKey }],
    ),
    renewal: renewal ?? null,
  };
}
