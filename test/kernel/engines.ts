/**
 * The kernel's two builds for tests and benches, from the committed wasm files.
 *
 * Assumes: Node; on Node 20 the relaxed-SIMD flag is switched on before the first module is compiled.
 */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import {
  compileKernel,
  createKernelEngine,
  type KernelName,
  type WasmModule,
} from '@tallystick/protocol/kernel';
import type { GroupEngine } from '@tallystick/protocol/suite';

/** Node 20 has relaxed SIMD behind a flag; later ones have it on and refuse the flag. */
export function enableRelaxedSimd(): void {
  if (Number.parseInt(process.versions.node, 10) < 22) setFlagsFromString('--experimental-wasm-relaxed-simd');
}

export function readKernel(name: KernelName): Uint8Array {
  return readFileSync(new URL(import.meta.resolve(`@tallystick/protocol/kernel/${name}.wasm`)));
}

export function loadKernel(name: KernelName): WasmModule {
  enableRelaxedSimd();
  return compileKernel(readKernel(name));
}

export function kernelEngine(name: KernelName): GroupEngine {
  return createKernelEngine(loadKernel(name), name);
}

interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

/** An instance of a module that a test has built, with the exports that the test says it has. */
export function instantiate<T>(bytes: Uint8Array): T {
  enableRelaxedSimd();
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly;
  return new Instance(new Module(bytes), {}).exports as T;
}

export const kernelNames: readonly KernelName[] = ['fused', 'portable'];

export const order = 2n ** 252n + 27742317777372353535851937790883648493n;

export function littleEndian(value: bigint, bytes = 32): Uint8Array {
  const out = new Uint8Array(bytes);
  for (let i = 0, rest = value; i < bytes; i++, rest >>= 8n) out[i] = Number(rest & 0xffn);
  return out;
}

export function integerOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}

export function hex(...texts: readonly string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(texts.join(''), 'hex'));
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** `code message` of what a call throws, or `passed`. */
export function failure(run: () => unknown): string {
  try {
    run();
  } catch (thrown) {
    return `${(thrown as { code: string }).code}: ${(thrown as Error).message}`;
  }
  return 'passed';
}
