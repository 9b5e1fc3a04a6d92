/**
 * Which engine a compute room runs, and how a worker gets its own.
 *
 * Purpose: choose once, on the thread that opens the room, and say why; hand workers a seed (the name and the
 * compiled module, whose code all threads share) from which each makes its own instance.
 * Assumes: every thread of this process runs on the same machine and V8, so that what passed its self-test
 * here passes there.
 * Does not know: pools, batches, what is inside the kernel.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { builtFolder } from '@tallystick/host/install';
import { TallyError } from '@tallystick/protocol/errors';
import {
  createKernelEngine,
  type EngineName,
  selectEngine,
  type WasmModule,
} from '@tallystick/protocol/kernel';
import { createReferenceEngine, type GroupEngine } from '@tallystick/protocol/suite';
import type { EngineReport } from './types.ts';

/** What a worker needs to make an engine; can be cloned to a worker. */
export interface EngineSeed {
  readonly name: EngineName;
  /** Behind a kernel engine. */
  readonly module?: WasmModule;
}

export interface ChosenEngine {
  readonly seed: EngineSeed;
  readonly tried: EngineReport['tried'];
}

const engineNames: readonly EngineName[] = ['fused', 'portable', 'reference'];
/** From this major version on, relaxed SIMD is on by default and V8 refuses the flag. */
const relaxedSimdByDefault = 22;

/** The engine named by the option or by TALLYSTICK_ENGINE, if any; throws `argument.invalid` for another word. */
function forcedEngine(option: EngineName | undefined): EngineName | undefined {
  const wanted = option ?? process.env['TALLYSTICK_ENGINE'];
  if (wanted === undefined || wanted === '') return undefined;
  const name = engineNames.find((known) => known === wanted);
  if (name === undefined) {
    throw new TallyError(
      'argument.invalid',
      `engine: want one of ${engineNames.join(', ')}, got another word`,
    );
  }
  return name;
}

/** A build of the kernel; undefined where the file is not there. */
function readWasm(name: 'fused' | 'portable'): Uint8Array | undefined {
  try {
    return readFileSync(
      builtFolder === undefined
        ? createRequire(import.meta.url).resolve(`@tallystick/protocol/kernel/${name}.wasm`)
        : new URL(`./${name}.wasm`, builtFolder),
    );
  } catch {
    return undefined;
  }
}

/** Works for modules compiled afterwards, on every thread of the process. */
function allowRelaxedSimd(): void {
  const major = Number.parseInt(process.versions.node, 10);
  if (major < relaxedSimdByDefault) setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/** Chooses the fastest usable engine, or the forced one; throws `compute.unavailable` where that is not usable. */
export function chooseEngine(option: EngineName | undefined): ChosenEngine {
  const forced = forcedEngine(option);
  allowRelaxedSimd();
  const fusedWasm = readWasm('fused');
  const portableWasm = readWasm('portable');
  const { name, module, tried } = selectEngine({
    ...(fusedWasm === undefined ? {} : { fusedWasm }),
    ...(portableWasm === undefined ? {} : { portableWasm }),
    ...(forced === undefined ? {} : { preferred: forced }),
  });
  if (forced !== undefined && name !== forced) {
    const reason = tried.find((trial) => trial.engine === forced)?.reason ?? 'not tried';
    throw new TallyError('compute.unavailable', `engine: ${forced} was asked for: ${reason}`);
  }
  return { seed: module === undefined ? { name } : { name, module }, tried };
}

/** An engine of the calling thread's own; throws `compute.unavailable`, `compute.memory`. */
export function engineOf({ name, module }: EngineSeed): GroupEngine {
  if (name === 'reference' || module === undefined) return createReferenceEngine();
  return createKernelEngine(module, name);
}
