/**
 * Everything that leaves a vault, a node or a process, on record: a coordinator and real nodes with data directories
 * and vault threads, over loopback sockets, with a tap on every way out.
 *
 * Purpose: run sessions that end well and badly, then say which planted secrets were seen where.
 * Assumes: alone in its process: it taps the streams and the sockets of the process and sets TMPDIR.
 * Does not know: which sightings are expected.
 */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { serialize } from 'node:v8';
import { BroadcastChannel } from 'node:worker_threads';
import { vi } from 'vitest';
import { type CoordinatorProcess, startCoordinatorProcess } from '@tallystick/coordinator/process';
import { type Channel, connectCoordinator, type CoordinatorLink } from '@tallystick/host/channel';
import { systemClock } from '@tallystick/host/clock';
import { createIdentity } from '@tallystick/host/identity';
import { createLog, type Log } from '@tallystick/host/log';
import { systemRandom } from '@tallystick/host/random';
import { initDirectory } from '@tallystick/host/directory';
import { type RunningNode, startNode } from '@tallystick/node/daemon';
import { openVault, type Vault } from '@tallystick/node/vault';
import { drawScalar, invertScalar, multiplyScalars } from '@tallystick/protocol/suite';
import { columns, csvOf, type Person } from './people.ts';
import { Needles, type Sighting } from './search.ts';

/** Where a secret was seen. */
export const places = [
  'coordinator traffic',
  'frames',
  'logs',
  'error texts',
  'vault messages',
  'data directories',
  'temporary files',
] as const;
export type Place = (typeof places)[number];

export interface Seen extends Sighting {
  readonly where: Place;
}

/** Wrappers that make a node leak; absent: the node as it is. */
export interface Leaks {
  readonly log?: (log: Log) => Log;
  readonly vault?: (vault: Vault) => Vault;
  readonly link?: (link: CoordinatorLink) => CoordinatorLink;
}

export interface CanaryWorld {
  readonly coordinator: CoordinatorProcess;
  /** For files that are asked for; nobody looks here. */
  readonly outside: string;
  readonly needles: Needles;
  node(id: string): RunningNode;
  /** Frames that a node sends pass here first. */
  interfere: ((id: string, frame: Uint8Array) => Uint8Array) | undefined;
  /** Awaits a failure and records all that it says; returns its code. */
  fails(call: Promise<unknown>): Promise<string>;
  /** Puts what a person would be shown of an error on record. */
  told(shown: unknown): void;
  record(where: Place): Buffer;
  /** Ends everything; then every secret is known, and what was seen of them. */
  close(): Promise<Seen[]>;
}

/** Something that was closed of which there is too much to keep twice. */
class Records {
  readonly #pieces = new Map<Place, Buffer[]>(places.map((place) => [place, []]));
  readonly #known = new Set<string>();

  add(where: Place, bytes: Uint8Array | string): void {
    // A copy: whoever sends bytes may overwrite them afterwards.
    this.#pieces.get(where)?.push(Buffer.from(bytes as Uint8Array));
  }

  addOnce(where: Place, bytes: Uint8Array): void {
    const hash = createHash('sha256').update(where).update(bytes).digest('base64');
    if (this.#known.has(hash)) return;
    this.#known.add(hash);
    this.add(where, bytes);
  }

  of(where: Place): Buffer {
    return Buffer.concat(this.#pieces.get(where) ?? []);
  }
}

/** Every file in a directory and below it. A file that went away meanwhile was seen a moment ago, or is next time. */
function readAll(directory: string, take: (bytes: Uint8Array) => void): void {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    take(Buffer.from(entry.name));
    if (entry.isFile()) readFile(join(entry.parentPath, entry.name), take);
  }
}

function readFile(path: string, take: (bytes: Uint8Array) => void): void {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatSync(file).isFile()) take(readFileSync(file));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Files that this process holds open without a name; where the system shows them. */
function readNameless(take: (bytes: Uint8Array) => void): void {
  const directory = '/proc/self/fd';
  let files: string[] = [];
  try {
    files = readdirSync(directory);
  } catch {
    return;
  }
  for (const file of files) {
    try {
      const path = join(directory, file);
      if (readlinkSync(path).endsWith(' (deleted)')) readFile(path, take);
    } catch {
      // closed meanwhile
    }
  }
}

interface Sender {
  send(...args: unknown[]): void;
}

/** Whoever asks from here gets the `ws` that the channels use. */
const hostManifest = new URL('../../packages/host/package.json', import.meta.url);

/** Taps this process's own ways out; returns what takes the taps away. */
function tapProcess(records: Records): () => void {
  const { WebSocket } = createRequire(hostManifest)('ws') as { WebSocket: { prototype: Sender } };
  const send = WebSocket.prototype.send;
  const sending = vi.spyOn(WebSocket.prototype, 'send').mockImplementation(function (
    this: Sender,
    ...args: unknown[]
  ) {
    records.add('coordinator traffic', args[0] as Uint8Array | string);
    Reflect.apply(send, this, args);
  });
  const streams = [process.stdout, process.stderr].map((stream) => {
    return vi.spyOn(stream, 'write').mockImplementation((text: Uint8Array | string) => {
      records.add('logs', text);
      return true;
    });
  });
  return () => {
    sending.mockRestore();
    for (const stream of streams) stream.mockRestore();
  };
}

/** A link whose channels put every frame on record, as it is inside TLS. */
function tappedLink(link: CoordinatorLink, records: Records, change: (frame: Uint8Array) => Uint8Array) {
  const tapped = (channel: Channel): Channel => ({
    facts: channel.facts,
    counters: channel.counters,
    closed: channel.closed,
    send: (frame) => {
      const changed = change(frame);
      records.add('frames', changed);
      return channel.send(changed);
    },
    receive: () => channel.receive(),
    close: (code) => channel.close(code),
    [Symbol.asyncIterator]: () => channel[Symbol.asyncIterator](),
  });
  const tappedLinkOf: CoordinatorLink = {
    get state() {
      return link.state;
    },
    closed: link.closed,
    dial: async (...args) => tapped(await link.dial(...args)),
    onRing: (handler) =>
      link.onRing((ring) =>
        handler({
          from: ring.from,
          tag: ring.tag,
          accept: async (expected) => tapped(await ring.accept(expected)),
          reject: (code) => ring.reject(code),
        }),
      ),
    onState: (handler) => link.onState(handler),
    directory: () => link.directory(),
    close: () => link.close(),
  };
  return tappedLinkOf;
}

/** What the vaults' threads drew and posted (vault-recorded.mjs). */
function tapVaults(records: Records, needles: Needles) {
  const tap = new BroadcastChannel('canary-tap');
  const scalars: Uint8Array[] = [];
  let flushed = 0;
  let onFlushed: () => void = () => undefined;
  tap.onmessage = (event: unknown) => {
    const { data } = event as { data: { type: string; bytes: Uint8Array; message: unknown } };
    if (data.type === 'posted') records.add('vault messages', serialize(data.message));
    if (data.type === 'flushed') {
      flushed += 1;
      onFlushed();
    }
    if (data.type !== 'drawn') return;
    if (data.bytes.length === 32) needles.addBytes('nonce of a proof', data.bytes);
    if (data.bytes.length !== 64) return;
    needles.addBytes('scalar before its reduction', data.bytes);
    scalars.push(drawScalar(() => Uint8Array.from(data.bytes)));
  };
  return {
    scalars,
    /** Whatever the vaults said so far is on record. */
    async flush(vaults: number): Promise<void> {
      flushed = 0;
      tap.postMessage({ type: 'flush' });
      while (flushed < vaults) await new Promise<void>((resolve) => (onFlushed = resolve));
    },
    close(): void {
      tap.close();
      for (const [i, scalar] of scalars.entries()) {
        const inverse = invertScalar(scalar);
        needles.addBytes('scalar', scalar);
        needles.addBytes('inverse of a scalar', inverse);
        const before = scalars[i - 1];
        if (before !== undefined) needles.addBytes('k/r', multiplyScalars(before, inverse));
      }
    },
  };
}

const scryptCost = { N: 1024, r: 1, p: 1 };

/** @param leaks of the first node alone. */
export async function startCanaryWorld(
  lists: Readonly<Record<string, readonly Person[]>>,
  leaks: Leaks = {},
): Promise<CanaryWorld> {
  const root = await mkdtemp(join(tmpdir(), 'tallystick-canary-'));
  const [data, temporary, outside] = ['data', 'tmp', 'outside'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const directory of [data, temporary, outside]) await mkdir(directory);
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = temporary;

  const records = new Records();
  const needles = new Needles();
  const untapProcess = tapProcess(records);
  const vaults = tapVaults(records, needles);
  const look = (): void => {
    readAll(data, (bytes) => records.addOnce('data directories', bytes));
    readAll(temporary, (bytes) => records.addOnce('temporary files', bytes));
    readNameless((bytes) => records.addOnce('temporary files', bytes));
  };
  const looking = setInterval(look, 40);
  const log = createLog({ write: (line) => records.add('logs', line), level: 'debug', strict: true });
  const nodes = new Map<string, RunningNode>();
  let coordinator: CoordinatorProcess | undefined;

  const end = async (): Promise<void> => {
    clearInterval(looking);
    look();
    await vaults.flush(nodes.size);
    await Promise.all([...nodes.values()].map((node) => node.close()));
    await coordinator?.close();
    look();
    untapProcess();
    vaults.close();
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    await rm(root, { recursive: true });
  };

  try {
    const collector = await createIdentity('coordinator', systemClock, systemRandom);
    coordinator = await startCoordinatorProcess({ log, identity: collector });
    const { url } = coordinator;
    const world: CanaryWorld = {
      coordinator,
      outside,
      needles,
      interfere: undefined,
      node(id) {
        const node = nodes.get(id);
        if (node === undefined) throw new Error(`no ${id}`);
        return node;
      },
      async fails(call) {
        try {
          await call;
        } catch (thrown) {
          world.told(thrown);
          return (thrown as { code?: string }).code ?? String(thrown);
        }
        throw new Error('want a failure, got none');
      },
      told: (shown) => records.add('error texts', inspect(shown, { depth: 10, showHidden: true })),
      record: (where) => records.of(where),
      async close() {
        await end();
        return places.flatMap((where) =>
          needles.search(records.of(where)).map((sighting) => ({ where, ...sighting })),
        );
      },
    };
    const start = async (id: string, index: number): Promise<void> => {
      const { log: leakyLog, vault: leakyVault, link: leakyLink } = index === 0 ? leaks : {};
      const dataDir = join(data, id);
      const passphrase = randomBytes(18).toString('base64');
      needles.addText('passphrase', passphrase);
      const key = { kind: 'passphrase', passphrase } as const;
      await initDirectory(dataDir, id, key, { scryptCost });
      const node = await startNode({
        place: { kind: 'directory', dataDir, key },
        coordinatorUrl: url,
        consent: 'auto',
        log: leakyLog?.(log) ?? log,
        openVault: async () => {
          const vault = recordedKey(await openVault({ inline: true }), needles);
          return leakyVault?.(vault) ?? vault;
        },
        connect: async (identity) => {
          const pkcs8 = identity.privateKey.export({ type: 'pkcs8', format: 'der' });
          needles.addBytes('private key of a node', pkcs8.subarray(-32)); // RFC 8410 §7: the key comes last
          const link = leakyLink ?? ((own: CoordinatorLink) => own);
          const change = (frame: Uint8Array): Uint8Array => world.interfere?.(id, frame) ?? frame;
          // A leak stands outside, so that what it adds is on record.
          return link(tappedLink(await connectCoordinator({ url, identity, log }), records, change));
        },
      });
      nodes.set(id, node);
    };
    await Promise.all(Object.keys(lists).map(start));
    const everybody = [...nodes.values()].map((node) => node.identity).concat(coordinator.identity);
    for (const [id, node] of nodes) {
      for (const peer of everybody) {
        if (peer.id !== id) await node.call('peer.add', { id: peer.id, fingerprint: peer.fingerprint });
      }
      const path = join(outside, `${id}.csv`);
      await writeFile(path, csvOf(lists[id] ?? []));
      await node.call('list.import', { path, name: 'watch', format: 'csv', columns });
    }
    return world;
  } catch (thrown) {
    await end();
    throw thrown;
  }
}

function recordedKey(vault: Vault, needles: Needles): Vault {
  const unlock: Vault['unlock'] = (dataKey) => {
    needles.addBytes('data key', dataKey);
    return vault.unlock(dataKey);
  };
  return { ...vault, unlock };
}
