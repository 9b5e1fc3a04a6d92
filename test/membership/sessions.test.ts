/** What a suspension or a withdrawal ends at a node: the sessions under that agreement, and no others. */
import { fakeClock } from '@tallystick/host/clock';
import type { SigningIdentity } from '@tallystick/host/identity';
import { silentLog } from '@tallystick/host/log';
import type { MailHandler } from '@tallystick/host/mail';
import { systemRandom } from '@tallystick/host/random';
import { createSealer, dataKeyBytes } from '@tallystick/host/seal';
import { memoryStore } from '@tallystick/host/store';
import { standingId } from '@tallystick/protocol/agreement';
import { type MembershipBody, signMembership } from '@tallystick/protocol/membership';
import { expect, test } from 'vitest';
import { keepMembers, type NodeMembersOptions } from '../../packages/node/src/daemon/members.ts';
import { agreementOf, hashOf, signerOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import { nowMs, signAll } from '../../packages/protocol/src/policy/world.testkit.ts';

type Session = ReturnType<NodeMembersOptions['sessions']>[number];

function world(afterWithdrawal: 'rest-stands' | 'ends-for-all') {
  const base = agreementOf();
  const signed = signAll({ ...base, suspension: { ...base.suspension, afterWithdrawal } });
  const id = standingId(signed.agreement);
  const ended: string[] = [];
  const session = (name: string, agreement: string | undefined, ...parties: string[]): Session => {
    const standing = agreement === undefined ? null : { agreement, request: hashOf('request') };
    const terms = { standing, parties: parties.map((one) => ({ id: one })), collectors: [] };
    return {
      id: name,
      terms: name === 'unproposed' ? undefined : (terms as unknown as Session['terms']),
      cancel: (error) => void ended.push(`${name} ${error.code}`),
    } as Session;
  };
  let exchange: MailHandler = () => undefined;
  const members = keepMembers({
    store: memoryStore(),
    sealer: createSealer(systemRandom(dataKeyBytes), systemRandom),
    identity: { id: 'alba', sign: signerOf('alba') } as unknown as SigningIdentity,
    agreements: { list: () => [{ id, signed }] },
    mail: {
      ask: () => new Promise(() => undefined),
      serve(_, handler) {
        exchange = handler;
      },
      accept: () => undefined,
      close: () => Promise.resolve(),
    },
    link: { onState: () => undefined },
    audit: { append: () => undefined as never },
    attempts: { note: () => undefined },
    clock: fakeClock(nowMs),
    log: silentLog,
    sessions: () => [
      session('with-borea', id, 'alba', 'borea'),
      session('with-cedra', id, 'alba', 'cedra'),
      session('other', hashOf('another agreement'), 'alba', 'borea'),
      session('plain', undefined, 'alba', 'borea'),
      session('unproposed', id),
    ],
  });
  const hear = (from: string, rest: object): void => {
    const body = { agreement: id, from, sequence: 1, atMs: nowMs, ...rest } as MembershipBody;
    exchange(from, { agreement: id, heads: [], messages: [signMembership(body, signerOf(from))] });
  };
  return { members, hear, ended };
}

test('a suspension ends every session under the agreement', () => {
  const { hear, ended, members } = world('rest-stands');
  hear('watch', { type: 'renew', next: hashOf('next'), fromMs: 0 });
  expect(ended).toEqual([]);
  hear('inspect', { type: 'suspend', reason: 'order' });
  expect(ended).toEqual(['with-borea agreement.suspended', 'with-cedra agreement.suspended']);
  members.close();
});

test.each([
  ['rest-stands', ['with-borea agreement.suspended']],
  ['ends-for-all', ['with-borea agreement.suspended', 'with-cedra agreement.suspended']],
] as const)('a withdrawal ends those of who left, or all: %s', (after, want) => {
  const { hear, ended, members } = world(after);
  hear('borea', { type: 'withdraw' });
  expect(ended).toEqual(want);
  members.close();
});
