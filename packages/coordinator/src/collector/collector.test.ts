/**
 * The collector's own door: it takes part only with exactly the keys that the agreement names.
 */
import { afterEach, expect, test } from 'vitest';
import { type AuditLog, openAuditLog } from '@tallystick/host/audit';
import { type Channel, memoryCoordinator } from '@tallystick/host/channel';
import { systemClock as clock } from '@tallystick/host/clock';
import { createIdentity, type SigningIdentity } from '@tallystick/host/identity';
import { greet } from '@tallystick/host/pump';
import { systemRandom as random } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import { memoryStore } from '@tallystick/host/store';
import {
  type Agreement,
  type StandingAgreement,
  standingId,
  type Station,
} from '@tallystick/protocol/agreement';
import { parseEntry } from '@tallystick/protocol/audit';
import { type PolicyRequest, requestId } from '@tallystick/protocol/policy';
import {
  defaultSentinels,
  encodeMessage,
  type MessageOf,
  parseMessage,
  signMessage,
} from '@tallystick/protocol/wire';
import { type Collector, startCollector } from './collector.ts';

const session = 'ab'.repeat(16);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const make = (id: string): Promise<SigningIdentity> => createIdentity(id, clock, random);
const station = ({ id, publicKey, fingerprint }: SigningIdentity): Station => ({
  id,
  publicKey: hex(publicKey),
  fingerprint,
});

let collector: Collector | undefined;
let audit: AuditLog | undefined;
const told = () => [...(audit?.leaves() ?? [])].map(parseEntry).slice(1);
afterEach(async () => {
  await collector?.close();
});

/** A request that says what the proposal of these tests says, but for `change`. */
function requestOf(nowMs: number, change: Partial<PolicyRequest>): PolicyRequest {
  return {
    agreement: 'a'.repeat(64),
    proposer: 'alpha',
    requester: 'ana',
    purpose: 'find',
    uses: ['statistics'],
    tier: 'routine',
    emergency: null,
    caseCommitment: 'c'.repeat(64),
    suite: 'ristretto255-SHA512',
    form: 'sealed',
    verified: true,
    subject: 'any',
    recipes: ['name'],
    recipeVersion: 1,
    lists: ['beta', 'alpha'].map((party) => ({ party, category: 'wanted' as const })),
    output: {
      id: 'numbers',
      receivers: ['alpha', 'beta'],
      predicate: null,
      atLeast: null,
      which: false,
      statistics: ['histogram'],
      labels: null,
      marks: { tlp: 'AMBER', pap: 'GREEN' },
    },
    collectors: ['collector'],
    privacy: null,
    cost: { microEpsilon: 0, femtoDelta: 0, records: 100 },
    retentionDays: 1,
    createdAtMs: nowMs - 1,
    expiresAtMs: nowMs + 60_000,
    nonce: 'e'.repeat(64),
    requesterSignature: 'd'.repeat(128),
    approvals: [],
    ...change,
  };
}

function proposalOf(
  proposer: SigningIdentity,
  beta: SigningIdentity,
  named: SigningIdentity,
  asked?: Partial<PolicyRequest>,
) {
  const nowMs = clock.nowMs();
  const request = asked === undefined ? null : requestOf(nowMs, asked);
  const agreement: Agreement = {
    version: 1,
    standing: request && { agreement: request.agreement, request: requestId(request) },
    suite: 'ristretto255-SHA512',
    form: 'sealed',
    parties: [station(proposer), station(beta)],
    collectors: [station(named)],
    purpose: request === null ? 'a test' : 'find',
    subject: 'any',
    recipes: ['name'],
    recipeVersion: 1,
    verified: true,
    sentinels: request === null ? 4 : defaultSentinels,
    privacy: null,
    padTo: null,
    labels: null,
    output: { kind: 'counts' },
    caps: null,
    chunkElements: 16,
    notAfterMs: nowMs + 60_000,
  };
  const body = {
    type: 'proposal' as const,
    session,
    proposer: proposer.id,
    agreement,
    request,
    caseCommitment: request && 'c'.repeat(64),
    proposedAtMs: nowMs,
    expiresAtMs: nowMs + 60_000,
    nonce: hex(random(32)),
  };
  return encodeMessage(signMessage(body, (message) => proposer.sign(message)));
}

/** Two parties dial a collector; `alpha` proposes. Gives alpha's channel, greeted. */
async function open(
  named: {
    beta?: SigningIdentity;
    collector?: SigningIdentity;
    asked?: Partial<PolicyRequest>;
    holds?: StandingAgreement;
  } = {},
): Promise<{ alpha: Channel; beta: Channel }> {
  const network = memoryCoordinator();
  const [self, alpha, beta] = await Promise.all(['collector', 'alpha', 'beta'].map(make));
  if (!self || !alpha || !beta) throw new Error('no identities');
  const sealer = createSealer(random(32), random);
  audit = openAuditLog({ store: memoryStore(), sealer, clock, random, identity: self });
  collector = await startCollector({
    identity: self,
    url: '',
    openMs: 5_000,
    connect: (identity) => network.connect(identity),
    audit,
    ...(named.holds && { agreements: [named.holds] }),
  });
  const dial = async (identity: SigningIdentity): Promise<Channel> => {
    const link = await network.connect(identity);
    const channel = await link.dial('collector', self.fingerprint, session);
    await greet(channel, clock, 5_000);
    return channel;
  };
  const channels = { alpha: await dial(alpha), beta: await dial(beta) };
  const proposal = proposalOf(alpha, named.beta ?? beta, named.collector ?? self, named.asked);
  await channels.alpha.send(proposal);
  return channels;
}

test('it consents where every channel is with the key that the agreement names', async () => {
  const { alpha, beta } = await open();
  for (const channel of [alpha, beta]) {
    const consent = parseMessage(
      (await channel.receive()) ?? new Uint8Array(),
      65_536,
    ) as MessageOf<'consent'>;
    expect(consent).toMatchObject({
      type: 'consent',
      from: 'collector',
      identifiers: 0,
      keyCommitment: null,
    });
    expect(consent.channels.map((bound) => bound.peer)).toEqual(['alpha', 'beta']);
  }
  expect(told()).toMatchObject([
    { type: 'propose', by: 'alpha', session, collectors: ['collector'] },
    { type: 'consent', by: 'collector', identifiers: null, log: { size: 2 } },
  ]);
  expect(collector?.sessions).toBe(1);
  await collector?.close();
  expect(told().at(-1)).toMatchObject({ type: 'result', outcome: 'aborted', code: 'peer.left' });
  expect(await Promise.all([alpha.closed, beta.closed])).toEqual([
    { by: 'peer', code: 'peer.left' },
    { by: 'peer', code: 'peer.left' },
  ]);
});

test('a party whose key is not the one in the agreement ends the session', async () => {
  const { alpha, beta } = await open({ beta: await make('beta') });
  expect(await Promise.all([alpha.closed, beta.closed])).toEqual([
    { by: 'peer', code: 'channel.pin' },
    { by: 'peer', code: 'channel.pin' },
  ]);
});

test('an agreement that names another key as collector ends the session', async () => {
  const { alpha } = await open({ collector: await make('collector') });
  expect(await alpha.closed).toEqual({ by: 'peer', code: 'channel.pin' });
});

const firstMessage = async (channel: Channel) =>
  parseMessage((await channel.receive()) ?? new Uint8Array(), 65_536);

test('under an agreement it consents to terms that say what was requested', async () => {
  const { alpha, beta } = await open({ asked: {} });
  for (const channel of [alpha, beta]) expect((await firstMessage(channel)).type).toBe('consent');
});

test.each<[string, Partial<PolicyRequest>, string[]]>([
  ['another purpose', { purpose: 'another' }, ['terms.differ']],
  ['fewer parties', { lists: [{ party: 'alpha', category: 'wanted' }] }, ['terms.differ']],
  ['another collector', { collectors: ['hub'] }, ['terms.differ']],
  [
    'less than a histogram',
    { output: { ...requestOf(0, {}).output, statistics: ['pairs'] } },
    ['terms.histogram'],
  ],
  ['matches', { output: { ...requestOf(0, {}).output, statistics: null } }, ['terms.differ']],
  ['by another', { proposer: 'beta' }, ['terms.differ']],
  ['for another case', { caseCommitment: 'd'.repeat(64) }, ['terms.differ']],
])('where %s was requested it refuses, and every party is told why', async (_, asked, reasons) => {
  const { alpha, beta } = await open({ asked });
  for (const channel of [alpha, beta]) {
    expect(await firstMessage(channel)).toMatchObject({ type: 'refusal', from: 'collector', reasons });
    expect((await channel.closed).by).toBe('peer');
  }
});

/** What an agreement says of this request, but for `change`; nobody signed it, since a collector verifies nothing. */
function agreementFor(change: object = {}): StandingAgreement {
  const parties = ['alpha', 'beta'];
  const instant = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  const list = { category: 'wanted', subject: 'any', recipes: ['name'], recipeVersion: 1, labels: null };
  const output = {
    id: 'numbers',
    kind: 'counts',
    form: 'sealed',
    purposes: ['find'],
    tiers: ['routine'],
    receivers: parties,
    collectors: ['collector'],
    collectorsNeeded: 1,
    listOwnerCollects: null,
    verified: true,
    marks: { tlp: 'AMBER', pap: 'GREEN' },
    statistics: ['histogram'],
    labels: false,
  };
  return {
    notBefore: instant(clock.nowMs() - 86_400_000),
    notAfter: instant(clock.nowMs() + 86_400_000),
    parties: parties.map((id) => ({ id })),
    suites: ['ristretto255-SHA512'],
    purposes: [{ id: 'find' }],
    prohibitedUses: ['profiling'],
    lists: parties.map((party) => ({ ...list, party })),
    outputs: [output],
    tiers: { routine: { approvals: 1, custodians: 0, oversight: 'notified' }, imminent: null },
    privacy: { minCount: 0, noise: null, identifiersPerRecord: 10, padTo: null },
    caps: { proposalMinutes: 60 },
    freshness: { clockSeconds: 60 },
    retention: { resultDays: 30 },
    ...change,
  } as unknown as StandingAgreement;
}

test('given the agreement it refuses what that does not permit; every party is told by which clauses', async () => {
  // The request has no privacy settings, which counts need under an agreement.
  for (const [change, reasons] of [
    [{}, ['privacy.missing']],
    [{ prohibitedUses: ['profiling', 'statistics'] }, ['use.prohibited', 'privacy.missing']],
  ] as const) {
    const holds = agreementFor(change);
    const { alpha, beta } = await open({ asked: { agreement: standingId(holds) }, holds });
    for (const channel of [alpha, beta]) {
      expect(await firstMessage(channel)).toMatchObject({ type: 'refusal', from: 'collector', reasons });
    }
    expect(told().map(({ type }) => type)).toContain('refuse');
    await collector?.close();
  }
});

test('given another agreement it does as without one', async () => {
  const { alpha } = await open({ asked: {}, holds: agreementFor() });
  expect((await firstMessage(alpha)).type).toBe('consent');
});
