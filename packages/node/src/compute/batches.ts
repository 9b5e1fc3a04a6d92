/**
 * Batches into sub-batches and back: the compute port over anything that runs tasks.
 *
 * Purpose: cut a batch so that every worker is busy, put results in their places, and count element errors over the
 * whole batch. A sub-batch is copied once as it is cut, because a buffer cannot be moved in parts, and moved from then
 * on; its result comes back moved and is copied once to its place (docs/kernel.md, Copies).
 * Assumes: the runner settles every task it takes. Does not know: threads, engines.
 */
import { TallyError } from '@tallystick/protocol/errors';
import {
  checkDst,
  checkMessages,
  checkTagTerms,
  elementBytes,
  scalarBytes,
  weightBytes,
  weightSeedBytes,
  weightsPerBlock,
} from '@tallystick/protocol/suite';
import { giveBack } from './give-back.ts';
import { Line } from './line.ts';
import { errorOf, type Task, type TaskOutcome } from './task.ts';
import type { Compute, ComputeOptions, EngineReport } from './types.ts';

/** What stands behind a `Compute`: the inline twin or the pool. Refusals of `run` are `TallyError`s about the machine. */
export interface TaskHost {
  /** Tasks that can be under way at once. */
  readonly threads: number;
  run(task: Task): Promise<TaskOutcome>;
  close(): Promise<void>;
}

const defaultSubBatch = 1024;
/** Below this the engine's own batch overheads show. */
const leastSubBatch = 128;
/** A weighted sum by buckets gets cheaper an element as it grows. */
const sumSubBatch = 16_384;

/** A copy with a buffer of its own (`slice` of a Node Buffer would share its pool). */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

function wholeElements(elements: Uint8Array): number {
  if (elements.length % elementBytes !== 0) {
    throw new TallyError(
      'element.length',
      `elements: want a multiple of ${elementBytes} bytes, got ${elements.length} bytes`,
    );
  }
  return elements.length / elementBytes;
}

function ownScalar(scalar: Uint8Array): Uint8Array<ArrayBuffer> {
  if (scalar.length !== scalarBytes) {
    throw new TallyError('scalar.range', `scalar: want ${scalarBytes} bytes, got ${scalar.length}`);
  }
  return own(scalar);
}

export function createCompute(
  host: TaskHost,
  report: EngineReport,
  options: Pick<ComputeOptions, 'subBatchElements'> = {},
): Compute {
  const mostSubBatch = options.subBatchElements ?? defaultSubBatch;
  const line = new Line(host.threads);
  let kernelCpuNs = 0;
  let batches = 0;
  let elementsDone = 0;

  const subBatchOf = (count: number, most: number): number =>
    Math.max(1, Math.min(most, Math.max(Math.ceil(count / host.threads), Math.min(leastSubBatch, most))));

  /**
   * Runs `count` items in sub-batches; an empty batch is one empty task, so that its scalar is checked too. What
   * `onBytes` was given it has copied, unless `isSpent` is false.
   * After a bad element the rest is still computed: how long it takes must not tell where the element stands.
   */
  async function each(
    count: number,
    size: number,
    taskOf: (from: number, to: number) => Task,
    onBytes: (bytes: Uint8Array, from: number) => void,
    isSpent = true,
  ): Promise<void> {
    let next = 0;
    let failedAt = Number.POSITIVE_INFINITY;
    let failure: unknown;
    let isBroken = false;
    const fail = (at: number, error: unknown): void => {
      if (at >= failedAt) return;
      failedAt = at;
      failure = error;
    };
    const hasNext = (): boolean => !isBroken && (next < count || (count === 0 && next === 0));
    const step = async (): Promise<void> => {
      const from = next;
      const to = Math.min(count, from + size);
      next = count === 0 ? 1 : to;
      try {
        const outcome = await host.run(taskOf(from, to));
        if (!outcome.ok) {
          if (outcome.index < 0) isBroken = true;
          return fail(from, errorOf(outcome, from));
        }
        kernelCpuNs += outcome.kernelCpuNs;
        onBytes(outcome.bytes, from);
        if (isSpent) giveBack(outcome.bytes.buffer);
      } catch (thrown) {
        isBroken = true;
        fail(from, thrown);
      }
    };
    await line.run({ hasNext, next: step });
    if (failure !== undefined) throw failure;
    batches += 1;
    elementsDone += count;
  }

  async function map(
    count: number,
    outBytes: number,
    taskOf: (from: number, to: number) => Task,
  ): Promise<Uint8Array> {
    const out = new Uint8Array(count * outBytes);
    await each(count, subBatchOf(count, mostSubBatch), taskOf, (bytes, from) =>
      out.set(bytes, from * outBytes),
    );
    return out;
  }

  const cut = (elements: Uint8Array, from: number, to: number): Uint8Array<ArrayBuffer> =>
    own(elements.subarray(from * elementBytes, to * elementBytes));

  return {
    async blind(batch, dst, scalar) {
      checkMessages(batch);
      checkDst(dst);
      const kept = ownScalar(scalar);
      try {
        return await map(batch.ends.length, elementBytes, (from, to) => {
          const start = from === 0 ? 0 : (batch.ends[from - 1] as number);
          const end = to === 0 ? 0 : (batch.ends[to - 1] as number);
          const ends = new Uint32Array(to - from);
          for (let i = 0; i < ends.length; i++) ends[i] = (batch.ends[from + i] as number) - start;
          return {
            op: 'blind',
            text: own(batch.text.subarray(start, end)),
            ends,
            dst: own(dst),
            scalar: own(kept),
          };
        });
      } finally {
        kept.fill(0);
      }
    },

    async evaluate(elements, scalar) {
      const count = wholeElements(elements);
      const kept = ownScalar(scalar);
      try {
        return await map(count, elementBytes, (from, to) => ({
          op: 'evaluate',
          elements: cut(elements, from, to),
          scalar: own(kept),
        }));
      } finally {
        kept.fill(0);
      }
    },

    async evaluateToTags(elements, scalar, tagContext, tagBytes) {
      const count = wholeElements(elements);
      checkTagTerms(tagContext, tagBytes);
      const kept = ownScalar(scalar);
      try {
        return await map(count, tagBytes, (from, to) => ({
          op: 'tags',
          elements: cut(elements, from, to),
          scalar: own(kept),
          tagContext: own(tagContext),
          tagBytes,
          withElements: false,
        }));
      } finally {
        kept.fill(0);
      }
    },

    async evaluateWithTags(elements, scalar, tagContext, tagBytes) {
      const count = wholeElements(elements);
      checkTagTerms(tagContext, tagBytes);
      const kept = ownScalar(scalar);
      const evaluated = new Uint8Array(count * elementBytes);
      const tags = new Uint8Array(count * tagBytes);
      const task = (from: number, to: number): Task => ({
        op: 'tags',
        elements: cut(elements, from, to),
        scalar: own(kept),
        tagContext: own(tagContext),
        tagBytes,
        withElements: true,
      });
      try {
        await each(count, subBatchOf(count, mostSubBatch), task, (bytes, from) => {
          const end = (bytes.length / (elementBytes + tagBytes)) * elementBytes;
          evaluated.set(bytes.subarray(0, end), from * elementBytes);
          tags.set(bytes.subarray(end), from * tagBytes);
        });
        return { elements: evaluated, tags };
      } finally {
        kept.fill(0);
      }
    },

    async tag(elements, tagContext, tagBytes) {
      const count = wholeElements(elements);
      checkTagTerms(tagContext, tagBytes);
      return await map(count, tagBytes, (from, to) => ({
        op: 'hash',
        elements: cut(elements, from, to),
        tagContext: own(tagContext),
        tagBytes,
      }));
    },

    async weightedSum(elements, weights) {
      const count = wholeElements(elements);
      if (weights.length !== count * weightBytes) {
        throw new TallyError(
          'element.length',
          `weights: want ${count * weightBytes} bytes for ${count} elements, got ${weights.length}`,
        );
      }
      const partial: Uint8Array[] = [];
      const sum = (from: number, to: number): Task => ({
        op: 'sum',
        elements: cut(elements, from, to),
        weights: own(weights.subarray(from * weightBytes, to * weightBytes)),
      });
      const size = subBatchOf(count, options.subBatchElements ?? sumSubBatch);
      await each(count, size, sum, (bytes) => void partial.push(bytes), false);
      return await addUp(host, partial);
    },

    async fold(streams, seed) {
      const [first] = streams;
      const count = wholeElements(first ?? new Uint8Array(0));
      if (streams.some((stream) => stream.length !== first?.length)) {
        throw new TallyError('element.length', 'streams: want them equally long');
      }
      if (seed.length !== weightSeedBytes) {
        throw new TallyError('argument.invalid', `seed: want ${weightSeedBytes} bytes, got ${seed.length}`);
      }
      const size = subBatchOf(count, options.subBatchElements ?? sumSubBatch);
      const partial = streams.map((): Uint8Array[] => []);
      const task = (from: number, to: number): Task => ({
        op: 'fold',
        streams: streams.map((stream) => cut(stream, from, to)),
        seed: own(seed),
        start: from,
      });
      // whole blocks of weights
      await each(count, Math.ceil(size / weightsPerBlock) * weightsPerBlock, task, (bytes) => {
        for (const [i, sums] of partial.entries())
          sums.push(bytes.slice(i * elementBytes, (i + 1) * elementBytes));
      });
      const out = new Uint8Array(streams.length * elementBytes);
      for (const [i, sums] of partial.entries()) out.set(await addUp(host, sums), i * elementBytes);
      return out;
    },

    async stats() {
      return { kernelCpuNs, batches, elements: elementsDone };
    },

    describeEngine: () => report,
    close: () => host.close(),
  };
}

/** The sum of partial sums. The identity is no element, so it is left out; nothing left is the identity. */
async function addUp(host: TaskHost, partial: readonly Uint8Array[]): Promise<Uint8Array> {
  const terms = partial.filter((bytes) => bytes.some((byte) => byte !== 0));
  if (terms.length === 0) return new Uint8Array(elementBytes);
  if (terms.length === 1) return terms[0] as Uint8Array;
  const elements = new Uint8Array(terms.length * elementBytes);
  const weights = new Uint8Array(terms.length * weightBytes);
  for (const [i, term] of terms.entries()) {
    elements.set(term, i * elementBytes);
    weights[i * weightBytes] = 1;
  }
  const outcome = await host.run({ op: 'sum', elements, weights });
  if (!outcome.ok) throw errorOf(outcome, 0);
  return outcome.bytes;
}
