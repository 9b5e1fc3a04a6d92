/** Choice of an engine: every way in which a faster one can be unusable, and the reason that is given. */
import { createKernelEngine, failedKnownAnswer, selectEngine } from '@tallystick/protocol/kernel';
import { createReferenceEngine, type GroupEngine } from '@tallystick/protocol/suite';
import { afterEach, describe, expect, it } from 'vitest';
import { enableRelaxedSimd, failure, kernelEngine, kernelNames, loadKernel, readKernel } from './engines.ts';

enableRelaxedSimd();
const fusedWasm = readKernel('fused');
const portableWasm = readKernel('portable');

interface Api {
  Instance: new (...args: never[]) => object;
}
const api = (globalThis as unknown as { WebAssembly: Api }).WebAssembly;
const { Instance } = api;

/** Instances made from now on have these exports in the place of their own. */
function replaceExports(replace: (exports: Record<string, unknown>) => Record<string, unknown>): void {
  api.Instance = class {
    readonly exports: Record<string, unknown>;
    constructor(...args: never[]) {
      const { exports } = new Instance(...args) as { exports: Record<string, unknown> };
      this.exports = { ...exports, ...replace(exports) };
    }
  };
}

/** A copy in which the curve constant d is wrong in one bit. */
function spoiled(wasm: Uint8Array): Uint8Array {
  const copy = Buffer.from(wasm);
  // the LEB128 form of i64.const 0x75eb4dca135978a3, the lowest word of d (RFC 9496 §4.1)
  let value = BigInt.asIntN(64, 0x75eb4dca135978a3n);
  const leb: number[] = [];
  for (;;) {
    const low = Number(value & 0x7fn);
    value >>= 7n;
    const last = (value === 0n && (low & 0x40) === 0) || (value === -1n && (low & 0x40) !== 0);
    leb.push(last ? low : low | 0x80);
    if (last) break;
  }
  const at = copy.indexOf(Buffer.from(leb));
  if (at < 0) throw new Error('the constant is not where it was');
  copy[at] = (copy[at] ?? 0) ^ 2;
  return copy;
}

afterEach(() => {
  api.Instance = Instance;
});

describe('selectEngine', () => {
  it('takes fused, then portable, then reference, and says why', () => {
    const all = selectEngine({ fusedWasm, portableWasm });
    expect(all.engine.name).toBe('fused');
    expect(all.tried).toEqual([
      { engine: 'fused', usable: true, reason: 'fused multiply-add probed, known answers right' },
    ]);
    expect(all.module).toBeDefined();
    const some = selectEngine({ portableWasm });
    expect(some.engine.name).toBe('portable');
    expect(some.tried[0]).toEqual({ engine: 'fused', usable: false, reason: 'no wasm file was given' });
    const none = selectEngine({});
    expect(none.engine.name).toBe('reference');
    expect(none.module).toBeUndefined();
    expect(none.tried.map(({ usable }) => usable)).toEqual([false, false, true]);
  });

  it('tries nothing faster than what is preferred', () => {
    for (const preferred of ['fused', 'portable', 'reference'] as const) {
      const { engine, tried } = selectEngine({ fusedWasm, portableWasm, preferred });
      expect(engine.name).toBe(preferred);
      expect(tried.at(-1)?.usable).toBe(true);
      for (const { reason } of tried.slice(0, -1))
        expect(reason).toBe(`not tried: ${preferred} was asked for`);
    }
  });

  it('a module that the runtime refuses', () => {
    const { engine, tried } = selectEngine({ fusedWasm: fusedWasm.subarray(0, 1000), portableWasm });
    expect(engine.name).toBe('portable');
    expect(tried[0]).toMatchObject({
      usable: false,
      reason: 'kernel: this runtime does not take the module',
    });
  });

  it('a machine whose multiply-add is not fused', () => {
    replaceExports((exports) => (exports['isFused'] === undefined ? {} : { isFused: () => 0 }));
    const { engine, tried } = selectEngine({ fusedWasm, portableWasm: portableWasm.subarray(0, 8) });
    expect(tried[0]).toMatchObject({
      usable: false,
      reason: 'multiply-add is not fused on this machine',
    });
    expect(engine.name).toBe('reference');
  });

  it('a build that computes wrongly', () => {
    const { engine, tried } = selectEngine({
      fusedWasm: spoiled(fusedWasm),
      portableWasm: spoiled(portableWasm),
    });
    expect(tried.slice(0, 2).map(({ reason }) => reason)).toEqual([
      'wrong known answer: evaluate',
      'wrong known answer: evaluate',
    ]);
    expect(engine.name).toBe('reference');
  });

  it('no memory for an instance', () => {
    api.Instance = class {
      constructor() {
        throw new RangeError('could not allocate memory');
      }
    };
    expect(selectEngine({ fusedWasm }).tried[0]).toMatchObject({
      usable: false,
      reason: 'kernel: no memory for an instance',
    });
    expect(failure(() => createKernelEngine(loadKernel('fused'), 'fused'))).toMatch(/^compute\.memory/);
  });
});

describe('known answers', () => {
  it('are given by every engine', () => {
    for (const engine of [createReferenceEngine(), ...kernelNames.map(kernelEngine)]) {
      expect(failedKnownAnswer(engine)).toBeUndefined();
    }
  });

  it('catch an engine that is wrong in one operation', () => {
    const right = createReferenceEngine();
    const oneBitOff = (bytes: Uint8Array): Uint8Array =>
      bytes.map((byte, i) => (i === 40 % bytes.length ? byte ^ 1 : byte));
    const wrong: Record<string, Partial<GroupEngine>> = {
      evaluate: { evaluate: (e, k) => oneBitOff(right.evaluate(e, k)) },
      hashAndBlind: { hashAndBlind: (u, k) => oneBitOff(right.hashAndBlind(u, k)) },
      blindMessages: { blindMessages: (m, d, k) => oneBitOff(right.blindMessages(m, d, k)) },
      evaluateToTags: { evaluateToTags: (e, k, c, n) => oneBitOff(right.evaluateToTags(e, k, c, n)) },
      weightedSum: { weightedSum: (e, w) => oneBitOff(right.weightedSum(e, w)) },
      decodeCheck: { decodeCheck: () => undefined },
    };
    for (const [operation, part] of Object.entries(wrong)) {
      expect(failedKnownAnswer({ ...right, ...part })).toBe(operation);
    }
  });
});
