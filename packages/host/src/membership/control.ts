/**
 * The control API's methods about the life of agreements.
 *
 * Purpose: `membership.*`: parameters, results, and what each does, over a station's members.
 * Assumes: whoever calls is the station's owner, and may speak for it. Does not know: the transport.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { standingSuspensions, suspensionReasons } from '@tallystick/protocol/membership';
import { z } from 'zod';
import type { Clock } from '../clock/index.ts';
import type { Members, Said } from './members.ts';
import { describeMembership, type MembershipStatus } from './status.ts';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);
const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
/** Its id, the first eight characters of it or more, or its name: then the newest version that is not over. */
const agreement = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);

export const membershipParams = {
  'membership.status': z.strictObject({ agreement: agreement.optional() }),
  'membership.affirm': z.strictObject({ agreement }),
  'membership.suspend': z.strictObject({ agreement, reason: z.enum(suspensionReasons) }),
  /** Lifts all that stand, as far as this station is concerned. */
  'membership.resume': z.strictObject({ agreement }),
  'membership.withdraw': z.strictObject({ agreement }),
  'membership.renew': z.strictObject({
    agreement,
    next: hex32,
    /** When the next version begins. */
    fromMs: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  }),
  /** What a new key has to sign, beside itself. */
  'membership.claim': z.strictObject({ agreement }),
  'membership.rotate': z.strictObject({
    agreement,
    /** Null: the station's own. */
    officer: z.string().max(64).nullable(),
    publicKey: hex32,
    possession: z.string().regex(/^[0-9a-f]{128}$/),
  }),
  /** The fingerprint that was compared by another way. */
  'membership.accept': z.strictObject({ agreement, of: id, fingerprint: z.string().max(128) }),
} as const;

type Method = keyof typeof membershipParams;

export interface MembershipResults {
  'membership.status': readonly MembershipStatus[];
  'membership.affirm': MembershipStatus;
  'membership.suspend': Said;
  'membership.resume': Said;
  'membership.withdraw': Said;
  'membership.renew': Said;
  'membership.claim': { readonly agreement: string; readonly from: string; readonly sequence: number };
  'membership.rotate': Said;
  'membership.accept': Said;
}

type Methods = {
  readonly [M in Method]: (
    params: z.infer<(typeof membershipParams)[M]>,
  ) => MembershipResults[M] | Promise<MembershipResults[M]>;
};

export function createMembershipMethods(members: Members, clock: Clock): Methods {
  const find = (text: string): string => findAgreement(members, text, clock.nowMs());
  const describe = (one: string): MembershipStatus => describeMembership(members.roll(one), clock.nowMs());
  return {
    'membership.status': ({ agreement: text }) =>
      (text === undefined ? members.list().map((roll) => roll.id) : [find(text)]).map(describe),
    async 'membership.affirm'({ agreement: text }) {
      const one = find(text);
      await members.affirm(one);
      return describe(one);
    },
    'membership.suspend': ({ agreement: text, reason }) =>
      members.say(find(text), { type: 'suspend', reason }),
    'membership.resume'({ agreement: text }) {
      const one = find(text);
      const { membership, own } = members.roll(one);
      const lifts = standingSuspensions(membership)
        .filter(({ liftedBy }) => !liftedBy.includes(own.id))
        .map(({ by, sequence }) => ({ by, sequence }));
      if (lifts.length === 0) {
        throw new TallyError('membership.refused', 'resume: nothing stands that this station has not lifted');
      }
      return members.say(one, { type: 'resume', lifts });
    },
    'membership.withdraw': ({ agreement: text }) => members.say(find(text), { type: 'withdraw' }),
    'membership.renew': ({ agreement: text, next, fromMs }) =>
      members.say(find(text), { type: 'renew', next, fromMs }),
    'membership.claim'({ agreement: text }) {
      const one = find(text);
      const { own } = members.roll(one);
      return { agreement: one, from: own.id, sequence: own.said + 1 };
    },
    'membership.rotate': ({ agreement: text, officer, publicKey, possession }) =>
      members.say(find(text), { type: 'rotate', officer, publicKey, possession }),
    'membership.accept'({ agreement: text, of, fingerprint }) {
      const one = find(text);
      const key = describe(one).members.find((member) => member.id === of)?.newKey;
      if (key == null) throw new TallyError('membership.refused', `accept: ${of} has named no new key`);
      if (key.fingerprint !== fingerprint) {
        throw new TallyError(
          'membership.refused',
          `accept: ${of} has named another key than this fingerprint's`,
        );
      }
      return members.say(one, { type: 'accept', of, publicKey: key.publicKey });
    },
  };
}

/** Throws `agreement.unknown`, `argument.invalid` where it names several. */
function findAgreement(members: Members, text: string, nowMs: number): string {
  const rolls = members.list();
  const named = rolls
    .filter(({ signed, notAfterMs }) => signed.agreement.name === text && nowMs < notAfterMs)
    .sort((a, b) => b.signed.agreement.version - a.signed.agreement.version);
  const byId = text.length < 8 ? [] : rolls.filter((roll) => roll.id.startsWith(text));
  const found = named[0] ?? byId[0];
  if (found === undefined)
    throw new TallyError('agreement.unknown', `agreement ${text}: none of this name or id`);
  if (named.length === 0 && byId.length > 1) {
    throw new TallyError(
      'argument.invalid',
      `agreement ${text}: names ${byId.length} agreements; give more of the id`,
    );
  }
  return found.id;
}
