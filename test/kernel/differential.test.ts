/**
 * Both kernels against @noble/curves, at least as wide as the design asks: 1,000 multiplications with edge scalars,
 * 1,000 maps, 400 random strings, weighted sums. The reference answers are computed once for both builds.
 */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { createReferenceEngine } from '@tallystick/protocol/suite';
import { describe, expect, it } from 'vitest';
import { failure, join, kernelEngine, kernelNames, littleEndian, order } from './engines.ts';

const { Point } = ristretto255;
const reference = createReferenceEngine();

/** Reproducible bytes: SHA-512 over a label and a counter. */
function seeded(label: string, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let at = 0, i = 0; at < length; at += 64, i++) {
    out.set(sha512(new TextEncoder().encode(`${label} ${i}`)).subarray(0, Math.min(64, length - at)), at);
  }
  return out;
}

function seededScalar(label: string): bigint {
  return (BigInt(`0x${Buffer.from(seeded(label, 64)).toString('hex')}`) % (order - 1n)) + 1n;
}

/** n distinct elements, ±base among them; cheap: a walk by additions. */
function elements(label: string, count: number): Uint8Array {
  const step = Point.BASE.multiply(seededScalar(`${label} step`));
  let point = Point.BASE.multiply(seededScalar(label));
  const parts = [Point.BASE.toBytes(), Point.BASE.negate().toBytes()];
  while (parts.length < count) {
    parts.push(point.toBytes());
    point = point.add(step);
  }
  return join(...parts.slice(0, count));
}

/** RFC 9496 §4.3.4 without the multiplication that the reference engine would add. */
function mapByNoble(uniform: Uint8Array): Uint8Array {
  const point = ristretto255_hasher.deriveToCurve?.(uniform);
  if (point === undefined) throw new Error('noble has no map');
  return point.toBytes();
}

const edgeScalars = [1n, 2n, order - 1n, order - 2n, 2n ** 252n, (order + 1n) / 2n];
const scalars = [...edgeScalars, ...Array.from({ length: 14 }, (_, i) => seededScalar(`scalar ${i}`))];
const engines = kernelNames.map((name) => kernelEngine(name));

describe('kernels against the reference', () => {
  it('1,000 multiplications: 20 scalars, edges among them, times 50 elements', () => {
    for (const [i, k] of scalars.entries()) {
      const batch = elements(`batch ${i}`, 50);
      const scalar = littleEndian(k);
      const want = reference.evaluate(batch, scalar);
      for (const engine of engines) expect(engine.evaluate(batch, scalar)).toEqual(want);
    }
  });

  it('1,000 maps: random, all-0xff, single bits, high bits set', () => {
    const special = [
      new Uint8Array(64).fill(0xff),
      join(new Uint8Array(32), new Uint8Array(32).fill(0xff)),
      ...Array.from({ length: 64 }, (_, i) => Uint8Array.from({ length: 64 }, (__, j) => (i === j ? 1 : 0))),
    ];
    const batch = join(...special, seeded('uniform', 64 * (1000 - special.length)));
    const scalar = littleEndian(1n);
    const want = join(
      ...Array.from({ length: 1000 }, (_, i) => mapByNoble(batch.subarray(64 * i, 64 * i + 64))),
    );
    for (const engine of engines) expect(engine.hashAndBlind(batch, scalar)).toEqual(want);
    const blinded = batch.subarray(0, 64 * 25);
    const k = littleEndian(seededScalar('blind'));
    const wantBlinded = reference.hashAndBlind(blinded, k);
    for (const engine of engines) expect(engine.hashAndBlind(blinded, k)).toEqual(wantBlinded);
  });

  it('messages of every length, blinded, and tags of every length', () => {
    const ends: number[] = [];
    for (let length = 0, end = 0; length < 40; length++) ends.push((end += 7 * length));
    // the last one is longer than what the kernel hashes itself
    for (const last of [0, 1100]) {
      const lengths = [...ends, (ends.at(-1) ?? 0) + last];
      const messages = { text: seeded('messages', lengths.at(-1) ?? 0), ends: Uint32Array.from(lengths) };
      const dst = seeded('dst', 66);
      const want = reference.blindMessages(messages, dst, littleEndian(9n));
      for (const engine of engines)
        expect(engine.blindMessages(messages, dst, littleEndian(9n))).toEqual(want);
    }
    const batch = elements('tags', 11);
    const context = seeded('context', 32);
    for (const tagBytes of [1, 2, 9, 31, 32, 33, 63, 64]) {
      const want = reference.evaluateToTags(batch, littleEndian(7n), context, tagBytes);
      for (const engine of engines) {
        expect(engine.evaluateToTags(batch, littleEndian(7n), context, tagBytes)).toEqual(want);
        expect(engine.tag(batch, context, tagBytes)).toEqual(reference.tag(batch, context, tagBytes));
        expect(engine.evaluateWithTags(batch, littleEndian(7n), context, tagBytes)).toEqual(
          reference.evaluateWithTags(batch, littleEndian(7n), context, tagBytes),
        );
      }
    }
  });

  it('400 random strings: accepted and refused alike', () => {
    const strings = seeded('strings', 32 * 400);
    let accepted = 0;
    for (let i = 0; i < 400; i++) {
      const string = strings.slice(32 * i, 32 * i + 32);
      if (i % 2 === 0) {
        // half of them at least non-negative and below 2^255, or nearly none would be accepted
        string[0] = (string[0] ?? 0) & 0xfe;
        string[31] = (string[31] ?? 0) & 0x7f;
      }
      const want = failure(() => reference.decodeCheck(string));
      if (want === 'passed') accepted++;
      for (const engine of engines) expect(failure(() => engine.decodeCheck(string))).toBe(want);
    }
    expect(accepted).toBeGreaterThan(20);
  });

  it('weighted sums of every window size, with zero, one and largest weights', () => {
    const few = elements('sum', 40);
    const weights = seeded('weights', 16 * 40);
    weights.fill(0, 0, 16);
    weights.fill(0xff, 16, 32);
    weights.set(littleEndian(1n, 16), 32);
    weights.set(littleEndian(2n ** 127n, 16), 48);
    const want = reference.weightedSum(few, weights);
    for (const engine of engines) expect(engine.weightedSum(few, weights)).toEqual(want);
    // A long batch repeats the short one: the sum is the number of repetitions times as much.
    for (const repetitions of [15, 110]) {
      const long = join(...Array.from({ length: repetitions }, () => few));
      const longWeights = join(...Array.from({ length: repetitions }, () => weights));
      const times = reference.evaluate(want, littleEndian(BigInt(repetitions)));
      for (const engine of engines) expect(engine.weightedSum(long, longWeights)).toEqual(times);
    }
  });

  it('a weighted sum may be the identity', () => {
    const base = Point.BASE;
    const batch = join(base.toBytes(), base.negate().toBytes());
    const weights = join(littleEndian(5n, 16), littleEndian(5n, 16));
    for (const engine of engines) {
      expect(engine.weightedSum(batch, weights)).toEqual(new Uint8Array(32));
      expect(engine.weightedSum(new Uint8Array(0), new Uint8Array(0))).toEqual(new Uint8Array(32));
      expect(engine.weightedSum(base.toBytes(), new Uint8Array(16))).toEqual(new Uint8Array(32));
    }
  });
});
