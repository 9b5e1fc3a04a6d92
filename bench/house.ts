/**
 * A coordinator and N nodes, each a process of its own, with an invented list each.
 *
 * Purpose: run sessions between them and tell what each session cost.
 * Assumes: this machine alone; consent is automatic, every list is invented.
 * Does not know: which figures are wanted.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SessionDetail } from '@tallystick/node/control';
import { initDirectory } from '@tallystick/host/directory';
import type { Form } from './forms.ts';
import { inventLists, type Lists, writeList } from './lists.ts';
import { type Answer, benchKey, type Numbered, type Order, type Sample, type Started } from './psi-orders.ts';

const childEntry = fileURLToPath(new URL('./psi-child.mjs', import.meta.url));
const loader = ['--conditions=@tallystick/source'];
const stopWithinMs = 5000;
const collectorId = 'coordinator';

class Child {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { done: (result: unknown) => void; fail: (error: Error) => void }>();
  #next = 0;

  constructor(name: string) {
    this.#process = fork(childEntry, [], {
      // BENCH_NODE_OPTIONS: options of the children's node, e.g. for a profile
      execArgv: [...loader, ...(process.env['BENCH_NODE_OPTIONS']?.split(' ') ?? [])],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#process.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.number);
      this.#waiting.delete(answer.number);
      if (answer.ok) waiting?.done(answer.result);
      else waiting?.fail(new Error(`${name}: ${answer.code}: ${answer.message}`));
    });
    this.#process.on('exit', (code, signal) => {
      for (const { fail } of this.#waiting.values()) {
        fail(new Error(`${name}: its process ended (${signal ?? code})`));
      }
      this.#waiting.clear();
    });
  }

  order<T>(order: Order): Promise<T> {
    const number = this.#next++;
    return new Promise<T>((done, fail) => {
      this.#waiting.set(number, { done: done as (result: unknown) => void, fail });
      this.#process.send({ number, order } satisfies Numbered, (error) => {
        if (error !== null) fail(error);
      });
    });
  }

  call<T>(method: string, params: unknown): Promise<T> {
    return this.order<T>({ op: 'call', method, params });
  }

  sample(): Promise<Sample> {
    return this.order<Sample>({ op: 'sample' });
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = new Promise<void>((done) => this.#process.once('exit', () => done()));
    const late = setTimeout(() => this.#process.kill('SIGKILL'), stopWithinMs);
    await this.order({ op: 'stop' }).catch(() => this.#process.kill('SIGKILL'));
    await gone;
    clearTimeout(late);
  }
}

/** A form, and what it gives: light, or with its proofs. */
const isSealed = (form: Form): boolean => form.startsWith('sealed');

/** What one session cost, from before its proposal until every party was done. */
export interface SessionCost {
  /** All nodes together. */
  readonly cpuUs: number;
  readonly kernelCpuUs: number;
  readonly coordinatorCpuUs: number;
  /** All nodes together, with framing, TLS and handshakes. */
  readonly bytes: number;
  /** As the coordinator counted what it passed on. */
  readonly relayedBytes: number;
  readonly wallMs: number;
}

export interface House {
  readonly engine: string;
  /** CPU µs of all imports together. */
  readonly importCpuUs: number;
  /** Largest resident sets since the last reset: by node, and of the coordinator. */
  peaks(): Promise<{ readonly nodes: readonly number[]; readonly coordinator: number }>;
  /** Peaks count from here; where the system cannot, they go on counting from the start of the processes. */
  resetPeaks(): Promise<void>;
  session(form: Form): Promise<SessionCost>;
  close(): Promise<void>;
}

/** Starts a coordinator and `parties` nodes and imports lists of n identifiers, half of them in common. */
export async function openHouse(parties: number, n: number, lists: Lists = inventLists(n)): Promise<House> {
  const directory = await mkdtemp(join(tmpdir(), 'tallystick-bench-'));
  const children: Child[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(children.map((child) => child.stop()));
    await rm(directory, { recursive: true, force: true });
  };
  try {
    return await furnish({ directory, children, parties, n, lists, close });
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

interface Plan {
  readonly directory: string;
  readonly children: Child[];
  readonly parties: number;
  readonly n: number;
  readonly lists: Lists;
  readonly close: () => Promise<void>;
}

async function furnish({ directory, children, parties, n, lists, close }: Plan): Promise<House> {
  const start = (name: string): Child => {
    const child = new Child(name);
    children.push(child);
    return child;
  };
  const coordinator = start(collectorId);
  const server = await coordinator.order<Started>({ op: 'coordinator', id: collectorId });
  const ids = Array.from({ length: parties }, (_, i) => `node-${i}`);
  const threads = Math.max(1, Math.floor(availableParallelism() / parties));
  const nodes: Child[] = [];
  const stations = [{ id: collectorId, fingerprint: server.fingerprint }];
  let engine = '';
  for (const id of ids) {
    const dataDir = join(directory, id);
    await initDirectory(dataDir, id, benchKey);
    const node = start(id);
    nodes.push(node);
    const order = { op: 'node', dataDir, url: server.url, collector: collectorId, threads } as const;
    const { fingerprint, engine: name } = await node.order<Started>(order);
    stations.push({ id, fingerprint });
    engine = name;
  }
  for (const [i, node] of nodes.entries()) {
    for (const peer of stations) if (peer.id !== ids[i]) await node.call('peer.add', peer);
    const path = join(directory, `list-${i}.csv`);
    await writeList(path, lists.of(i));
  }
  const sampleAll = (): Promise<Sample[]> => Promise.all(nodes.map((node) => node.sample()));
  const before = await sampleAll();
  for (const [i, node] of nodes.entries()) {
    await node.call('list.import', { path: join(directory, `list-${i}.csv`), name: 'list' });
  }
  const importCpuUs = sumOf(await sampleAll(), 'cpuUs') - sumOf(before, 'cpuUs');
  const answered = new Set<Form>();
  let turns = 0;
  /** The same question on the same lists is not run again: the first list gets its rows in another order. */
  const renew = async (form: Form): Promise<void> => {
    if (answered.has(form)) {
      const own = lists.of(0);
      turns += 1;
      const path = join(directory, 'list-0.csv');
      await writeList(path, [...own.slice(turns), ...own.slice(0, turns)]);
      await nodes[0]?.call('list.import', { path, name: 'list', replace: true });
      answered.clear();
    }
    answered.add(form);
  };

  return {
    engine,
    importCpuUs,
    async peaks() {
      const samples = await sampleAll();
      const { peakRssBytes } = await coordinator.sample();
      return { nodes: samples.map((sample) => sample.peakRssBytes), coordinator: peakRssBytes };
    },
    async resetPeaks() {
      await Promise.all(children.map((child) => child.order({ op: 'reset' })));
    },
    async session(form) {
      await renew(form);
      const [nodesBefore, coordinatorBefore] = [await sampleAll(), await coordinator.sample()];
      const startedMs = performance.now();
      const [first, ...others] = nodes as [Child, ...Child[]];
      const { session } = await first.call<{ session: string }>('session.propose', proposalOf(form, ids));
      const details = [
        await watch(first, session),
        ...(await Promise.all(others.map((node) => watch(node, session)))),
      ];
      const wallMs = performance.now() - startedMs;
      const [nodesAfter, coordinatorAfter] = [await sampleAll(), await coordinator.sample()];
      for (const detail of details) check(detail, form, ids, n, lists.common);
      const spent = (field: keyof Sample): number => sumOf(nodesAfter, field) - sumOf(nodesBefore, field);
      return {
        cpuUs: spent('cpuUs'),
        kernelCpuUs: spent('kernelCpuNs') / 1000,
        coordinatorCpuUs: coordinatorAfter.cpuUs - coordinatorBefore.cpuUs,
        bytes: details.reduce((sum, detail) => sum + detail.transport.sent, 0),
        relayedBytes: coordinatorAfter.relayedBytes - coordinatorBefore.relayedBytes,
        wallMs,
      };
    },
    close,
  };
}

function sumOf(samples: readonly Sample[], field: keyof Sample): number {
  return samples.reduce((sum, sample) => sum + sample[field], 0);
}

function proposalOf(form: Form, ids: readonly string[]) {
  const [first, ...others] = ids as [string, ...string[]];
  const to = form.startsWith('direct-one') ? [first] : [...ids];
  return {
    with: others,
    ...(isSealed(form) ? { collectors: [collectorId] } : {}),
    verified: form.endsWith('-verified'),
    list: 'list',
    subject: 'person',
    recipes: ['document'],
    output: isSealed(form) ? { kind: 'counts' } : { kind: 'matches', to },
    purpose: 'bench',
  };
}

/** Waits for the session's end; a node may hear of it a moment after its proposer. */
async function watch(node: Child, session: string): Promise<SessionDetail> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await node.call<SessionDetail>('session.watch', { session });
    } catch (thrown) {
      if (attempt >= 100 || !String(thrown).includes('session.unknown')) throw thrown;
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}

/** A bench of a session with a wrong answer measures nothing. */
function check(detail: SessionDetail, form: Form, ids: readonly string[], n: number, common: number): void {
  const { state, error, own, matches, counts, output } = detail;
  if (state !== 'done') throw new Error(`session: ended as ${state}: ${error?.code} ${error?.message}`);
  if (own?.identifiers !== n) throw new Error(`list: want ${n} identifiers, got ${own?.identifiers}`);
  const onAll = counts?.find((row) => row.in.length === ids.length)?.exactly;
  if (isSealed(form) && onAll !== common) throw new Error(`counts: want ${common} on all, got ${onAll}`);
  const receives = output?.kind === 'matches' && matches !== null;
  if (receives && matches.identifiers !== common) {
    throw new Error(`matches: want ${common}, got ${matches.identifiers}`);
  }
  if (form.startsWith('direct-both') && !receives) throw new Error('matches: a receiver has none');
}
