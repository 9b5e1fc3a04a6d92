/**
 * Which engine to use: fused, else portable, else reference; decided by trying.
 *
 * Purpose: one pure function from wasm bytes to a tested engine and the reasons, which `tallystick doctor` prints.
 * Assumes: the host has switched on what its runtime needs first (Node 20: the relaxed-SIMD flag).
 * Does not know: files, runtime versions, workers.
 */
import { TallyError } from '../errors/index.ts';
import type { GroupEngine } from '../suite/group.ts';
import { createReferenceEngine } from '../suite/reference.ts';
import { createKernelEngine, isTrulyFused, type KernelName } from './engine.ts';
import { failedKnownAnswer } from './selftest.ts';
import { compileKernel, type WasmModule } from './webassembly.ts';

/** What can stand behind the group port here: the kernel's builds, and the engine that needs none. */
export type EngineName = KernelName | 'reference';

export interface EngineSources {
  /** Bytes of kernel/fused.wasm and kernel/portable.wasm; an absent one is not tried. */
  readonly fusedWasm?: Uint8Array;
  readonly portableWasm?: Uint8Array;
  /** Try no faster engine than this one. */
  readonly preferred?: EngineName;
}

/** One engine that was considered, and in a few words why it was or was not taken. */
export interface EngineTrial {
  readonly engine: EngineName;
  readonly usable: boolean;
  readonly reason: string;
}

export interface EngineSelection {
  readonly name: EngineName;
  readonly engine: GroupEngine;
  /** The compiled module behind a kernel engine: give it to workers, where `createKernelEngine` takes it. */
  readonly module?: WasmModule;
  /** In the order tried; the last one is the chosen one. */
  readonly tried: readonly EngineTrial[];
}

/** Tests one build: compiles, probes, asks the known answers. Throws or returns a reason where it fails. */
function tryKernel(
  name: KernelName,
  bytes: Uint8Array,
): { readonly engine: GroupEngine; readonly module: WasmModule } | string {
  try {
    const module = compileKernel(bytes);
    if (!isTrulyFused(module)) return 'multiply-add is not fused on this machine';
    const engine = createKernelEngine(module, name);
    const failed = failedKnownAnswer(engine);
    if (failed !== undefined) return `wrong known answer: ${failed}`;
    return { engine, module };
  } catch (thrown) {
    return thrown instanceof TallyError ? thrown.message : 'failed to start';
  }
}

/**
 * The fastest engine that passes its tests here, at most `preferred`. Throws `compute.unavailable` when not even the
 * reference engine gives the known answers.
 */
export function selectEngine(sources: EngineSources): EngineSelection {
  const tried: EngineTrial[] = [];
  const order = ['fused', 'portable', 'reference'] as const;
  const from = sources.preferred === undefined ? 0 : order.indexOf(sources.preferred);
  for (const name of order.slice(0, from)) {
    tried.push({ engine: name, usable: false, reason: `not tried: ${order[from]} was asked for` });
  }
  for (const name of ['fused', 'portable'] as const) {
    if (order.indexOf(name) < from) continue;
    const bytes = name === 'fused' ? sources.fusedWasm : sources.portableWasm;
    const result = bytes === undefined ? 'no wasm file was given' : tryKernel(name, bytes);
    if (typeof result !== 'string') {
      const reason =
        name === 'fused' ? 'fused multiply-add probed, known answers right' : 'known answers right';
      tried.push({ engine: name, usable: true, reason });
      return { name, ...result, tried };
    }
    tried.push({ engine: name, usable: false, reason: result });
  }
  const engine = createReferenceEngine();
  const failed = failedKnownAnswer(engine);
  if (failed !== undefined) {
    throw new TallyError('compute.unavailable', `engine: no engine passed its self-test (${failed})`);
  }
  tried.push({ engine: 'reference', usable: true, reason: 'known answers right' });
  return { name: 'reference', engine, tried };
}
