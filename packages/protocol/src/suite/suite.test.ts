import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeHex, utf8 } from '../bytes/index.ts';
import { elementDst, expandMessage } from './hash.ts';
import {
  commitScalar,
  drawScalar,
  encodeScalar,
  invertScalar,
  multiplyScalars,
  parseScalar,
} from './scalar.ts';
import { tagBytesFor, tagElements } from './tag.ts';
import { createReferenceEngine } from './reference.ts';

const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const one = encodeScalar(1n);

describe('hashing', () => {
  // RFC 9380 appendix K.3 (expand_message_xmd, SHA-512) has lengths 32 and 128 only; this room always asks for 64,
  // so the vectors below are RFC 9497 appendix A.1.1 (ristretto255, SHA-512): blinded element = blind · H(input).
  it('RFC 9497 A.1.1: hash to group, then blind', () => {
    const dst = utf8('HashToGroup-OPRFV1-\0-ristretto255-SHA512');
    const blind = parseHexLittle('64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706');
    const engine = createReferenceEngine();
    const blinded = (input: Uint8Array) => encodeHex(engine.hashAndBlind(expandMessage(input, dst), blind));
    expect(blinded(Uint8Array.from([0]))).toBe(
      '609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c',
    );
    expect(blinded(new Uint8Array(17).fill(0x5a))).toBe(
      'da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418',
    );
  });

  it('the agreement id is part of the domain: 44 + 32 bytes', () => {
    const dst = elementDst(new Uint8Array(32));
    expect(dst.length).toBe('tallystick-v1-ristretto255-SHA512'.length + 32);
    expect(() => elementDst(new Uint8Array(31))).toThrow(/want 32 bytes, got 31/);
  });
});

function parseHexLittle(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

describe('scalars', () => {
  const scalar = fc.bigInt({ min: 1n, max: order - 1n });

  it('k · k^-1 = 1, and bytes come back', () => {
    fc.assert(
      fc.property(scalar, (value) => {
        const bytes = encodeScalar(value);
        expect(parseScalar(bytes)).toBe(value);
        expect(multiplyScalars(bytes, invertScalar(bytes))).toEqual(one);
      }),
      { numRuns: 30 },
    );
  });

  it('zero, the order and anything above are refused', () => {
    expect(() => parseScalar(new Uint8Array(32))).toThrow(/got zero/);
    const tooLarge = new Uint8Array(32);
    let rest = order;
    for (let i = 0; i < 32; i++, rest >>= 8n) tooLarge[i] = Number(rest & 0xffn);
    expect(() => parseScalar(tooLarge)).toThrow(/larger/);
    expect(() => parseScalar(new Uint8Array(32).fill(0xff))).toThrow(/larger/);
    expect(() => parseScalar(new Uint8Array(31))).toThrow(/want 32 bytes, got 31/);
  });

  it('draws again instead of returning zero', () => {
    const draws = [new Uint8Array(64), new Uint8Array(64).fill(1)];
    expect(parseScalar(drawScalar(() => draws.shift() as Uint8Array))).not.toBe(0n);
    expect(draws).toEqual([]);
  });

  it('RFC 9496 A.1: the commitment to 1 is the generator', () => {
    expect(encodeHex(commitScalar(one))).toBe(
      'e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76',
    );
  });
});

describe('tags', () => {
  it('are as long as log2((Σ n)²/2) + 40 bits, rounded up to bytes', () => {
    // (2 · 2^17)²/2 = 2^35, and 75 bits are 10 bytes
    expect(tagBytesFor([1 << 17, 1 << 17])).toBe(10);
    expect(tagBytesFor([1])).toBe(5);
    expect(tagBytesFor([1 << 20, 1 << 20])).toBe(11);
    expect(() => tagBytesFor([0, 0])).toThrow(/got none/);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1 << 24 }), fc.integer({ min: 1, max: 1 << 24 }), (a, b) => {
        const bits = 2 * Math.log2(a + b) - 1 + 40;
        const bytes = tagBytesFor([a, b]);
        expect(bytes * 8).toBeGreaterThanOrEqual(bits - 1e-6);
        expect(bytes * 8).toBeLessThan(bits + 9);
      }),
    );
  });

  it('bind session and element, one block of SHA-512', () => {
    const elements = new Uint8Array(64).fill(3, 32);
    const tags = tagElements(elements, new Uint8Array(32), 10);
    expect(tags.length).toBe(20);
    expect(tags.subarray(0, 10)).not.toEqual(tags.subarray(10));
    expect(tagElements(elements, new Uint8Array(32).fill(1), 10)).not.toEqual(tags);
    expect(() => tagElements(new Uint8Array(33), new Uint8Array(32), 10)).toThrow(/got 33/);
    expect(() => tagElements(elements, new Uint8Array(31), 10)).toThrow(/got 31/);
  });
});
