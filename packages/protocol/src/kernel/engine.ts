/**
 * The kernel engine: the group port over one instance of the WebAssembly kernel.
 *
 * Purpose: cut a batch into blocks that fit the kernel's fixed memory, so that memory does not grow with the
 * batch; turn the kernel's answers into coded errors; leave nothing secret in its memory.
 * Assumes: the module was built from packages/protocol/kernel; one caller at a time (calls are synchronous).
 * Does not know: whether the arithmetic is right here (selftest.ts), files, workers.
 */
import { badElement, checkScalar, countElements, countUniform, countWeighted } from '../suite/batch.ts';
import type { GroupEngine } from '../suite/group.ts';
import { elementBytes, uniformBytes, weightBytes } from '../suite/group.ts';
import { checkDst, checkMessages, expandMessages } from '../suite/hash.ts';
import { checkTagTerms, tagPrefix } from '../suite/tag.ts';
import { longestMessage, messageBlocks } from './message-blocks.ts';
import { instantiateKernel, type KernelExports, type WasmModule } from './webassembly.ts';

export type KernelName = 'fused' | 'portable';

/** Windows of the bucket method by batch size: few buckets for few elements (kernel/assembly/sum.ts). */
function windowBitsFor(count: number): number {
  if (count < 512) return 5;
  return count < 4096 ? 8 : 11;
}

/** Keeps the first bad element of a batch, of what the kernel answers block by block. */
class FirstBad {
  #index = -1;
  #isIdentity = false;

  /** @param answer −1, or 2·index + identity, counted from `first` */
  note(answer: number, first: number): void {
    if (answer < 0 || this.#index >= 0) return;
    this.#index = first + (answer >> 1);
    this.#isIdentity = (answer & 1) === 1;
  }

  throwIfAny(): void {
    if (this.#index >= 0) throw badElement(this.#index, this.#isIdentity);
  }
}

/** The engine over an instance that is already there; wipes after every call, whatever happens. */
function engineOver(kernel: KernelExports, name: KernelName): GroupEngine {
  const memory = new Uint8Array(kernel.memory.buffer);
  const messageEnds = new Uint32Array(kernel.memory.buffer, kernel.ends.value, kernel.block.value);
  const block = kernel.block.value;
  const input = kernel.input.value;
  const output = kernel.output.value;
  const tagged = input; // the kernel writes tags over the block that they were made of

  /** Runs `step` on every block of the batch, all of them even after a bad element, then fails on the first bad one. */
  function forBlocks(
    batch: Uint8Array,
    stride: number,
    step: (count: number) => number,
    after?: (first: number, count: number) => void,
  ): void {
    const total = batch.length / stride;
    const bad = new FirstBad();
    for (let first = 0; first < total; first += block) {
      const count = Math.min(block, total - first);
      memory.set(batch.subarray(first * stride, (first + count) * stride), input);
      bad.note(step(count), first);
      after?.(first, count);
    }
    bad.throwIfAny();
  }

  /** `work` with the scalar taken; nothing of it stays. An empty batch only checks the scalar. */
  function withScalar(scalar: Uint8Array, out: Uint8Array, work: () => void): Uint8Array {
    checkScalar(scalar);
    if (out.length === 0) return out;
    try {
      memory.set(scalar, kernel.scalar.value);
      kernel.setScalar();
      work();
      return out;
    } finally {
      kernel.wipe();
    }
  }

  /** Puts what the kernel left at `from`, `width` bytes an element, in its place. */
  function taker(out: Uint8Array, from: number, width: number): (first: number, count: number) => void {
    return (first, count) => out.set(memory.subarray(from, from + count * width), first * width);
  }

  /** What every tag's block begins with. */
  function beginTags(tagContext: Uint8Array): void {
    memory.set(tagPrefix, kernel.term.value);
    memory.set(tagContext, kernel.term.value + tagPrefix.length);
    kernel.beginTags(tagPrefix.length + tagContext.length);
  }

  const engine: GroupEngine = {
    name,

    evaluate(elements, scalar) {
      const out = new Uint8Array(countElements(elements) * elementBytes);
      const take = taker(out, output, elementBytes);
      return withScalar(scalar, out, () => forBlocks(elements, elementBytes, kernel.evaluate, take));
    },

    hashAndBlind(uniform, scalar) {
      const out = new Uint8Array(countUniform(uniform) * elementBytes);
      const take = taker(out, output, elementBytes);
      return withScalar(scalar, out, () => forBlocks(uniform, uniformBytes, kernel.hashAndBlind, take));
    },

    blindMessages(messages, dst, scalar) {
      checkMessages(messages);
      checkDst(dst);
      if (longestMessage(messages) > kernel.messageBytes.value) {
        const uniform = expandMessages(messages, dst);
        try {
          return engine.hashAndBlind(uniform, scalar);
        } finally {
          uniform.fill(0);
        }
      }
      const { text, ends } = messages;
      const out = new Uint8Array(ends.length * elementBytes);
      const take = taker(out, output, elementBytes);
      return withScalar(scalar, out, () => {
        memory.set(dst, kernel.term.value);
        kernel.beginExpand(dst.length);
        const bad = new FirstBad();
        for (const { first, to, start, end } of messageBlocks(messages, block, kernel.textBytes.value)) {
          memory.set(text.subarray(start, end), kernel.text.value);
          for (let i = first; i < to; i++) messageEnds[i - first] = (ends[i] as number) - start;
          kernel.expand(to - first);
          bad.note(kernel.hashAndBlind(to - first), first);
          take(first, to - first);
        }
        bad.throwIfAny();
      });
    },

    evaluateToTags(elements, scalar, tagContext, tagBytes) {
      checkTagTerms(tagContext, tagBytes);
      const out = new Uint8Array(countElements(elements) * tagBytes);
      const take = taker(out, tagged, tagBytes);
      return withScalar(scalar, out, () => {
        beginTags(tagContext);
        forBlocks(elements, elementBytes, kernel.evaluate, (first, count) => {
          kernel.tags(count, tagBytes);
          take(first, count);
        });
      });
    },

    evaluateWithTags(elements, scalar, tagContext, tagBytes) {
      checkTagTerms(tagContext, tagBytes);
      const count = countElements(elements);
      const out = new Uint8Array(count * (elementBytes + tagBytes));
      const take = taker(out, output, elementBytes);
      const takeTags = taker(out.subarray(count * elementBytes), tagged, tagBytes);
      return withScalar(scalar, out, () => {
        beginTags(tagContext);
        forBlocks(elements, elementBytes, kernel.evaluate, (first, size) => {
          take(first, size);
          kernel.tags(size, tagBytes);
          takeTags(first, size);
        });
      });
    },

    tag(elements, tagContext, tagBytes) {
      checkTagTerms(tagContext, tagBytes);
      const count = countElements(elements);
      const out = new Uint8Array(count * tagBytes);
      const take = taker(out, tagged, tagBytes);
      try {
        beginTags(tagContext);
        for (let first = 0; first < count; first += block) {
          const size = Math.min(block, count - first);
          memory.set(elements.subarray(first * elementBytes, (first + size) * elementBytes), output);
          kernel.tags(size, tagBytes);
          take(first, size);
        }
        return out;
      } finally {
        kernel.wipe();
      }
    },

    weightedSum(elements, weights) {
      const total = countWeighted(elements, weights);
      let done = 0;
      try {
        kernel.sumBegin(windowBitsFor(total));
        forBlocks(elements, elementBytes, (count) => {
          memory.set(
            weights.subarray(done * weightBytes, (done + count) * weightBytes),
            kernel.weights.value,
          );
          done += count;
          return kernel.sumBlock(count);
        });
        kernel.sumFinish();
        return memory.slice(output, output + elementBytes);
      } finally {
        kernel.wipe();
      }
    },

    decodeCheck(elements) {
      countElements(elements);
      try {
        forBlocks(elements, elementBytes, kernel.decodeCheck);
      } finally {
        kernel.wipe();
      }
    },
  };
  return engine;
}

/**
 * A kernel engine with an instance and memory (2.6 MB, most of it untouched until a weighted sum) of its own; one for
 * each thread. `name` must be the build's. Throws `compute.unavailable` or `compute.memory`.
 */
export function createKernelEngine(module: WasmModule, name: KernelName): GroupEngine {
  const kernel = instantiateKernel(module);
  kernel.init();
  return engineOver(kernel, name);
}

/** Whether fused multiply-add rounds once on this machine (always true of the portable build, which has none). */
export function isTrulyFused(module: WasmModule): boolean {
  return instantiateKernel(module).isFused() === 1;
}
