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
import { type CoordinatorProcess, startCoordinatorProcess } from '@tallystick/coordinator/process';
import type { CoordinatorLink } from '@tallystick/host/channel';
import { connectCoordinator } from '@tallystick/host/channel';
import type { ProposeParams, SessionDetail } from '@tallystick/node/control';
import { type NodeOptions, type RunningNode, startNode } from '@tallystick/node/daemon';
import { openVault } from '@tallystick/node/vault';
import type { Limits } from '@tallystick/protocol/wire';

export interface World {
  readonly coordinator: CoordinatorProcess;
  readonly nodes: ReadonlyMap<string, RunningNode>;
  readonly links: ReadonlyMap<string, CoordinatorLink>;
  node(id: string): RunningNode;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** Passport numbers by node id. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly consent?: 'ask' | 'auto';
  readonly limits?: Partial<Limits>;
  readonly openMs?: number;
  /** Changes one node's options. */
  readonly adjust?: (id: string, options: NodeOptions) => NodeOptions;
  /** Pairs that do not pin each other: `[who, whom]`. */
  readonly strangers?: readonly (readonly [string, string])[];
}

/** Invented passport numbers. */
export function passports(count: number): string[] {
  return [...new Set(Array.from({ length: count }, () => `Q${randomInt(1e9, 1e10)}`))];
}

export async function startWorld(options: WorldOptions): Promise<World> {
  const ids = Object.keys(options.lists);
  const directory = await mkdtemp(join(tmpdir(), 'tallystick-test-'));
  const { limits = {}, openMs = 10_000 } = options;
  const coordinator = await startCoordinatorProcess({ sessionLimits: limits, openMs });
  const nodes = new Map<string, RunningNode>();
  const links = new Map<string, CoordinatorLink>();
  const close = async (): Promise<void> => {
    await Promise.all([...nodes.values()].map((node) => node.close()));
    await coordinator.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    for (const id of ids) {
      const base: NodeOptions = {
        place: { kind: 'ephemeral', identity: { id } },
        coordinatorUrl: coordinator.url,
        consent: options.consent ?? 'auto',
        limits,
        openMs,
        openVault: () => openVault({ inline: true }),
        connect: async (identity) => {
          const link = await connectCoordinator({ url: coordinator.url, identity });
          links.set(id, link);
          return link;
        },
      };
      nodes.set(id, await startNode(options.adjust?.(id, base) ?? base));
    }
    for (const [id, node] of nodes) {
      const others = [...nodes.values()].map((other) => other.identity).filter((other) => other.id !== id);
      for (const other of [...others, coordinator.identity]) {
        if (options.strangers?.some(([who, whom]) => who === id && whom === other.id)) continue;
        await node.call('peer.add', { id: other.id, fingerprint: other.fingerprint });
      }
      const path = join(directory, `${id}.csv`);
      await writeFile(path, csvOf(options.lists[id] ?? []));
      await node.call('list.import', { path, name: 'watch', format: 'csv', columns });
    }
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const node = (id: string): RunningNode => {
    const found = nodes.get(id);
    if (found === undefined) throw new Error(`no node ${id}`);
    return found;
  };
  return { coordinator, nodes, links, node, close };
}

const columns = {
  id: 'id',
  name: 'name',
  documents: [{ kind: 'passport' as const, number: 'number' }],
};

function csvOf(numbers: readonly string[]): string {
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

export const matchesOf = (peer: string, to: string[]): ProposeParams => ({
  ...terms,
  with: [peer],
  output: { kind: 'matches', to },
});

export const countsOf = (others: string[]): ProposeParams => ({
  ...terms,
  with: others,
  output: { kind: 'counts' },
});

/** Waits until `read` gives a value. */
export async function until<T>(read: () => Promise<T | undefined> | T | undefined, what: string): Promise<T> {
  for (let tries = 0; tries < 2_000; tries++) {
    const value = await read();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
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

/** No session is live, no link is open at the coordinator. */
export async function nothingLeft(world: World): Promise<void> {
  await until(async () => {
    const { stats } = world.coordinator;
    if (stats.links > 0 || stats.collecting > 0) return undefined;
    for (const node of world.nodes.values()) {
      const { sessions } = await node.call('status', {});
      if (sessions > 0) return undefined;
    }
    return true;
  }, 'nothing is left');
}
