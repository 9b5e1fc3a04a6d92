/**
 * `bench peers`: the same two lists through @openmined/psi.js, beside a session of ours.
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
  const { stdout } = await run(process.execPath, args, { timeout: 600_000 });
  return JSON.parse(stdout) as PeerCost;
}

/** Both in turns, ours first. */
async function measure(n: number, count: number, lists: Lists, options: BenchOptions) {
  const ours: SessionCost[] = [];
  const theirs: PeerCost[] = [];
  const directory = await mkdtemp(join(tmpdir(), 'tallystick-peers-'));
  try {
    for (const i of [0, 1])
      await writeFile(join(directory, String(i)), lists.of(i).join('\n'), { mode: 0o600 });
    const house = await openHouse(2, n, lists);
    try {
      for (let i = 0; i < count; i++) {
        const mine = await house.session('direct-one');
        const other = await runPeer(directory, lists.common);
        ours.push(mine);
        theirs.push(other);
        options.say(
          `peers n=${n} run ${i + 1}/${count}: ours ${(mine.cpuUs / n).toFixed(1)}, ` +
            `psi.js ${(other.cpuUs / n).toFixed(1)} us a pair`,
        );
      }
    } finally {
      await house.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return { ours, theirs };
}

export async function benchPeers(options: BenchOptions & { mayInstall: boolean }): Promise<BenchPart> {
  const why = await install(options.mayInstall, options.say);
  if (why !== undefined) {
    options.say(`peers: ${peer.name}: absent: ${why}`);
    return { rows: [], ratios: {}, absent: [`peers: ${peer.name}@${peer.version}: ${why}`] };
  }
  const n = options.smoke ? 32 : 2 ** 12;
  const { ours, theirs } = await measure(n, options.smoke ? 1 : 3, inventLists(n), options);
  const rows = (name: string, costs: readonly PeerCost[]) => [
    rowOf(
      `peers/${name}/n=${n}/cpu-per-pair`,
      'us',
      costs.map((cost) => cost.cpuUs / n),
    ),
    rowOf(
      `peers/${name}/n=${n}/bytes-per-pair`,
      'bytes',
      costs.map((cost) => cost.bytes / n),
    ),
    rowOf(
      `peers/${name}/n=${n}/wall`,
      'ms',
      costs.map((cost) => cost.wallMs),
    ),
  ];
  const medianOf = (costs: readonly PeerCost[]): number => median(costs.map((cost) => cost.cpuUs));
  return {
    rows: [...rows('tallystick', ours), ...rows('psi.js', theirs)],
    ratios: { 'psi.cpu-per-pair/psi.js': medianOf(ours) / medianOf(theirs) },
  };
}
