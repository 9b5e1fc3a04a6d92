/** RFC 9496 appendix A, all of it, through both builds. RFC 9497: oprf.test.ts; RFC 9380: sha512.test.ts. */
import { describe, expect, it } from 'vitest';
import { failure, hex, join, kernelEngine, kernelNames, littleEndian } from './engines.ts';
import { badEncodings, multiplesOfBase, oneWayMap, sameElement } from './vectors.ts';

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const base = hex(multiplesOfBase[0] ?? '');

describe.each(kernelNames)('published vectors, %s kernel', (name) => {
  const engine = kernelEngine(name);

  it('RFC 9496 A.1: small multiples of the generator', () => {
    for (const [i, want] of multiplesOfBase.entries()) {
      expect(toHex(engine.evaluate(base, littleEndian(BigInt(i + 1))))).toBe(want);
    }
    engine.decodeCheck(hex(...multiplesOfBase));
  });

  it('RFC 9496 A.2: every bad encoding, wherever it stands in a batch', () => {
    const good = hex(...multiplesOfBase);
    for (const [i, bad] of badEncodings.entries()) {
      const place = i % 16;
      const batch = join(good.subarray(0, place * 32), hex(bad), good.subarray(place * 32));
      const want = new RegExp(`^element\\.encoding: .*index ${place}\\b`);
      expect(failure(() => engine.decodeCheck(batch))).toMatch(want);
      expect(failure(() => engine.evaluate(batch, littleEndian(7n)))).toMatch(want);
      expect(failure(() => engine.weightedSum(batch, new Uint8Array(16 * 16)))).toMatch(want);
    }
  });

  it('RFC 9496 A.3: the one-way map', () => {
    const out = engine.hashAndBlind(hex(...oneWayMap.map(([uniform]) => uniform)), littleEndian(1n));
    expect(toHex(out)).toBe(oneWayMap.map(([, element]) => element).join(''));
  });

  it('RFC 9496 A.3: inputs that derive one element', () => {
    const out = engine.hashAndBlind(hex(...sameElement.inputs), littleEndian(1n));
    expect(toHex(out)).toBe(sameElement.element.repeat(sameElement.inputs.length));
  });

  it('RFC 9496 A.3: 64 bytes that map to the identity are refused', () => {
    const uniform = join(hex(oneWayMap[0]?.[0] ?? ''), new Uint8Array(64));
    expect(failure(() => engine.hashAndBlind(uniform, littleEndian(3n)))).toMatch(
      /^element\.identity: .*index 1\b/,
    );
  });
});
