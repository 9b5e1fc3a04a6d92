/** What every engine promises beyond arithmetic: lengths, errors, blocks, wiping. Runs on the reference as well. */
import { createReferenceEngine, type GroupEngine, type MessageBatch } from '@tallystick/protocol/suite';
import { createKernelEngine, isTrulyFused } from '@tallystick/protocol/kernel';
import { describe, expect, it } from 'vitest';
import { failure, hex, join, kernelEngine, kernelNames, littleEndian, loadKernel, order } from './engines.ts';
import { multiplesOfBase } from './vectors.ts';

const good = hex(...multiplesOfBase);
const bad = new Uint8Array(32).fill(0xff);
const identity = new Uint8Array(32);
const five = littleEndian(5n);
const none = new Uint8Array(0);
const dst = new TextEncoder().encode('kernel engine test');
const context = new Uint8Array(32).fill(3);

function messages(...texts: readonly Uint8Array[]): MessageBatch {
  let end = 0;
  return { text: join(...texts), ends: Uint32Array.from(texts, (text) => (end += text.length)) };
}

const engines: readonly (readonly [string, GroupEngine])[] = [
  ['reference', createReferenceEngine()],
  ...kernelNames.map((name) => [name, kernelEngine(name)] as const),
];

describe.each(engines)('contract of the %s engine', (_name, engine) => {
  it('empty batches', () => {
    expect(engine.evaluate(new Uint8Array(0), five)).toEqual(new Uint8Array(0));
    expect(engine.hashAndBlind(new Uint8Array(0), five)).toEqual(new Uint8Array(0));
    expect(engine.blindMessages(messages(), dst, five)).toEqual(none);
    expect(engine.evaluateToTags(none, five, context, 8)).toEqual(none);
    engine.decodeCheck(new Uint8Array(0));
  });

  it('wrong lengths', () => {
    expect(failure(() => engine.evaluate(good.subarray(1), five))).toMatch(/^element\.length/);
    expect(failure(() => engine.hashAndBlind(new Uint8Array(65), five))).toMatch(/^element\.length/);
    expect(failure(() => engine.evaluateToTags(good.subarray(1), five, context, 8))).toMatch(
      /^element\.length/,
    );
    expect(failure(() => engine.decodeCheck(new Uint8Array(31)))).toMatch(/^element\.length/);
    expect(failure(() => engine.weightedSum(good, new Uint8Array(15)))).toMatch(/^element\.length/);
  });

  it('scalars outside 1 .. order − 1', () => {
    const scalars = [0n, order, order + 1n, 2n ** 255n, 2n ** 256n - 1n].map((k) => littleEndian(k));
    for (const scalar of [...scalars, new Uint8Array(31), new Uint8Array(33)]) {
      expect(failure(() => engine.evaluate(good, scalar))).toMatch(/^scalar\.range/);
      expect(failure(() => engine.hashAndBlind(new Uint8Array(64), scalar))).toMatch(/^scalar\.range/);
      expect(failure(() => engine.blindMessages(messages(good), dst, scalar))).toMatch(/^scalar\.range/);
      expect(failure(() => engine.evaluateToTags(good, scalar, context, 8))).toMatch(/^scalar\.range/);
    }
  });

  it('messages, domain separation tags and tag terms that are none', () => {
    const invalid = /^argument\.invalid/;
    const text = new Uint8Array(3);
    for (const ends of [[2, 1, 3], [1, 2], [4]]) {
      const batch = { text, ends: Uint32Array.from(ends) };
      expect(failure(() => engine.blindMessages(batch, dst, five))).toMatch(invalid);
    }
    for (const length of [0, 256]) {
      const other = new Uint8Array(length);
      expect(failure(() => engine.blindMessages(messages(text), other, five))).toMatch(invalid);
    }
    for (const [length, tagBytes] of [
      [31, 8],
      [33, 8],
      [32, 0],
      [32, 65],
      [32, 1.5],
    ] as const) {
      const terms = new Uint8Array(length);
      expect(failure(() => engine.evaluateToTags(good, five, terms, tagBytes))).toMatch(invalid);
    }
  });

  it('names the first bad element, whichever kind comes first', () => {
    expect(failure(() => engine.evaluate(join(good, identity, bad), five))).toMatch(
      /^element\.identity: .*index 15\b/,
    );
    expect(failure(() => engine.evaluate(join(good, bad, identity), five))).toMatch(
      /^element\.encoding: .*index 15\b/,
    );
    expect(failure(() => engine.evaluateToTags(join(good, bad, identity), five, context, 8))).toMatch(
      /^element\.encoding: .*index 15\b/,
    );
    expect(failure(() => engine.decodeCheck(join(bad, good)))).toMatch(/^element\.encoding: .*index 0\b/);
    expect(failure(() => engine.decodeCheck(identity))).toMatch(/^element\.identity: .*index 0\b/);
  });

  it('leaves its arguments alone and answers in memory of its own', () => {
    const batch = good.slice();
    const scalar = five.slice();
    const first = engine.evaluate(batch, scalar);
    const kept = first.slice();
    engine.evaluate(first, scalar);
    expect(first).toEqual(kept);
    expect(batch).toEqual(good);
    expect(scalar).toEqual(five);
  });
});

describe.each(kernelNames)('blocks of the %s kernel', (name) => {
  const engine = kernelEngine(name);

  it('a batch of any size gives what its elements give one by one', () => {
    const one = new Map<string, Uint8Array>();
    const key = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    for (let i = 0; i < 15; i++) {
      const element = good.slice(32 * i, 32 * i + 32);
      one.set(key(element), engine.evaluate(element, five));
    }
    for (const count of [1, 2, 3, 255, 256, 257, 513]) {
      const parts = Array.from({ length: count }, (_, i) => good.slice((i % 15) * 32, (i % 15) * 32 + 32));
      const out = engine.evaluate(join(...parts), five);
      expect(out).toEqual(join(...parts.map((part) => one.get(key(part)) as Uint8Array)));
    }
  });

  it('a bad element is found in any block, the first one named, and the engine works on', () => {
    const parts = Array.from({ length: 700 }, (_, i) => good.subarray((i % 15) * 32, (i % 15) * 32 + 32));
    for (const place of [0, 1, 255, 256, 511, 512, 699]) {
      const batch = join(...parts);
      batch.set(bad, 32 * place);
      if (place < 699) batch.set(identity, 32 * 699);
      expect(failure(() => engine.evaluate(batch, five))).toMatch(
        new RegExp(`^element\\.encoding: .*index ${place}\\b`),
      );
    }
    expect(failure(() => engine.evaluate(join(...parts), five))).toBe('passed');
  });

  it('wipes scalar, digits, tables, input and output after every call', () => {
    // The test looks into the memory of the one instance that is made while it listens.
    const api = (globalThis as unknown as { WebAssembly: { Instance: new (...args: never[]) => object } })
      .WebAssembly;
    const { Instance } = api;
    let memory: Uint8Array | undefined;
    api.Instance = class extends Instance {
      constructor(...args: never[]) {
        super(...args);
        const { exports } = this as unknown as { exports: { memory: { buffer: ArrayBuffer } } };
        memory = new Uint8Array(exports.memory.buffer);
      }
    };
    let wiped: GroupEngine;
    try {
      wiped = createKernelEngine(loadKernel(name), name);
    } finally {
      api.Instance = Instance;
    }
    if (memory === undefined) throw new Error('no instance was made');
    const constants = memory.slice();
    wiped.evaluate(good, littleEndian(0x123456789abcdef123456789n));
    expect(Buffer.compare(memory, constants)).toBe(0);
    wiped.hashAndBlind(new Uint8Array(64 * 3).fill(7), five);
    expect(Buffer.compare(memory, constants)).toBe(0);
    const secret = new Uint8Array(40).fill(9);
    wiped.blindMessages(messages(secret, secret, secret), dst, five);
    expect(Buffer.compare(memory, constants)).toBe(0);
    wiped.evaluateToTags(good, five, context, 9);
    expect(Buffer.compare(memory, constants)).toBe(0);
    expect(failure(() => wiped.evaluate(bad, five))).toMatch(/^element\.encoding/);
    expect(Buffer.compare(memory, constants)).toBe(0);
  });

  it('the probe agrees that multiply-add is fused, where it is used', () => {
    expect(isTrulyFused(loadKernel(name))).toBe(true);
  });
});
