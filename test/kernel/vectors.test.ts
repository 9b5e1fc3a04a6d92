import { expand_message_xmd } from '@noble/curves/abstract/hash-to-curve.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { expandMessage } from '@tallystick/protocol/suite';
import { describe, expect, it } from 'vitest';
import { failure, hex, join, kernelEngine, kernelNames, littleEndian } from './engines.ts';
import { badEncodings, multiplesOfBase, oneWayMap, oprf } from './vectors.ts';

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const base = hex(multiplesOfBase[0] ?? '');

it('RFC 9380 K.3: expand_message_xmd with SHA-512, 32 bytes', () => {
  const dst = new TextEncoder().encode('QUUX-V01-CS02-with-expander-SHA512-256');
  const expand = (text: string): string =>
    toHex(expand_message_xmd(new TextEncoder().encode(text), dst, 32, sha512));
  expect(expand('')).toBe('6b9a7312411d92f921c6f68ca0b6380730a1a4d982c507211a90964c394179ba');
  expect(expand('abc')).toBe('0da749f12fbe5483eb066a5f595055679b976e93abe9be6f0f6318bce7aca8dc');
});

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

  it('RFC 9496 A.3: 64 bytes that map to the identity are refused', () => {
    const uniform = join(hex(oneWayMap[0]?.[0] ?? ''), new Uint8Array(64));
    expect(failure(() => engine.hashAndBlind(uniform, littleEndian(3n)))).toMatch(
      /^element\.identity: .*index 1\b/,
    );
  });

  it('RFC 9380 §5.3.1 and RFC 9497 A.1: expand, hash to group, blind, evaluate', () => {
    for (const { context, key, blind, cases } of oprf) {
      const dst = new TextEncoder().encode(`HashToGroup-${context}`);
      for (const { input, blinded, evaluated } of cases) {
        const element = engine.hashAndBlind(expandMessage(hex(input), dst), hex(blind));
        expect(toHex(element)).toBe(blinded);
        const message = { text: hex(input), ends: Uint32Array.of(hex(input).length) };
        expect(engine.blindMessages(message, dst, hex(blind))).toEqual(element);
        expect(toHex(engine.evaluate(element, hex(key)))).toBe(evaluated);
      }
    }
  });
});
