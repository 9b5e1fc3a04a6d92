/**
 * Which engine a compute room runs, and how a worker gets its own.
 *
 * Purpose: choose once, on the thread that opens the room, and say why; hand workers a seed from which each
 * makes its own instance.
 * Assumes: every thread of this process runs on the same machine and V8, so that what passed its self-test
 * here passes there.
 * Does not know: pools, batches.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { createReferenceEngine, type EngineName, type GroupEngine } from '@tallystick/protocol/suite';
import type { EngineReport } from './types.ts';

/** What a worker needs to make an engine; can be cloned to a worker. */
export interface EngineSeed {
  readonly name: EngineName;
}

export interface ChosenEngine {
  readonly seed: EngineSeed;
  readonly tried: EngineReport['tried'];
}

const engineNames: readonly EngineName[] = ['fused', 'portable', 'reference'];

/** The engine named by the option or by TALLYSTICK_ENGINE, if any; throws `argument.invalid` for another word. */
function forcedEngine(option: EngineName | undefined): EngineName | undefined {
  const wanted = option ?? process.env['TALLYSTICK_ENGINE'];
  if (wanted === undefined || wanted === '') return undefined;
  const name = engineNames.find((known) => known === wanted);
  if (name === undefined) {
    throw new TallyError('argument.invalid', `TALLYSTICK_ENGINE: want one of ${engineNames.join(', ')}`);
  }
  return name;
}

/** Chooses the fastest usable engine, or the forced one; throws `compute.unavailable` where that is not usable. */
export async function chooseEngine(option: EngineName | undefined): Promise<ChosenEngine> {
  const forced = forcedEngine(option);
  if (forced !== undefined && forced !== 'reference') {
    throw new TallyError('compute.unavailable', `engine: ${forced} is not built`);
  }
  return {
    seed: { name: 'reference' },
    tried: [
      { engine: 'reference', usable: true, reason: forced === undefined ? 'the only one' : 'asked for' },
    ],
  };
}

/** An engine of the calling thread's own. */
export function engineOf(seed: EngineSeed): GroupEngine {
  if (seed.name !== 'reference')
    throw new TallyError('compute.unavailable', `engine: ${seed.name} is not built`);
  return createReferenceEngine();
}
