/**
 * Nodes and an oversight body, in memory: what is asked reaches the body, what it says reaches everybody, and nothing
 * but its own word counts.
 */
import { createAgreementShelf, stationsUnder } from '@tallystick/host/agreements';
import { openAuditLog } from '@tallystick/host/audit';
import { type CoordinatorLink, memoryCoordinator } from '@tallystick/host/channel';
import { type FakeClock, fakeClock } from '@tallystick/host/clock';
import { createIdentity, type Fingerprint, type SigningIdentity } from '@tallystick/host/identity';
import { silentLog } from '@tallystick/host/log';
import { createMail, type Mail, mailTag } from '@tallystick/host/mail';
import { createMembershipShelf, Members } from '@tallystick/host/membership';
import { systemRandom } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import { memoryStore, type Store } from '@tallystick/host/store';
import { createOversightDesk, type OversightDesk } from '@tallystick/node/oversight';
import { type RunningOversight, startOversight } from '@tallystick/oversight/body';
import { parseEntry } from '@tallystick/protocol/audit';
import type { TallyError } from '@tallystick/protocol/errors';
import {
  parseNotice,
  type PolicyRequest,
  signNotice,
  signVeto,
  type Verdict,
} from '@tallystick/protocol/policy';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { agreementAmong, requestUnder } from './kit.ts';

const startMs = Date.parse('2027-03-01T12:00:00Z');
const hourMs = 3_600_000;
const key = new Uint8Array(32).fill(3);

let alba: SigningIdentity;
let borea: SigningIdentity;
let watch: SigningIdentity;
let agreement: ReturnType<typeof agreementAmong>;

beforeAll(async () => {
  const clock = fakeClock(startMs);
  [alba, borea, watch] = (await Promise.all(
    ['alba', 'borea', 'watch'].map((id) => createIdentity(id, clock, systemRandom)),
  )) as [SigningIdentity, SigningIdentity, SigningIdentity];
  agreement = agreementAmong([alba, borea, watch]);
});

interface Node {
  readonly desk: OversightDesk;
  readonly mail: Mail;
  readonly link: CoordinatorLink;
  readonly store: Store;
  readonly cancelled: [request: string, code: string][];
  entries(type: string): Record<string, unknown>[];
  stop(): Promise<void>;
}

let clock: FakeClock;
let place: ReturnType<typeof memoryCoordinator>;
const running: { stop(): Promise<void> }[] = [];

async function startNode(identity: SigningIdentity, store: Store = memoryStore()): Promise<Node> {
  const sealer = createSealer(key, systemRandom);
  const link = await place.connect(identity);
  const audit = openAuditLog({ store, sealer, clock, random: systemRandom, identity });
  const agreements = createAgreementShelf(store, sealer, identity, audit);
  agreements.install(agreement.signed, clock.nowMs());
  const pins = new Map<string, Fingerprint>(
    stationsUnder(agreement.signed.agreement).map((one) => [one.id, one.fingerprint]),
  );
  const mail = createMail({ link, peers: () => pins, clock, log: silentLog });
  link.onRing((ring) => (ring.tag === mailTag ? mail.accept(ring) : ring.reject()));
  const cancelled: Node['cancelled'] = [];
  const desk = createOversightDesk({
    identity,
    store,
    sealer,
    agreements,
    keys: () => [],
    audit,
    mail,
    clock,
    log: silentLog,
    attempt: () => undefined,
    cancel: (request, error: TallyError) => void cancelled.push([request, error.code]),
  });
  const node: Node = {
    desk,
    mail,
    link,
    store,
    cancelled,
    entries: (type) =>
      [...audit.leaves()].map(parseEntry).filter((entry) => entry.type === type) as unknown as Record<
        string,
        unknown
      >[],
    async stop() {
      desk.close();
      await mail.close();
      await link.close();
    },
  };
  running.push(node);
  return node;
}

async function startBody(): Promise<RunningOversight> {
  const body = await startOversight({
    place: { kind: 'ephemeral', identity: watch },
    coordinatorUrl: 'ws://memory',
    connect: (self) => place.connect(self),
    clock,
  });
  running.push({ stop: () => body.close() });
  await body.call('oversight.install', { signed: agreement.signed });
  return body;
}

beforeEach(() => {
  clock = fakeClock(startMs);
  place = memoryCoordinator();
});

afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop();
});

const ask = (nonce: string) =>
  requestUnder(agreement.id, nonce, { createdAtMs: startMs, expiresAtMs: startMs + hourMs });
const until = (fn: () => unknown): Promise<void> => vi.waitFor(() => expect(fn()).toBeTruthy(), 30_000);
const noticeOf = (identity: SigningIdentity, request: PolicyRequest) =>
  signNotice(request, identity.id, (message) => identity.sign(message));
const asked = async (body: RunningOversight): Promise<string[]> =>
  (await body.call('oversight.requests', {})).map(({ id }) => id);

test('both parties tell, the body authorises, every party has it', async () => {
  const [north, south, body] = [await startNode(alba), await startNode(borea), await startBody()];
  const { id, request } = ask('one');
  north.desk.tell(request);
  south.desk.tell(request);
  await vi.waitFor(async () => {
    const [row] = await body.call('oversight.requests', {});
    expect([...(row?.toldBy ?? [])].sort()).toEqual(['alba', 'borea']);
  }, 30_000);
  const { asked: shown, signed } = await body.call('oversight.show', { request: id.slice(0, 8) });
  expect([shown.request, signed]).toEqual([request, agreement.signed]);
  // With what is kept, anybody who has the agreement sees who asked.
  for (const { by, signature } of shown.toldBy) {
    const inForce = () => ({ agreement: signed.agreement, replaced: [] });
    expect(parseNotice(by, { request, signature }, inForce)).toEqual({ request, signature });
  }

  const row = await body.call('oversight.authorise', { request: id.slice(0, 8) });
  expect(row.verdicts).toEqual([{ by: 'watch', kind: 'authorise' }]);
  for (const node of [north, south]) {
    await until(() => node.desk.authorisations(id).length === 1);
    expect(node.desk.authorisations(id)[0]).toMatchObject({ of: 'watch', officer: null, request: id });
    expect(node.desk.vetoes(id)).toEqual([]);
    expect(node.entries('authorise')).toMatchObject([{ by: 'watch', request: id }]);
    expect(node.entries('notice').map(({ to }) => to)).toEqual(['watch', 'inspect']);
  }
  expect(north.desk.authorisations(id)).toEqual(south.desk.authorisations(id));
  // Said once: a second yes is the first.
  await body.call('oversight.authorise', { request: id });
  expect((await body.call('oversight.show', { request: id })).asked.verdicts).toHaveLength(1);
});

test('a veto ends what runs, once, and stands after a start; nothing follows it', async () => {
  const [north, south, body] = [await startNode(alba), await startNode(borea), await startBody()];
  const { id, request } = ask('two');
  north.desk.tell(request);
  await vi.waitFor(async () => expect(await asked(body)).toEqual([id]), 30_000);
  await body.call('oversight.veto', { request: id, reason: 'disproportionate' });
  for (const node of [north, south]) {
    await until(() => node.desk.vetoes(id).length === 1);
    expect(node.desk.vetoes(id)).toEqual([{ by: 'watch', request: id }]);
    expect(node.cancelled).toEqual([[id, 'agreement.denied']]);
    expect(node.entries('veto')).toMatchObject([{ by: 'watch', request: id, reason: 'disproportionate' }]);
  }
  await expect(body.call('oversight.authorise', { request: id })).rejects.toMatchObject({
    code: 'request.over',
  });

  // The same word again, brought by a party: heard, and nothing more.
  const { asked: shown } = await body.call('oversight.show', { request: id });
  const [verdict] = shown.verdicts;
  await north.mail.ask('borea', 'oversight.verdict', { verdict });
  expect([south.cancelled.length, south.entries('veto').length]).toEqual([1, 1]);

  await south.stop();
  const again = await startNode(borea, south.store);
  expect(again.desk.vetoes(id)).toEqual([{ by: 'watch', request: id }]);
});

test('what is not the word of a body is refused, and changes nothing', async () => {
  const [north, south] = [await startNode(alba), await startNode(borea)];
  const { id } = ask('three');
  const said = { agreement: agreement.id, request: id, by: 'watch', reason: 'unclear', atMs: 1 } as const;
  const good: Verdict = { kind: 'veto', veto: signVeto(said, (bytes) => watch.sign(bytes)) };
  for (const verdict of [
    { kind: 'veto', veto: signVeto(said, (bytes) => alba.sign(bytes)) },
    { ...good, veto: { ...good.veto, request: ask('four').id } },
    { ...good, veto: { ...good.veto, agreement: 'f'.repeat(64) } },
    { kind: 'veto' },
    null,
  ]) {
    await expect(north.mail.ask('borea', 'oversight.verdict', { verdict })).rejects.toMatchObject({
      code: 'verdict.invalid',
    });
  }
  expect(south.desk.vetoes(id)).toEqual([]);
  expect([south.cancelled, south.entries('veto')]).toEqual([[], []]);
  // Anybody may bring the body's own word: the coordinator cannot keep it from those who know each other.
  await north.mail.ask('borea', 'oversight.verdict', { verdict: good });
  expect(south.desk.vetoes(id)).toEqual([{ by: 'watch', request: id }]);
});

test('a body that was away is told when it is there, and a node that was away hears what was said', async () => {
  const north = await startNode(alba);
  const { id, request } = ask('five');
  north.desk.tell(request);
  const south = await startNode(borea);
  await south.stop();
  const body = await startBody();
  await vi.waitFor(async () => {
    clock.advance(60_000);
    expect(await asked(body)).toEqual([id]);
  }, 30_000);
  await body.call('oversight.veto', { request: id, reason: 'order' });
  const again = await startNode(borea, south.store);
  await vi.waitFor(() => {
    clock.advance(60_000);
    expect(again.desk.vetoes(id)).toEqual([{ by: 'watch', request: id }]);
  }, 30_000);
  const { waiting } = await body.call('oversight.status', {});
  expect(waiting.map(({ to }) => to)).not.toContain('alba');
});

test('who has no part in a request has nothing to tell; an unknown agreement and nonsense are refused', async () => {
  const [north, south, body] = [await startNode(alba), await startNode(borea), await startBody()];
  const tell = (node: Node, notice: unknown): Promise<unknown> =>
    node.mail.ask('watch', 'oversight.request', notice).catch((error: TallyError) => error.code);
  const { request } = ask('six');
  const lists = request.lists.filter(({ party }) => party === 'alba');
  const elsewhere = { ...request, agreement: 'f'.repeat(64) };
  expect(await tell(south, noticeOf(borea, { ...request, lists }))).toBe('wire.message');
  expect(await tell(north, noticeOf(alba, elsewhere))).toBe('agreement.unknown');
  const signed = noticeOf(alba, request);
  expect(await tell(north, { ...signed, request: { ...request, extra: 1 } })).toBe('wire.message');
  expect(await tell(north, null)).toBe('wire.message');
  expect(await asked(body)).toEqual([]);

  // Nor does a request count as asked on somebody else's word, or on a word about another request.
  for (const notice of [
    { request },
    { ...signed, signature: 'ab' },
    { ...signed, request: ask('another').request },
    signNotice(request, 'alba', (message) => borea.sign(message)),
    signNotice(request, 'borea', (message) => alba.sign(message)),
  ]) {
    expect(await tell(north, notice)).toBe('notice.invalid');
  }
  expect(await asked(body)).toEqual([]);
  // Who was asked may say so first; the proposer has not signed yet.
  await tell(south, noticeOf(borea, request));
  expect(await body.call('oversight.requests', {})).toMatchObject([{ isSigned: false, toldBy: ['borea'] }]);
  await tell(north, signed);
  expect(await body.call('oversight.requests', {})).toMatchObject([{ isSigned: true }]);
});

test('a body without the power is told so, and an expired request is authorised no more', async () => {
  const weak = agreementAmong([alba, borea, watch], (terms) => {
    for (const one of terms.oversight)
      one.powers = one.id === 'watch' ? ['suspend'] : [...one.powers, 'authorise'];
    terms.version = 3;
  });
  const [north, body] = [await startNode(alba), await startBody()];
  await body.call('oversight.install', { signed: weak.signed });
  const times = { createdAtMs: startMs, expiresAtMs: startMs + hourMs };
  const under = requestUnder(weak.id, 'seven', times);
  await north.mail.ask('watch', 'oversight.request', noticeOf(alba, under.request));
  const power = { code: 'verdict.power' };
  const { id } = under;
  await expect(body.call('oversight.authorise', { request: id })).rejects.toMatchObject(power);
  await expect(body.call('oversight.veto', { request: id, reason: 'unclear' })).rejects.toMatchObject(power);
  const late = ask('eight');
  await north.mail.ask('watch', 'oversight.request', noticeOf(alba, late.request));
  clock.advance(hourMs);
  await expect(body.call('oversight.authorise', { request: late.id })).rejects.toMatchObject({
    code: 'request.over',
  });
  await expect(body.call('oversight.authorise', { request: 'ffff' })).rejects.toMatchObject({
    code: 'request.unknown',
  });
});

test('a body says by itself that nothing is suspended, and suspends at once', async () => {
  const body = await startBody();
  const roll = new Members({
    identity: alba,
    shelf: createMembershipShelf(memoryStore(), createSealer(key, systemRandom)),
    agreements: () => [agreement.signed],
    mail: (await startNode(alba)).mail,
    audit: { append: vi.fn() },
    attempts: { note: () => undefined },
    clock,
    log: silentLog,
    onChange: () => undefined,
  });
  running.push({ stop: async () => roll.close() });
  roll.refresh();
  await vi.waitFor(() => {
    clock.advance(60_000);
    expect(roll.facts(agreement.id)?.notSuspended.map(({ from }) => from)).toContain('watch');
  }, 30_000);
  // The other members are not there: the body waits for them, but its word already binds.
  const said = body.call('membership.suspend', { agreement: 'three-rivers', reason: 'order' });
  await vi.waitFor(() => {
    clock.advance(1_000);
    expect(roll.facts(agreement.id)?.suspendedBy).toEqual(['watch']);
  }, 30_000);
  await vi.waitFor(async () => {
    clock.advance(20_000);
    const settled = await Promise.race([
      said.then(() => true),
      new Promise((done) => setImmediate(done, false)),
    ]);
    expect(settled).toBe(true);
  }, 30_000);
  expect((await said).told).toEqual(['alba']);
});
