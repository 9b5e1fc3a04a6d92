/**
 * The stage of the matrix: real nodes with real vaults, a real coordinator and collector over loopback sockets, whose
 * time stands still unless a row lets it pass.
 *
 * Purpose: start it once for many rows. Assumes: lists are small; what is on which is known here.
 * Does not know: rows.
 */
import { type Collector, startCollector } from '@tallystick/coordinator/collector';
import type { CoordinatorProcessOptions } from '@tallystick/coordinator/process';
import {
  type Channel,
  connectCoordinator,
  type CoordinatorLink,
  memoryCoordinator,
} from '@tallystick/host/channel';
import { type FakeClock, fakeClock, systemClock } from '@tallystick/host/clock';
import { createIdentity, type SigningIdentity } from '@tallystick/host/identity';
import { createLog, type Log } from '@tallystick/host/log';
import { systemRandom } from '@tallystick/host/random';
import type { ProposeParams } from '@tallystick/node/control';
import { type MessageOf, type SignedType, signMessage } from '@tallystick/protocol/wire';
import { type Insides, newInsides, watchedLink } from '../session/insides.ts';
import { csvOf, passports, startWorld, terms, until, type World } from '../session/world.ts';

/** Milliseconds of the stage's own time. */
export const heartbeatMs = 5_000;
export const silentMs = 15_000;
const stallMs = 30_000;
const openMs = 20_000;
/** The ledger's period, unless agreed otherwise. */
const periodMs = 7 * 24 * 3_600_000;

const shared = (ids: readonly string[], count: number) => ({ ids, numbers: passports(count) });

export class Stage {
  readonly world: World;
  readonly clock: FakeClock;
  readonly ids: readonly string[];
  readonly lists: Readonly<Record<string, readonly string[]>>;
  private readonly keys: ReadonlyMap<string, SigningIdentity>;
  private readonly collector: Collector;
  /** Of the coordinator and of the notary. */
  private readonly collecting: ReadonlyMap<string, Insides>;
  private readonly said: CollectorWords;

  constructor(
    world: World,
    clock: FakeClock,
    lists: Stage['lists'],
    keys: ReadonlyMap<string, SigningIdentity>,
    collector: Collector,
    collecting: ReadonlyMap<string, Insides>,
    said: CollectorWords,
  ) {
    this.world = world;
    this.clock = clock;
    this.ids = Object.keys(lists);
    this.lists = lists;
    this.keys = keys;
    this.collector = collector;
    this.collecting = collecting;
    this.said = said;
  }

  get stations(): readonly string[] {
    return [...this.ids, ...this.collecting.keys()];
  }

  /** Who collects in a session of these terms. */
  collectorsOf({ output, with: others, collectors }: ProposeParams): readonly string[] {
    return collectors ?? (output.kind === 'matches' && others.length === 1 ? [] : ['coordinator']);
  }

  /** The label of a number on a party's list. */
  tierOf(party: string, number: string): string {
    return tierAt((this.lists[party] ?? []).indexOf(number));
  }

  /** Sessions that are live at the collector. */
  get collects(): number {
    return this.collector.sessions;
  }

  /** How a session ended at a collector, as its log says. */
  endAtCollector(id: string, session: string): Promise<CollectorEnd> {
    return until(() => this.said.get(id)?.get(session), `${id} is through`);
  }

  inside(station: string): Insides {
    return this.collecting.get(station) ?? this.world.inside(station);
  }

  sign<T extends SignedType>(station: string, body: { type: T }): MessageOf<T> {
    const key = this.keys.get(station) as SigningIdentity;
    return signMessage(body as never, (bytes) => key.sign(bytes)) as MessageOf<T>;
  }

  /** The latest channel from a station to a peer. */
  channel(from: string, to: string): Channel {
    const fingerprint = this.keys.get(to)?.fingerprint;
    const found = this.inside(from).channels.filter(({ facts }) => facts.peerFingerprint === fingerprint);
    return found.at(-1) as Channel;
  }

  /**
   * Proposes a session, in a period of its own: the ledger would answer a repeated question from what is kept, and count
   * what rows cost. Call while no session is live.
   */
  async propose(params: ProposeParams): Promise<string> {
    this.clock.jump(periodMs);
    return (await this.world.node('alpha').call('session.propose', params)).session;
  }

  async close(): Promise<void> {
    await this.collector.close();
    await this.world.close();
  }
}

interface CollectorEnd {
  readonly state: string;
  readonly code: string | undefined;
  readonly text: string;
  readonly by: undefined;
}

/** By collector and session. */
type CollectorWords = ReadonlyMap<string, Map<string, CollectorEnd>>;

/** A log that keeps how sessions ended. */
function endsIn(kept: Map<string, CollectorEnd>): Log {
  return createLog({
    write: (line) => {
      const { event, session, state, error = '' } = JSON.parse(line) as Readonly<Record<string, string>>;
      if (event !== 'collector.over' || session === undefined || state === undefined) return;
      const [code, ...words] = error.split(': ');
      kept.set(session, { state, code, text: words.join(': '), by: undefined });
    },
  });
}

const tiers = ['high', 'low'];
const tierAt = (place: number): string => tiers[place % 2] as string;

/** A list with a tier beside every number. */
function csvWith(numbers: readonly string[]): string {
  const [head, ...rows] = csvOf(numbers).trimEnd().split('\n');
  return [`${head},tier`, ...rows.map((row, place) => `${row},${tierAt(place)}`), ''].join('\n');
}

/** Passport numbers by party: some on all lists, some on each pair, some alone. */
function listsOf(ids: readonly string[]): Record<string, string[]> {
  const groups = [shared(ids, 4)];
  ids.forEach((id, i) => {
    groups.push(shared([id], 4 + i), shared([id, ids[(i + 1) % ids.length] as string], 2));
  });
  return Object.fromEntries(
    ids.map((id) => [id, groups.flatMap((group) => (group.ids.includes(id) ? group.numbers : []))]),
  );
}

export interface StageOptions {
  readonly ids?: readonly string[];
  readonly coordinator?: Partial<CoordinatorProcessOptions>;
  /** Channels in this process, with pins, without TLS and WebSockets. */
  readonly inMemory?: boolean;
}

export async function startStage({
  ids = ['alpha', 'beta', 'gamma'],
  coordinator = {},
  inMemory = false,
}: StageOptions = {}): Promise<Stage> {
  const lists = listsOf(ids);
  const clock = fakeClock(Date.now());
  const limits = { windowChunks: 2, heartbeatMs, silentMs, stallMs };
  const keys = new Map<string, SigningIdentity>();
  for (const id of [...ids, 'coordinator']) keys.set(id, await createIdentity(id, systemClock, systemRandom));
  const identity = keys.get('coordinator') as SigningIdentity;
  const collecting = new Map([
    ['coordinator', newInsides()],
    ['notary', newInsides()],
  ]);
  const said: CollectorWords = new Map([...collecting.keys()].map((id) => [id, new Map()]));
  const logOf = (id: string): Log => endsIn(said.get(id) as Map<string, CollectorEnd>);
  const network = inMemory ? memoryCoordinator() : undefined;
  const connectAs =
    (id: string, url: string) =>
    async (self: SigningIdentity): Promise<CoordinatorLink> => {
      const link = (await network?.connect(self)) ?? (await connectCoordinator({ url, identity: self }));
      return watchedLink(link, collecting.get(id) as Insides);
    };
  const world = await startWorld({
    lists,
    csv: (id) => csvWith(lists[id] ?? []),
    columns: { labels: { tier: 'tier' } },
    limits,
    openMs,
    withoutMail: true,
    ...(network && { connect: (self) => network.connect(self) }),
    coordinator: { ...coordinator, identity, withoutCollector: true },
    adjust: (id, options) => ({
      ...options,
      clock,
      place: { kind: 'ephemeral', identity: keys.get(id) as SigningIdentity },
    }),
    collectors: ['notary'],
    adjustCollector: (options) => {
      keys.set('notary', options.identity);
      return { ...options, clock, connect: connectAs('notary', options.url), log: logOf('notary') };
    },
  });
  const { url } = world.coordinator;
  const collector = await startCollector({
    identity,
    url,
    limits,
    openMs,
    clock,
    connect: connectAs('coordinator', url),
    log: logOf('coordinator'),
  });
  return new Stage(world, clock, lists, keys, collector, collecting, said);
}

const base = { ...terms, chunkElements: 6, expiresInMs: 25_000 };
const sealed = { ...base, sentinels: 4, with: ['beta', 'gamma'] };
const direct = { ...base, with: ['beta'] };
const both = { kind: 'matches' as const, to: ['alpha', 'beta'] };
const counts = { kind: 'counts' as const };
const labels = ['alpha', 'gamma'].map((party) => ({ party, field: 'tier', labels: tiers }));
const two = { ...sealed, collectors: ['coordinator', 'notary'] };

/** Sessions that rows are played in; alpha proposes. */
export const settings = {
  direct: { ...direct, output: both },
  'direct, light': { ...direct, output: both, verified: false },
  'direct, one receiver': { ...direct, output: { kind: 'matches' as const, to: ['alpha'] } },
  counts: { ...sealed, output: counts },
  'counts of two': { ...sealed, with: ['beta'], output: counts },
  'counts without sentinels': { ...sealed, output: counts, sentinels: 0 },
  'counts, light': { ...sealed, output: counts, verified: false, sentinels: 0 },
  'counts, light, with sentinels': { ...sealed, output: counts, verified: false },
  matches: { ...sealed, output: both },
  'matches, light': { ...sealed, output: both, verified: false, sentinels: 0 },
  'counts of four': { ...sealed, with: ['beta', 'gamma', 'delta'], output: counts },
  withheld: { ...sealed, output: counts, privacy: { minCount: 3 } },
  noised: { ...sealed, output: counts, privacy: { epsilon: '1', identifiersPerRecord: 1 } },
  padded: { ...sealed, output: counts, padTo: 10 },
  labelled: { ...sealed, output: counts, labels },
  'two collectors': { ...two, output: counts },
  'two collectors without sentinels': { ...two, output: counts, sentinels: 0 },
  'matches, two collectors': { ...two, output: both },
  'noised, two collectors': { ...two, output: counts, privacy: { epsilon: '1', identifiersPerRecord: 1 } },
  'labelled, two collectors': { ...two, output: counts, labels },
} satisfies Record<string, ProposeParams>;

export type Setting = keyof typeof settings;
