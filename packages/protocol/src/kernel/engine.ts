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
import { instantiateKernel, type KernelExports, type WasmModule } from './webassembly.ts';

export type KernelName = 'fused' | 'portable';

/** Windows of the bucket method by batch size: few buckets for few elements (kernel/assembly/sum.ts). */
function windowBitsFor(count: number): number {
  if (count < 512) return 5;
  return count < 4096 ? 8 : 11;
}

/** The engine over an instance that is already there; wipes after every call, whatever happens. */
function engineOver(kernel: KernelExports, name: KernelName): GroupEngine {
  const memory = new Uint8Array(kernel.memory.buffer);
  const block = kernel.block.value;
  const input = kernel.input.value;
  const output = kernel.output.value;

  /** Runs `step` on every block of the batch, all of them even after a bad element, then fails on the first bad one. */
  function forBlocks(
    batch: Uint8Array,
    stride: number,
    step: (count: number) => number,
    after?: (first: number, count: number) => void,
  ): void {
    const total = batch.length / stride;
    let bad = -1;
    let badIsIdentity = false;
    for (let first = 0; first < total; first += block) {
      const count = Math.min(block, total - first);
      memory.set(batch.subarray(first * stride, (first + count) * stride), input);
      const answer = step(count);
      if (answer >= 0 && bad < 0) {
        bad = first + (answer >> 1);
        badIsIdentity = (answer & 1) === 1;
      }
      after?.(first, count);
    }
    if (bad >= 0) throw badElement(bad, badIsIdentity);
  }

  function multiplyBlocks(
    batch: Uint8Array,
    stride: number,
    scalar: Uint8Array,
    step: (count: number) => number,
  ): Uint8Array {
    checkScalar(scalar);
    const out = new Uint8Array((batch.length / stride) * elementBytes);
    if (out.length === 0) return out;
    try {
      memory.set(scalar, kernel.scalar.value);
      kernel.setScalar();
      forBlocks(batch, stride, step, (first, count) => {
        out.set(memory.subarray(output, output + count * elementBytes), first * elementBytes);
      });
      return out;
    } finally {
      kernel.wipe();
    }
  }

  return {
    name,

    evaluate(elements, scalar) {
      countElements(elements);
      return multiplyBlocks(elements, elementBytes, scalar, kernel.evaluate);
    },

    hashAndBlind(uniform, scalar) {
      countUniform(uniform);
      return multiplyBlocks(uniform, uniformBytes, scalar, kernel.hashAndBlind);
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
