/**
 * One sub-batch of work, as it is sent to a worker, and how it is done.
 *
 * Purpose: the same code runs it inline and in the pool, so that both agree byte for byte.
 * Assumes: the task's arrays belong to the task: they may be overwritten.
 * Does not know: where in the whole batch the sub-batch stands; threads.
 */
import { asTallyError, type ErrorCode, TallyError } from '@tallystick/protocol/errors';
import { elementBytes, type GroupEngine } from '@tallystick/protocol/suite';
import { weightsOf } from './hashing.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Ways for a worker to fail, for tests alone: a pool refuses them unless it was opened for tests. */
export type Poison = 'exit' | 'exit-in-next' | 'throw' | 'memory' | 'heap';

export type Task =
  | {
      readonly op: 'blind';
      readonly text: Bytes;
      readonly ends: Uint32Array<ArrayBuffer>;
      readonly dst: Bytes;
      readonly scalar: Bytes;
    }
  | { readonly op: 'evaluate'; readonly elements: Bytes; readonly scalar: Bytes }
  | {
      readonly op: 'tags';
      readonly elements: Bytes;
      readonly scalar: Bytes;
      readonly tagContext: Bytes;
      readonly tagBytes: number;
      /** The evaluated elements come before their tags. */
      readonly withElements: boolean;
    }
  | { readonly op: 'hash'; readonly elements: Bytes; readonly tagContext: Bytes; readonly tagBytes: number }
  | { readonly op: 'sum'; readonly elements: Bytes; readonly weights: Bytes }
  | {
      readonly op: 'fold';
      readonly streams: readonly Bytes[];
      readonly seed: Bytes;
      /** Number of the first weight: a multiple of four. */
      readonly start: number;
    }
  | { readonly op: 'poison'; readonly how: Poison };

/** Errors are values here: a thrown one would lose its class on the way between threads. */
export type TaskOutcome =
  | { readonly ok: true; readonly bytes: Bytes; readonly kernelCpuNs: number }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly message: string;
      /** Of the first bad element within the sub-batch; −1 where the error is about none. */
      readonly index: number;
    };

/** Every buffer of a task, to be moved to the worker. */
export function buffersOf(task: Task): ArrayBuffer[] {
  switch (task.op) {
    case 'blind':
      return [task.text.buffer, task.ends.buffer, task.dst.buffer, task.scalar.buffer];
    case 'evaluate':
      return [task.elements.buffer, task.scalar.buffer];
    case 'tags':
      return [task.elements.buffer, task.scalar.buffer, task.tagContext.buffer];
    case 'hash':
      return [task.elements.buffer, task.tagContext.buffer];
    case 'sum':
      return [task.elements.buffer, task.weights.buffer];
    case 'fold':
      return [...task.streams.map((stream) => stream.buffer), task.seed.buffer];
    case 'poison':
      return [];
  }
}

function wipe(bytes: Uint8Array): void {
  if (bytes.length > 0) bytes.fill(0); // a moved array has length 0, and fill would throw
}

/** Zeroes what is secret in a task; harmless when its buffers have been moved away. */
export function wipeTask(task: Task): void {
  if (task.op === 'blind') wipe(task.text);
  if (task.op === 'fold') wipe(task.seed);
  if (task.op === 'blind' || task.op === 'evaluate' || task.op === 'tags') wipe(task.scalar);
}

/**
 * Where the first bad element stands, by halving: the same number of decodings whatever the position, so that
 * time says nothing but the batch's length. The index is that of the engine's own check.
 */
function firstBad(engine: GroupEngine, elements: Uint8Array): number {
  const isBad = (from: number, to: number): boolean => {
    try {
      engine.decodeCheck(elements.subarray(from * elementBytes, to * elementBytes));
      return false;
    } catch {
      return true;
    }
  };
  let from = 0;
  let to = elements.length / elementBytes;
  while (to - from > 1) {
    const middle = (from + to) >>> 1;
    if (isBad(from, middle)) to = middle;
    else from = middle;
  }
  return from;
}

function indexOfBad(engine: GroupEngine, task: Task): number {
  if ('elements' in task) return firstBad(engine, task.elements);
  if (task.op !== 'fold') return -1;
  // the sums are made in this order, so the first stream that does not pass is the one that failed
  for (const stream of task.streams) {
    try {
      engine.decodeCheck(stream);
    } catch {
      return firstBad(engine, stream);
    }
  }
  return -1;
}

function isAllocationFailure(thrown: unknown): boolean {
  // V8 has no class of its own for this
  return thrown instanceof RangeError && /allocation failed|out of memory|Memory\.grow/i.test(thrown.message);
}

function outcomeOf(thrown: unknown, engine: GroupEngine, task: Task): TaskOutcome {
  if (isAllocationFailure(thrown)) {
    return { ok: false, code: 'compute.memory', message: 'sub-batch: allocation failed', index: -1 };
  }
  const error = asTallyError(thrown);
  const isElement = error.code === 'element.encoding' || error.code === 'element.identity';
  const index = isElement ? indexOfBad(engine, task) : -1;
  return { ok: false, code: error.code, message: error.message, index };
}

function poison(how: Exclude<Poison, 'exit-in-next'>): never {
  switch (how) {
    case 'exit':
      return process.exit(13); // in a worker this ends the thread alone
    case 'memory':
      return new Uint8Array(new ArrayBuffer(2 ** 50)) as never; // V8's own RangeError
    case 'heap': {
      // as the reference engine would. On Node 24 a loop of array functions alone would prove nothing: its V8 compiles
      // no check for interrupts into it, so that neither a full heap nor terminate() stops it
      const hoard: bigint[] = [];
      for (let number = 1n << 2000n; ; number += 1n) hoard.push(number);
    }
    case 'throw':
      throw new Error('poison');
  }
}

/** An array that nobody else looks at: what an engine gave, where that is the whole of its buffer. */
function ownBytes(bytes: Uint8Array): Bytes {
  const isWhole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  return isWhole ? (bytes as Bytes) : new Uint8Array(bytes);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.length * elementBytes);
  for (const [i, part] of parts.entries()) out.set(part, i * elementBytes);
  return out;
}

/** Makes the function that runs tasks on one engine; `cpuNs` is the calling thread's CPU clock. */
export function createTaskRunner(engine: GroupEngine, cpuNs: () => number): (task: Task) => TaskOutcome {
  let kernelCpuNs = 0;
  let isDoomed = false;
  const timed = (work: () => Uint8Array): Uint8Array => {
    const startNs = cpuNs();
    const bytes = work();
    if (isDoomed) poison('exit');
    kernelCpuNs += cpuNs() - startNs;
    return bytes;
  };

  function compute(task: Task): Uint8Array {
    switch (task.op) {
      case 'blind':
        return timed(() => engine.blindMessages(task, task.dst, task.scalar));
      case 'evaluate':
        return timed(() => engine.evaluate(task.elements, task.scalar));
      case 'tags':
        return timed(() => {
          const { elements, scalar, tagContext, tagBytes, withElements } = task;
          if (withElements) return engine.evaluateWithTags(elements, scalar, tagContext, tagBytes);
          return engine.evaluateToTags(elements, scalar, tagContext, tagBytes);
        });
      case 'hash':
        return timed(() => engine.tag(task.elements, task.tagContext, task.tagBytes));
      case 'sum':
        return timed(() => engine.weightedSum(task.elements, task.weights));
      case 'fold': {
        const count = (task.streams[0]?.length ?? 0) / elementBytes;
        const weights = weightsOf(task.seed, task.start, count);
        try {
          return timed(() => joined(task.streams.map((stream) => engine.weightedSum(stream, weights))));
        } finally {
          weights.fill(0);
        }
      }
      case 'poison':
        if (task.how !== 'exit-in-next') return poison(task.how);
        isDoomed = true;
        return new Uint8Array(0);
    }
  }

  return (task) => {
    kernelCpuNs = 0;
    try {
      return { ok: true, bytes: ownBytes(compute(task)), kernelCpuNs };
    } catch (thrown) {
      if (task.op === 'poison' && task.how === 'throw') throw thrown;
      return outcomeOf(thrown, engine, task);
    } finally {
      wipeTask(task);
    }
  };
}

/** The error of a failed outcome, with the index counted over the whole batch that starts `offset` earlier. */
export function errorOf(outcome: Extract<TaskOutcome, { ok: false }>, offset: number): TallyError {
  if (outcome.index < 0) return new TallyError(outcome.code, outcome.message);
  const what = outcome.code === 'element.identity' ? 'is the identity' : 'is no canonical encoding';
  return new TallyError(outcome.code, `elements: the one at index ${offset + outcome.index} ${what}`);
}
