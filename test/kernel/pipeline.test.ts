/**
 * The chain's pipeline over a pool that computes when it is told to: every worker has a chunk of its own while frames
 * are in flight, and neither a slow reader nor a slow pool makes a party hold more than its windows.
 *
 * One party is the product's own, from its state machine through the jobs and the vault's session to the sub-batches;
 * only the two workers are replaced. The others compute one element at a time.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { agreementId } from '@tallystick/protocol/agreement';
import type { Job, JobResult } from '@tallystick/protocol/chain';
import { elementBytes } from '@tallystick/protocol/suite';
import { defaultLimits, frameHeaderBytes, isJsonFrame, windowBytes } from '@tallystick/protocol/wire';
import { describe, expect, it } from 'vitest';
import { createCompute, type TaskHost } from '../../packages/node/src/compute/batches.ts';
import { underWayPerThread } from '../../packages/node/src/compute/line.ts';
import { createTaskRunner, type Task, type TaskOutcome } from '../../packages/node/src/compute/task.ts';
import { runJob } from '../../packages/node/src/session/jobs.ts';
import { IdentifierSet } from '../../packages/node/src/vault/flat/identifier-set.ts';
import { VaultSession } from '../../packages/node/src/vault/session.ts';
import type { Vault } from '../../packages/node/src/vault/types.ts';
import { Ring, type RingSetup, testRandom } from '../../packages/protocol/src/chain/ring.testkit.ts';
import { kernelEngine } from './engines.ts';

const { windowChunks } = defaultLimits;

/** Two workers; a task is done when the test says so. The first two tasks are on them, the others wait. */
class Workers implements TaskHost {
  readonly threads = 2;
  readonly tasks: { readonly task: Task; readonly finish: () => void }[] = [];
  /** Chunks that are done. */
  computed = 0;
  readonly #compute = createTaskRunner(kernelEngine('portable'), () => 0);

  run(task: Task): Promise<TaskOutcome> {
    return new Promise((resolve) => {
      this.tasks.push({ task, finish: () => resolve(this.#compute(task)) });
    });
  }

  /** The tasks that are on a worker. */
  get computing(): Task[] {
    return this.tasks.slice(0, this.threads).map(({ task }) => task);
  }

  finish(worker: number): void {
    const [done] = this.tasks.splice(Math.min(worker, this.tasks.length - 1), 1);
    if (done !== undefined && chunkOf(done.task) > 0) this.computed += 1;
    done?.finish();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Elements of a chunk that became a task; none for other tasks. */
const chunkOf = (task: Task): number =>
  (task.op === 'evaluate' || task.op === 'tags') && 'elements' in task
    ? task.elements.length / elementBytes
    : 0;

interface Given {
  readonly job: Job;
  readonly answer: (result: JobResult) => void;
}

/** A session in which party `a` is the product's. */
class Party {
  readonly ring: Ring;
  readonly workers = new Workers();
  /** Jobs that the vault has not answered. */
  readonly underWay = new Set<Job>();
  /** Chunks of elements that came in. */
  cameIn = 0;
  readonly #vault: Vault;
  readonly #sizes: readonly number[];
  #given: Given[] = [];
  #answered: (() => void)[] = [];

  constructor(setup: Pick<RingSetup, 'lists' | 'chunkElements'>, slow?: string) {
    const { lists } = setup;
    this.#sizes = Object.values(lists).map((list) => list.length);
    this.ring = new Ring({
      ...setup,
      sentinels: 0,
      verified: false,
      holds: (id, job, answer) => {
        if (id === 'a') this.#given.push({ job, answer });
        return id === 'a' || id === slow;
      },
    });
    this.#vault = this.#openVault(lists['a'] ?? []);
    this.ring.propose();
  }

  #openVault(list: readonly string[]): Vault {
    const set = new IdentifierSet(1);
    for (const [record, identifier] of list.entries()) set.add(identifier, record);
    set.seal();
    const request = {
      session: 's',
      listId: '',
      form: 'sealed',
      subject: 'any',
      recipes: [],
      agreementId: agreementId(this.ring.agreement),
      nodeId: 'a',
      proposalHash: new Uint8Array(32),
      maxIdentifiers: 1000,
    } as const;
    const sealer = (): never => {
      throw new Error('nothing is sealed here');
    };
    const report = { engine: 'portable', tried: [], threads: this.workers.threads } as const;
    const compute = createCompute(this.workers, report);
    const tools = { compute, random: testRandom(7), sealer };
    const session = new VaultSession(request, set, { fillers: 0, labels: null }, tools);
    // as the client of the vault does: the session's name goes first, the answer comes later
    const call =
      (name: keyof VaultSession) =>
      async (_name: string, ...rest: unknown[]): Promise<unknown> =>
        (session[name] as (...given: unknown[]) => unknown).apply(session, rest);
    return new Proxy({} as Vault, { get: (_, name) => call(name as keyof VaultSession) });
  }

  #start({ job, answer }: Given): void {
    this.underWay.add(job);
    if (job.op === 'evaluate' || job.op === 'finishChain') this.cameIn += 1;
    const context = {
      vault: this.#vault,
      session: 's',
      self: 'a',
      agreement: () => this.ring.agreement,
      sizes: () => this.#sizes,
      onBlinded: () => undefined,
      onMatches: () => undefined,
    };
    void runJob(context, job).then((result) => {
      this.underWay.delete(job);
      this.#answered.push(() => answer(result));
    });
  }

  /** Everything moves that does not wait for a worker. */
  async move(): Promise<void> {
    do {
      for (const answer of this.#answered.splice(0)) answer();
      this.ring.settle();
      // the ring shuffles jobs; a driver makes them in the order of their streams
      const startOf = ({ job }: Given): number => ('start' in job ? job.start : -1);
      for (const one of this.#given.splice(0).sort((x, y) => startOf(x) - startOf(y))) this.#start(one);
      await nextTurn();
    } while (this.#answered.length > 0 || this.#given.length > 0);
  }

  /** Chunks of a station to another, as frames. */
  chunks(from: string, to: string): Uint8Array[] {
    return this.ring.sent
      .filter((one) => one.from === from && one.to === to && !isJsonFrame(one.frame))
      .map(({ frame }) => frame);
  }
}

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}:${i}`);
const bytesOf = (frames: readonly Uint8Array[]): number =>
  frames.reduce((sum, frame) => sum + frame.length - frameHeaderBytes, 0);

describe('the pipeline of chunks', () => {
  it('has two chunks computed at once by two workers whenever two have come in', async () => {
    const common = names('both', 15);
    const lists = { a: [...common, ...names('a', 9)], b: [...common, ...names('b', 5)] };
    const party = new Party({ lists, chunkElements: 4 });
    const random = testRandom(3);
    let together = 0;
    await party.move();
    while (party.workers.tasks.length > 0) {
      const { computing } = party.workers;
      if (party.cameIn - party.workers.computed >= 2) expect(computing.length).toBe(2);
      // each a whole chunk, and not the same one
      const chunks = computing.filter((task) => chunkOf(task) > 0);
      if (chunks.length === 2) {
        together += 1;
        const [first, second] = chunks.map((task) => ('elements' in task ? [...task.elements] : []));
        expect(first).not.toEqual(second);
      }
      party.workers.finish((random(1)[0] as number) % 2);
      await party.move();
    }
    expect(together).toBeGreaterThan(3);
    for (const { outcome, error } of party.ring.places.values()) {
      expect(error).toBeUndefined();
      expect(outcome).toEqual({ kind: 'counts', exactly: [9, 5, 15], verified: false });
    }
  });

  it('holds no more than its windows when the next station does not read', async () => {
    const count = 5 * windowChunks;
    const lists = { a: names('a', count), b: names('b', count), c: names('c', count) };
    const party = new Party({ lists, chunkElements: 1 }, 'b');
    await party.move();
    while (party.workers.tasks.length > 0) {
      party.workers.finish(0);
      await party.move();
    }
    // own list and c's list go to b, which works nothing off: a window of each, and no more
    const sent = party.chunks('a', 'b');
    expect(bytesOf(sent)).toBe(windowBytes(windowChunks, 1, 2));
    // of c's list another window has come in, was computed, and waits to be granted
    const sentOn = sent.filter((frame) => frame[2] === 2);
    const waiting = bytesOf(party.chunks('c', 'a')) - bytesOf(sentOn);
    expect(waiting).toBe(windowBytes(windowChunks, 1, 1));
    expect(party.underWay.size).toBe(0);
  });

  it('holds no more than its windows, and two sub-batches a worker, when the pool stands still', async () => {
    const count = 5 * windowChunks;
    const lists = { a: names('a', 3), b: names('b', count) };
    const party = new Party({ lists, chunkElements: 1 });
    await party.move();
    while (party.workers.tasks.some(({ task }) => task.op === 'blind')) {
      party.workers.finish(0);
      await party.move();
    }
    const cameIn = [...party.underWay].filter(({ op }) => op === 'evaluate' || op === 'finishChain');
    const held = cameIn.reduce((sum, job) => sum + ('elements' in job ? job.elements.length : 0), 0);
    expect(held).toBeGreaterThanOrEqual(windowBytes(windowChunks, 1, 1));
    expect(held).toBeLessThanOrEqual(windowBytes(windowChunks, 1, 2));
    expect(bytesOf(party.chunks('b', 'a'))).toBeLessThanOrEqual(windowBytes(windowChunks, 1, 2));
    expect(party.workers.tasks.length).toBe(underWayPerThread * party.workers.threads);
  });
});
