/**
 * A world for sessions: a coordinator with its collector and real nodes with real vaults, in this process, over
 * loopback sockets.
 *
 * Purpose: start it, give every node a list of invented people, run a session to its end everywhere, take it down
 * and see that nothing is left.
 * Assumes: recipe `document` sees nothing but passport numbers. Does not know: what a test expects.
 */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collector, type CollectorOptions, startCollector } from '@tallystick/coordinator/collector';
import {
  type CoordinatorProcess,
  type CoordinatorProcessOptions,
  startCoordinatorProcess,
} from '@tallystick/coordinator/process';
import { connectCoordinator, type CoordinatorLink } from '@tallystick/host/channel';
import { systemClock } from '@tallystick/host/clock';
import { createIdentity, type Identity, type SigningIdentity } from '@tallystick/host/identity';
import { systemRandom } from '@tallystick/host/random';
import type { ProposeParams, SessionDetail } from '@tallystick/node/control';
import type { CsvColumns } from '@tallystick/node/lists';
import { type NodeOptions, type RunningNode, startNode } from '@tallystick/node/daemon';
import { openVault, type Vault } from '@tallystick/node/vault';
import type { Limits } from '@tallystick/protocol/wire';
import { expect } from 'vitest';
import { type Insides, newInsides, steppedVault, watchedLink } from './insides.ts';

export type { Insides } from './insides.ts';

export interface World {
  readonly coordinator: CoordinatorProcess;
  readonly nodes: ReadonlyMap<string, RunningNode>;
  /** Beside the coordinator's. */
  readonly collectors: ReadonlyMap<string, Collector>;
  inside(id: string): Insides;
  node(id: string): RunningNode;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** Passport numbers by node id. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly consent?: 'ask' | 'auto';
  readonly limits?: Partial<Limits>;
  readonly openMs?: number;
  /** How a node comes to its coordinator, where not over a socket. */
  readonly connect?: (identity: SigningIdentity) => Promise<CoordinatorLink>;
  /** Nodes write no mail to each other. */
  readonly withoutMail?: boolean;
  readonly coordinator?: CoordinatorProcessOptions;
  /** A node's list as CSV; absent: its passport numbers. */
  readonly csv?: (id: string) => string;
  /** Columns beside those of the numbers. */
  readonly columns?: Pick<CsvColumns, 'labels'>;
  /** Sees every frame that a node sends. */
  readonly onSend?: (from: string, to: string, frame: Uint8Array) => void;
  /** Changes one node's options. */
  readonly adjust?: (id: string, options: NodeOptions) => NodeOptions;
  /** Ids of collectors beside the coordinator's. */
  readonly collectors?: readonly string[];
  /** Changes the options of one of these collectors. */
  readonly adjustCollector?: (options: CollectorOptions) => CollectorOptions;
  /** Pairs that do not pin each other: `[who, whom]`. */
  readonly strangers?: readonly (readonly [string, string])[];
}

/** So many invented passport numbers, all different. */
export function passports(count: number): string[] {
  const numbers = new Set<string>();
  while (numbers.size < count) numbers.add(`Q${randomInt(1e9, 1e10)}`);
  return [...numbers];
}

export async function startWorld(options: WorldOptions): Promise<World> {
  const ids = Object.keys(options.lists);
  const directory = await mkdtemp(join(tmpdir(), 'tallystick-test-'));
  const { limits = {}, openMs = 10_000 } = options;
  const coordinator = await startCoordinatorProcess({
    ...options.coordinator,
    sessionLimits: limits,
    openMs,
  });
  const nodes = new Map<string, RunningNode>();
  const insides = new Map<string, Insides>();
  const collectors = new Map<string, Collector>();
  const collecting: Identity[] = [coordinator.identity];
  const close = async (): Promise<void> => {
    await Promise.all([...nodes.values()].map((node) => node.close()));
    await Promise.all([...collectors.values()].map((collector) => collector.close()));
    await coordinator.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    for (const id of options.collectors ?? []) {
      const identity = await createIdentity(id, systemClock, systemRandom);
      const base = { identity, url: coordinator.url, limits, openMs };
      collectors.set(id, await startCollector(options.adjustCollector?.(base) ?? base));
      collecting.push(identity);
    }
    for (const id of ids) {
      const inside = newInsides();
      inside.isWithoutMail = options.withoutMail ?? false;
      insides.set(id, inside);
      const base: NodeOptions = {
        place: { kind: 'ephemeral', identity: { id } },
        coordinatorUrl: coordinator.url,
        consent: options.consent ?? 'auto',
        limits,
        openMs,
        openVault: async () => steppedVault(await openVault({ inline: true }), inside),
        connect: async (identity) => {
          inside.link =
            (await options.connect?.(identity)) ??
            (await connectCoordinator({ url: coordinator.url, identity }));
          return watchedLink(inside.link, inside, (to, frame) => options.onSend?.(id, to, frame));
        },
      };
      nodes.set(id, await startNode(options.adjust?.(id, base) ?? base));
    }
    for (const [id, node] of nodes) {
      const others = [...nodes.values()].map((other) => other.identity).filter((other) => other.id !== id);
      for (const other of [...others, ...collecting]) {
        if (options.strangers?.some(([who, whom]) => who === id && whom === other.id)) continue;
        await node.call('peer.add', { id: other.id, fingerprint: other.fingerprint });
      }
      const path = join(directory, `${id}.csv`);
      await writeFile(path, options.csv?.(id) ?? csvOf(options.lists[id] ?? []));
      const own = { ...columns, ...options.columns };
      await node.call('list.import', { path, name: 'watch', format: 'csv', columns: own });
    }
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return {
    coordinator,
    nodes,
    collectors,
    close,
    node: (id) => need(nodes.get(id), id),
    inside: (id) => need(insides.get(id), id),
  };
}

function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`no ${what}`);
  return value;
}

/**
 * Holds the calls of a vault's method until the session is forgotten there: the session stands still in a
 * known place. Resolves when the first has come.
 */
export function holdAt({ steps }: Insides, method: keyof Vault): Promise<void> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  steps.endSession = (next) => {
    release();
    return next();
  };
  return new Promise<void>((reached) => {
    steps[method] = async (next) => {
      reached();
      await released;
      return next();
    };
  });
}

export function clearSteps({ steps }: Insides): void {
  for (const name of Object.keys(steps) as (keyof Vault)[]) delete steps[name];
}

export const columns = {
  id: 'id',
  name: 'name',
  documents: [{ kind: 'passport' as const, number: 'number' }],
};

export function csvOf(numbers: readonly string[]): string {
  const rows = numbers.map((number, index) => `r${index},nobody number ${index},${number}`);
  return ['id,name,number', ...rows, ''].join('\n');
}

export const terms = {
  list: 'watch',
  subject: 'any',
  recipes: ['document'],
  purpose: 'test of sessions',
  chunkElements: 16,
} satisfies Partial<ProposeParams>;

/** Enough to see that they are there, fewer than are worth it in earnest. */
const sentinels = 20;

/** Between two: form direct. */
export const matchesOf = (
  peer: string,
  to: string[],
  change: Partial<ProposeParams> = {},
): ProposeParams => ({
  ...terms,
  with: [peer],
  output: { kind: 'matches', to },
  ...change,
});

/** Among three or more: form sealed. */
export const matchesAmong = (
  others: string[],
  to: string[],
  change: Partial<ProposeParams> = {},
): ProposeParams => ({ ...terms, sentinels, with: others, output: { kind: 'matches', to }, ...change });

export const countsOf = (others: string[], change: Partial<ProposeParams> = {}): ProposeParams => ({
  ...terms,
  sentinels,
  with: others,
  output: { kind: 'counts' },
  ...change,
});

/** Waits until `read` gives a value. */
export async function until<T>(read: () => Promise<T | undefined> | T | undefined, what: string): Promise<T> {
  for (let tries = 0; tries < 5_000; tries++) {
    const value = await read();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, tries < 50 ? 2 : 10));
  }
  throw new Error(`waited in vain: ${what}`);
}

/** The session's end as one node tells it, whether or not it has heard of it yet. */
export async function endAt(node: RunningNode, session: string): Promise<SessionDetail> {
  await until(async () => {
    const known = await node.call('session.list', {});
    return known.some((one) => one.session === session) ? true : undefined;
  }, `${node.identity.id} hears of the session`);
  return node.call('session.watch', { session });
}

/** The session's end everywhere. */
export function endEverywhere(world: World, session: string): Promise<SessionDetail[]> {
  return Promise.all([...world.nodes.values()].map((node) => endAt(node, session)));
}

/** The same code everywhere, no answer anywhere, every vault has forgotten. */
export async function expectSameEnd(
  world: World,
  session: string,
  parties: readonly string[],
  code: string,
): Promise<void> {
  const details = await Promise.all(parties.map((id) => endAt(world.node(id), session)));
  expect(details.map(({ state, error }) => [state, error?.code])).toEqual(
    parties.map(() => ['aborted', code]),
  );
  for (const [index, id] of parties.entries()) {
    expect(details[index]).toMatchObject({
      matches: null,
      counts: null,
      transcript: null,
      verification: 'unverified',
    });
    const out = `/nowhere/${id}.jsonl`;
    await expect(world.node(id).call('session.export', { session, out })).rejects.toMatchObject({
      code: 'session.state',
    });
    expect(world.inside(id).forgotten).toContain(session);
  }
  await nothingLeft(world);
}

/** No session is live, no channel of one is open. */
export async function nothingLeft(world: World): Promise<void> {
  await until(async () => {
    if (world.coordinator.stats.collecting > 0) return undefined;
    for (const id of world.nodes.keys()) if (world.inside(id).open.size > 0) return undefined;
    for (const { sessions } of world.collectors.values()) if (sessions > 0) return undefined;
    for (const node of world.nodes.values()) {
      const { sessions } = await node.call('status', {});
      if (sessions > 0) return undefined;
    }
    return true;
  }, 'nothing is left');
}
