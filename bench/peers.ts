/**
 * `bench peers`: lists of the same making, or the same lists, through @openmined/psi.js, beside a session of ours.
 *
 * Purpose: one ratio, of figures that were measured in turns.
 * Assumes: npm can reach its registry, or the peer is in the cache already; else the peer is named as absent.
 * The peer's install script downloads from elsewhere, so it is installed without scripts; it needs none.
 * Does not know: how sessions are run.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openHouse, type SessionCost } from './house.ts';
import { inventLists, type Lists } from './lists.ts';
import { type BenchOptions, type BenchPart, median, rowOf } from './report.ts';

const run = promisify(execFile);
const peer = { name: '@openmined/psi.js', version: '2.0.6' } as const;
/** Ignored by git. */
const cache = fileURLToPath(new URL('../.cache/bench-peers/', import.meta.url));
const childEntry = fileURLToPath(new URL('./peer-psijs.mjs', import.meta.url));

/** Why the peer is absent; undefined when it is there. */
async function install(mayInstall: boolean, say: BenchOptions['say']): Promise<string | undefined> {
  const manifest = join(cache, 'node_modules', peer.name, 'package.json');
  const isThere =
    existsSync(manifest) && JSON.parse(await readFile(manifest, 'utf8')).version === peer.version;
  if (isThere) return undefined;
  if (!mayInstall) return 'not in the cache, and --no-install was given';
  say(`peers: installing ${peer.name}@${peer.version} without its scripts`);
  await mkdir(cache, { recursive: true });
  await writeFile(join(cache, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${peer.name}@${peer.version}`];
  try {
    await run('npm', args, { cwd: cache, timeout: 180_000 });
    return undefined;
  } catch {
    return 'npm could not install it';
  }
}

interface PeerCost {
  readonly cpuUs: number;
  readonly wallMs: number;
  readonly bytes: number;
}

async function runPeer(directory: string, common: number): Promise<PeerCost> {
  const args = [childEntry, cache, join(directory, '0'), join(directory, '1'), String(common)];
  const { stdout } = await run(process.execPath, args, { timeout: 3_600_000 });
  return JSON.parse(stdout) as PeerCost;
}

interface Sizes {
  /** Identifiers on each of our lists. */
  readonly ours: number;
  /** On the peer's: their lists are the same where these are equal. */
  readonly theirs: readonly number[];
  readonly runs: number;
}

/**
 * Ours is measured at the ratios' n. psi.js needs about ten minutes there, and its cost a pair does not fall with n, as
 * its two smaller sizes show; `--full` takes the same lists.
 */
function sizesOf({ smoke, full }: BenchOptions): Sizes {
  if (smoke) return { ours: 32, theirs: [32], runs: 1 };
  const ours = 2 ** 17;
  return full ? { ours, theirs: [ours], runs: 1 } : { ours, theirs: [2 ** 12, 2 ** 10], runs: 3 };
}

interface PeerLists {
  readonly n: number;
  readonly directory: string;
  readonly common: number;
}

async function writeLists(n: number, lists: Lists): Promise<PeerLists> {
  const directory = await mkdtemp(join(tmpdir(), 'tallystick-peers-'));
  for (const i of [0, 1])
    await writeFile(join(directory, String(i)), lists.of(i).join('\n'), { mode: 0o600 });
  return { n, directory, common: lists.common };
}

/** In turns, ours first. */
async function measure({ ours: n, theirs: sizes, runs }: Sizes, options: BenchOptions) {
  const ours: SessionCost[] = [];
  const theirs = new Map<number, PeerCost[]>(sizes.map((size) => [size, []]));
  const lists = inventLists(n);
  const peerLists: PeerLists[] = [];
  try {
    for (const size of sizes) peerLists.push(await writeLists(size, size === n ? lists : inventLists(size)));
    const house = await openHouse(2, n, lists);
    try {
      for (let i = 0; i < runs; i++) {
        const mine = await house.session('direct-one');
        ours.push(mine);
        options.say(`peers run ${i + 1}/${runs}: ours n=${n}: ${(mine.cpuUs / n).toFixed(1)} us a pair`);
        for (const { n: size, directory, common } of peerLists) {
          const other = await runPeer(directory, common);
          theirs.get(size)?.push(other);
          options.say(`  psi.js n=${size}: ${(other.cpuUs / size).toFixed(1)} us a pair`);
        }
      }
    } finally {
      await house.close();
    }
  } finally {
    for (const { directory } of peerLists) await rm(directory, { recursive: true, force: true });
  }
  return { ours, theirs };
}

export async function benchPeers(options: BenchOptions & { mayInstall: boolean }): Promise<BenchPart> {
  const why = await install(options.mayInstall, options.say);
  if (why !== undefined) {
    options.say(`peers: ${peer.name}: absent: ${why}`);
    return { rows: [], ratios: {}, absent: [`peers: ${peer.name}@${peer.version}: ${why}`] };
  }
  const sizes = sizesOf(options);
  const { ours, theirs } = await measure(sizes, options);
  const rows = (name: string, n: number, costs: readonly PeerCost[]) => {
    const row = (field: string, unit: string, take: (cost: PeerCost) => number) =>
      rowOf(`peers/${name}/n=${n}/${field}`, unit, costs.map(take));
    return [
      row('cpu-per-pair', 'us', (cost) => cost.cpuUs / n),
      row('bytes-per-pair', 'bytes', (cost) => cost.bytes / n),
      row('wall', 'ms', (cost) => cost.wallMs),
    ];
  };
  const perPair = (costs: readonly PeerCost[], n: number): number =>
    median(costs.map((cost) => cost.cpuUs / n));
  // the cheapest of the peer's sizes: in its favour
  const theirBest = Math.min(...[...theirs].map(([n, costs]) => perPair(costs, n)));
  return {
    rows: [
      ...rows('tallystick', sizes.ours, ours),
      ...[...theirs].flatMap(([n, costs]) => rows('psi.js', n, costs)),
    ],
    ratios: { 'psi.cpu-per-pair/psi.js': perPair(ours, sizes.ours) / theirBest },
  };
}
