/** Members of one agreement in one process: links in memory, stores that outlive them, one clock. */
import { Attempts } from '@tallystick/host/audit';
import { type CoordinatorLink, memoryCoordinator } from '@tallystick/host/channel';
import { type FakeClock, fakeClock } from '@tallystick/host/clock';
import type { Fingerprint, SigningIdentity } from '@tallystick/host/identity';
import { silentLog } from '@tallystick/host/log';
import { createMail, type Mail } from '@tallystick/host/mail';
import {
  createMembershipShelf,
  describeMembership,
  type MembershipFacts,
  Members,
  type MembershipStatus,
} from '@tallystick/host/membership';
import { systemRandom } from '@tallystick/host/random';
import { createSealer, dataKeyBytes } from '@tallystick/host/seal';
import { memoryStore, type Store } from '@tallystick/host/store';
import { type SignedAgreement, standingId } from '@tallystick/protocol/agreement';
import type { EntryBody } from '@tallystick/protocol/audit';
import { TallyError } from '@tallystick/protocol/errors';
import { membersHash } from '@tallystick/protocol/membership';
import { fingerprintOfKey } from '@tallystick/protocol/signature';
import { keyOf, signerOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';

export const everybody = ['alba', 'borea', 'cedra', 'watch', 'inspect'];

export interface Station {
  readonly id: string;
  readonly members: Members;
  readonly mail: Mail;
  readonly link: CoordinatorLink;
  readonly store: Store;
  readonly audit: EntryBody[];
  readonly changes: MembershipFacts[];
  facts(): MembershipFacts;
  status(): MembershipStatus;
  /** Of the list of members as it is known here. */
  hash(): string;
  stop(): Promise<void>;
}

export interface Ring {
  readonly clock: FakeClock;
  readonly agreement: string;
  /** Pairs that cannot reach each other, as `a b`. */
  readonly cut: Set<string>;
  start(id: string, store?: Store, key?: string): Promise<Station>;
  startAll(): Promise<Record<string, Station>>;
  /** Lets time pass in steps, and everything that falls due settle. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Until nothing has happened for some turns of the loop. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 40; i++) await new Promise((resolve) => setImmediate(resolve));
}

export async function until(what: () => boolean): Promise<void> {
  for (let i = 0; i < 20_000; i++) {
    if (what()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`not so: ${what.toString()}`);
}

export function createRing(signed: SignedAgreement, startMs: number): Ring {
  const clock = fakeClock(startMs);
  const place = memoryCoordinator();
  const agreement = standingId(signed.agreement);
  const cut = new Set<string>();
  const live = new Set<Station>();
  const dataKey = systemRandom(dataKeyBytes);

  const start: Ring['start'] = async (id, store = memoryStore(), key = id) => {
    const publicKey = Buffer.from(keyOf(id), 'hex');
    const identity = { id, publicKey, fingerprint: fingerprintOfKey(publicKey), sign: signerOf(key) };
    const link = await place.connect(identity as unknown as SigningIdentity);
    const pins = new Map(
      [...everybody, 'hub'].map((one) => [
        one,
        fingerprintOfKey(Buffer.from(keyOf(one), 'hex')) as Fingerprint,
      ]),
    );
    const mail = createMail({ link, peers: () => pins, clock, log: silentLog });
    const ask: Mail['ask'] = async (peer, ...rest) => {
      if (cut.has(`${id} ${peer}`) || cut.has(`${peer} ${id}`)) {
        throw new TallyError('peer.absent', `${peer}: cut`);
      }
      return mail.ask(peer, ...rest);
    };
    link.onRing((ring) => mail.accept(ring));
    const audit: EntryBody[] = [];
    const log = { append: (entry: EntryBody) => (audit.push(entry), undefined as never) };
    const changes: MembershipFacts[] = [];
    const members = new Members({
      identity: identity as unknown as SigningIdentity,
      shelf: createMembershipShelf(store, createSealer(dataKey, systemRandom)),
      agreements: () => [signed],
      mail: { ask, serve: (kind, handler) => mail.serve(kind, handler) },
      audit: log,
      attempts: new Attempts({ audit: log, clock, log: silentLog, self: id }),
      clock,
      log: silentLog,
      onChange: (_, facts) => void changes.push(facts),
    });
    members.refresh();
    const station: Station = {
      id,
      members,
      mail,
      link,
      store,
      audit,
      changes,
      facts: () => members.facts(agreement) as MembershipFacts,
      status: () => describeMembership(members.roll(agreement), clock.nowMs()),
      hash: () => membersHash(members.roll(agreement).membership),
      async stop() {
        live.delete(station);
        members.close();
        await mail.close();
        await link.close();
      },
    };
    live.add(station);
    return station;
  };

  return {
    clock,
    agreement,
    cut,
    start,
    async startAll() {
      const stations: Record<string, Station> = {};
      for (const id of everybody) stations[id] = await start(id);
      return stations;
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= 300_000) {
        clock.advance(Math.min(left, 300_000));
        await settle();
      }
    },
    async close() {
      await Promise.all([...live].map((station) => station.stop()));
    },
  };
}
