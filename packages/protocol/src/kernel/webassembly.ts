/**
 * The few WebAssembly types that the loader uses; `lib: es2023` has none and packages/protocol takes no other.
 *
 * Purpose: compile bytes, make an instance, and fail with a coded error where the runtime cannot.
 * Assumes: a runtime with or without WebAssembly. Does not know: what a module computes.
 */
import { TallyError } from '../errors/index.ts';

/** A compiled module: opaque here. A runtime can hand it to its workers (structured clone), which saves compiling. */
export interface WasmModule {
  readonly __wasmModule?: never;
}

interface WasmGlobal {
  readonly value: number;
}

/** What packages/protocol/kernel/assembly/index.ts exports. */
export interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly block: WasmGlobal;
  readonly input: WasmGlobal;
  readonly output: WasmGlobal;
  readonly scalar: WasmGlobal;
  readonly weights: WasmGlobal;
  readonly term: WasmGlobal;
  readonly ends: WasmGlobal;
  readonly text: WasmGlobal;
  readonly textBytes: WasmGlobal;
  readonly messageBytes: WasmGlobal;
  init(): void;
  isFused(): number;
  setScalar(): void;
  evaluate(count: number): number;
  hashAndBlind(count: number): number;
  decodeCheck(count: number): number;
  beginExpand(dstBytes: number): void;
  expand(count: number): void;
  beginTags(prefixBytes: number): void;
  tags(count: number, tagBytes: number): void;
  sumBegin(windowBits: number): void;
  sumBlock(count: number): number;
  sumFinish(): void;
  wipe(): void;
}

interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: KernelExports };
}

function wasmApi(): WasmApi {
  const api = (globalThis as { WebAssembly?: WasmApi }).WebAssembly;
  if (api === undefined) throw new TallyError('compute.unavailable', 'webassembly: this runtime has none');
  return api;
}

/** The module of these bytes, compiled at once; throws `compute.unavailable` where the runtime refuses it. */
export function compileKernel(bytes: Uint8Array): WasmModule {
  const { Module } = wasmApi();
  try {
    return new Module(bytes);
  } catch (cause) {
    throw new TallyError('compute.unavailable', 'kernel: this runtime does not take the module', { cause });
  }
}

/** A new instance with memory of its own; throws `compute.memory` where there is none to be had. */
export function instantiateKernel(module: WasmModule): KernelExports {
  const { Instance } = wasmApi();
  try {
    return new Instance(module, {}).exports;
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new TallyError('compute.memory', 'kernel: no memory for an instance', { cause });
    }
    throw new TallyError('compute.unavailable', 'kernel: the module does not start', { cause });
  }
}
