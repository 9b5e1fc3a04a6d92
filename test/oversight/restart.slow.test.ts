/**
 * An oversight body that stops and starts again, over its own data directory: requests with who signed them, verdicts,
 * emergencies, a suspension, the heads of others' logs and what was still to be brought to somebody are there.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWitnessStore, LogWitness, openAuditLog } from '@tallystick/host/audit';
import { memoryCoordinator } from '@tallystick/host/channel';
import { fakeClock } from '@tallystick/host/clock';
import { initDirectory, unlockDirectory } from '@tallystick/host/directory';
import { createIdentity, type Fingerprint, type SigningIdentity } from '@tallystick/host/identity';
import { silentLog } from '@tallystick/host/log';
import { createMail, type Mail, mailTag } from '@tallystick/host/mail';
import { systemRandom } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import { memoryStore, type Store } from '@tallystick/host/store';
import { type RunningOversight, startOversight } from '@tallystick/oversight/body';
import { signEmergency, signNotice } from '@tallystick/protocol/policy';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { signerOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import { agreementAmong, requestUnder } from './kit.ts';

const startMs = Date.parse('2027-03-01T12:00:00Z');
const hourMs = 3_600_000;
const clock = fakeClock(startMs);
const place = memoryCoordinator();
const key = { kind: 'passphrase', passphrase: 'of a test' } as const;
let folder: string;
let alba: SigningIdentity;
let watch: Fingerprint;
let agreement: ReturnType<typeof agreementAmong>;
const running: { close(): Promise<void> }[] = [];

const dataDir = (): string => join(folder, 'watch');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallystick-body-'));
  await initDirectory(dataDir(), 'watch', key, { scryptCost: { N: 2 ** 10, r: 8, p: 1 } });
  const { store, identity } = await unlockDirectory(dataDir(), key, systemRandom);
  store.close();
  watch = identity.fingerprint;
  alba = await createIdentity('alba', clock, systemRandom);
  agreement = agreementAmong([alba, identity]);
});
afterAll(async () => {
  for (const one of running.toReversed()) await one.close();
  await rm(folder, { recursive: true, force: true });
});

async function startBody(): Promise<RunningOversight> {
  const body = await startOversight({
    place: { kind: 'directory', dataDir: dataDir(), key },
    coordinatorUrl: 'ws://memory',
    connect: (self) => place.connect(self),
    clock,
  });
  running.push(body);
  return body;
}

/** Alba, as far as it writes to the body, over this store. */
async function startAlba(store: Store): Promise<{ mail: Mail; witness: LogWitness; stop(): Promise<void> }> {
  const link = await place.connect(alba);
  const peers = () => new Map([['watch', watch]]);
  const mail = createMail({ link, peers, clock, log: silentLog });
  link.onRing((ring) => (ring.tag === mailTag ? mail.accept(ring) : ring.reject()));
  const sealer = createSealer(new Uint8Array(32).fill(3), systemRandom);
  const audit = openAuditLog({ store, sealer, clock, random: systemRandom, identity: alba });
  const witness = new LogWitness({
    audit,
    store: createWitnessStore(store, sealer),
    mail,
    identity: alba,
    clock,
    log: silentLog,
    peers,
  });
  const stop = async (): Promise<void> => {
    await mail.close();
    await link.close();
  };
  running.push({ close: stop });
  return { mail, witness, stop };
}

const statusOf = ({ witness }: { witness: LogWitness }) => witness.statusFor(['watch']);

/** What of the body has to outlive its process. */
async function stateOf(body: RunningOversight): Promise<unknown> {
  const [membership] = await body.call('membership.status', {});
  const { agreements, open, waiting } = await body.call('oversight.status', {});
  const requests = await body.call('oversight.requests', {});
  return {
    agreements,
    open,
    waiting: waiting.map(({ to, kind }) => `${to} ${kind}`).toSorted(),
    shown: await Promise.all(requests.map(({ id }) => body.call('oversight.show', { request: id }))),
    emergencies: await body.call('emergency.list', {}),
    standing: membership?.standing,
  };
}

test('everything that it was told and that it said is there again', async () => {
  const body = await startBody();
  await body.call('oversight.install', { signed: agreement.signed });
  const store = memoryStore();
  const north = await startAlba(store);
  const requests = ['one', 'two', 'three'].map((nonce) =>
    requestUnder(agreement.id, nonce, { createdAtMs: startMs, expiresAtMs: startMs + hourMs }),
  );
  for (const { request } of requests) {
    const notice = signNotice(request, 'alba', (message) => alba.sign(message));
    await north.mail.ask('watch', 'oversight.request', notice);
  }
  const [one, two] = requests.map(({ id }) => id) as [string, string, string];
  await body.call('oversight.authorise', { request: one });
  await body.call('oversight.veto', { request: two, reason: 'repeated' });
  const declared = { agreement: agreement.id, of: 'alba', officer: 'approver-1', atMs: startMs } as const;
  const message = signEmergency(
    { type: 'declare', ...declared, grounds: 'danger-to-life' },
    signerOf('alba/approver-1'),
  );
  await body.call('emergency.take', { message });
  await north.witness.refresh();
  expect(statusOf(north)).toMatchObject({ intact: true, confirmed: true });
  // Nobody else is there to be told; what it says binds at once all the same, and outlives the process.
  const saying = body.call('membership.suspend', { agreement: 'three-rivers', reason: 'order' });
  saying.catch(() => undefined);
  await vi.waitFor(async () => {
    const [membership] = await body.call('membership.status', {});
    expect(membership?.standing).toBe('suspended');
  }, 30_000);

  const before = await stateOf(body);
  expect(before).toMatchObject({ open: 3, standing: 'suspended', shown: { length: 3 } });
  await body.close();
  const again = await startBody();
  expect(await stateOf(again)).toEqual(before);
  // Said once is said: nothing is signed anew.
  await again.call('oversight.authorise', { request: one });
  await again.call('oversight.veto', { request: two, reason: 'order' });
  expect(await stateOf(again)).toEqual(before);

  // It still knows how far alba's log was: one that begins anew is not cosigned, the log that goes on is.
  await north.stop();
  const anew = await startAlba(memoryStore());
  await anew.witness.refresh();
  expect(statusOf(anew)).toMatchObject({ confirmed: false });
  await anew.stop();
  const same = await startAlba(store);
  await same.witness.refresh();
  expect(statusOf(same)).toMatchObject({ intact: true, confirmed: true });
});
