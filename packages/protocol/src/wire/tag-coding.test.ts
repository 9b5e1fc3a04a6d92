import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, concatBytes, encodeHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { tagBytesFor } from '../suite/tag.ts';
import { codedTagsBytes, encodeTags, parseTags, type TagCoding } from './tag-coding.ts';

const valueOf = (tag: Uint8Array): bigint => BigInt(`0x${encodeHex(tag)}`);

function tagOf(value: bigint, tagBytes: number): Uint8Array {
  const hex = value.toString(16).padStart(2 * tagBytes, '0');
  return Uint8Array.from({ length: tagBytes }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

function pieces(tags: Uint8Array, tagBytes: number): Uint8Array[] {
  return Array.from({ length: tags.length / tagBytes }, (_, i) =>
    tags.subarray(i * tagBytes, (i + 1) * tagBytes),
  );
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof TallyError) return thrown.code;
    throw thrown;
  }
  return undefined;
}

/** The same format read by the letter, one bit at a time, over BigInt. Undefined: not a coding. */
function plainParse(bytes: Uint8Array, count: number, { tagBytes, total }: TagCoding): bigint[] | undefined {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const low = 8 * tagBytes - total.toString(2).length;
  const tags = [BigInt(`0b${bits.slice(0, 8 * tagBytes)}`)];
  let at = 8 * tagBytes;
  while (tags.length < count) {
    const stop = bits.indexOf('0', at);
    if (stop < 0 || stop + 1 + low > bits.length) return undefined;
    const rest = BigInt(`0b${bits.slice(stop + 1, stop + 1 + low)}`);
    tags.push((tags.at(-1) as bigint) + (BigInt(stop - at) << BigInt(low)) + rest + 1n);
    at = stop + 1 + low;
  }
  if (bits.slice(at).includes('1')) return undefined;
  return tags.every((tag) => tag < 1n << BigInt(8 * tagBytes)) ? tags : undefined;
}

/** Random tags of one list, all of them, in chunks. */
const lists = fc
  .tuple(
    fc.uniqueArray(fc.bigInt({ min: 0n, max: (1n << 48n) - 1n }), { minLength: 1, maxLength: 60 }),
    fc.nat(12),
  )
  .map(([values, extra]) => {
    const sorted = values.toSorted((a, b) => (a < b ? -1 : 1));
    // A chunk of a list that is a little longer: the parameter follows the list, not the chunk.
    return { tags: concatBytes(...sorted.map((value) => tagOf(value, 6))), total: sorted.length + extra };
  });

describe('coded tags', () => {
  it('come back as they were, in the length that follows from public numbers', () => {
    fc.assert(
      fc.property(lists, ({ tags, total }) => {
        const coding = { tagBytes: 6, total };
        const count = tags.length / 6;
        // Values that fast-check likes are not spread like hashes; a short list has room for any.
        const coded = encodeTags(tags, coding);
        expect(coded.length).toBe(codedTagsBytes(count, coding));
        expect(encodeHex(parseTags(coded, count, coding))).toBe(encodeHex(tags));
        expect(plainParse(coded, count, coding)).toEqual(pieces(tags, 6).map(valueOf));
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  it('of any bytes are strictly increasing tags, one coding for each, or a coded error (fuzz)', () => {
    const shape = fc.record({
      tagBytes: fc.integer({ min: 2, max: 13 }),
      count: fc.integer({ min: 1, max: 20 }),
      extra: fc.nat(40),
      bytes: fc.uint8Array({ minLength: 420, maxLength: 420 }),
      /** Mostly zero bytes leave more of the space to go. */
      sparse: fc.constantFrom(0, 0x11, 0x80, 0xff),
      length: fc.constantFrom('right', 'short', 'long'),
    });
    let taken = 0;
    fc.assert(
      fc.property(shape, ({ tagBytes, count, extra, bytes, sparse, length }) => {
        const coding = { tagBytes, total: count + extra };
        const want = codedTagsBytes(count, coding);
        const size = length === 'right' ? want : length === 'short' ? want - 1 : want + 1;
        const given = bytes.subarray(0, size).map((byte) => byte & sparse);
        const plain = given.length === want ? plainParse(given, count, coding) : undefined;
        const code = codeOf(() => parseTags(given, count, coding));
        if (plain === undefined) {
          expect(['chain.count', 'chain.sorted', 'chain.tag']).toContain(code);
          return;
        }
        expect(code).toBeUndefined();
        taken += 1;
        const tags = parseTags(given, count, coding);
        const read = pieces(tags, tagBytes);
        expect(read.map(valueOf)).toEqual(plain);
        for (let i = 1; i < count; i++) {
          expect(compareBytes(read[i - 1] as Uint8Array, read[i] as Uint8Array)).toBeLessThan(0);
        }
        expect(encodeHex(encodeTags(tags, coding))).toBe(encodeHex(given));
      }),
      { numRuns: 2000, endOnFailure: true },
    );
    expect(taken).toBeGreaterThan(20);
  });

  it('refuse a difference beyond the largest tag, for which the last byte has room', () => {
    // every length of the first run of ones, in tags of two bytes
    for (let total = 2; total <= 24; total++) {
      for (let count = 2; count <= Math.min(total, 20); count++) {
        const small = { tagBytes: 2, total };
        const bytes = new Uint8Array(codedTagsBytes(count, small));
        for (let ones = 1; ones < 8 * (bytes.length - 2); ones++) {
          bytes.fill(0).fill(0xff, 2, 2 + (ones >> 3));
          if ((ones & 7) > 0) bytes[2 + (ones >> 3)] = (0xff00 >> (ones & 7)) & 0xff;
          const isTaken = codeOf(() => parseTags(bytes, count, small)) === undefined;
          const isWanted = plainParse(bytes, count, small) !== undefined;
          if (isTaken !== isWanted) expect.fail(`${count} of ${total}, ${ones} ones: taken ${isTaken}`);
        }
      }
    }
  });

  const coding = { tagBytes: 6, total: 3 };
  const three = concatBytes(...[5n, 1n << 40n, (1n << 48n) - 1n].map((value) => tagOf(value, 6)));

  it('are refused by code: another length, too few, too far, bits at the end', () => {
    const coded = encodeTags(three, coding);
    const parse = (change: (bytes: Uint8Array) => Uint8Array) =>
      codeOf(() => parseTags(change(coded.slice()), 3, coding));
    expect(parse((bytes) => bytes)).toBeUndefined();
    expect(parse((bytes) => bytes.subarray(1))).toBe('chain.count');
    expect(parse((bytes) => concatBytes(bytes, new Uint8Array(1)))).toBe('chain.count');
    expect(parse((bytes) => bytes.fill(0xff, 6))).toBe('chain.count');
    expect(parse((bytes) => bytes.fill(0xff, 0, 6))).toBe('chain.sorted');
    expect(
      parse((bytes) => {
        bytes[bytes.length - 1] = 1;
        return bytes;
      }),
    ).toBe('chain.tag');
  });

  it('cannot be made of tags that repeat or go back', () => {
    const [first, second] = pieces(three, 6) as [Uint8Array, Uint8Array];
    const made = (...tags: Uint8Array[]) =>
      codeOf(() => parseTags(encodeTags(concatBytes(...tags), coding), tags.length, coding));
    expect(made(first, second)).toBeUndefined();
    expect(made(first, first)).toBe('chain.sorted');
    expect(made(second, first)).toBe('chain.sorted');
  });

  it('have one length for every list of a size, and hashes have room in it', () => {
    // Uniform values, fixed here, in every chunk of lists of awkward sizes.
    let state = 12345n;
    const next = (bits: number): bigint => {
      let value = 0n;
      for (let got = 0; got < bits; got += 32) {
        state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
        value = (value << 32n) | (state >> 32n);
      }
      return value >> BigInt(Math.ceil(bits / 32) * 32 - bits);
    };
    for (const total of [255, 256, 257, 3000]) {
      const tagBytes = tagBytesFor([total, total]);
      const values = Array.from({ length: total }, () => next(8 * tagBytes)).toSorted((a, b) =>
        a < b ? -1 : 1,
      );
      const tags = concatBytes(...values.map((value) => tagOf(value, tagBytes)));
      for (const chunk of [7, 64, total]) {
        for (let from = 0; from < total; from += chunk) {
          const part = tags.subarray(from * tagBytes, Math.min(total, from + chunk) * tagBytes);
          const coded = encodeTags(part, { tagBytes, total });
          expect(parseTags(coded, part.length / tagBytes, { tagBytes, total })).toEqual(part);
        }
      }
    }
  });

  it('cost t − log2 n + 2 bits a tag at most, in chunks of the usual size', () => {
    for (const total of [2 ** 13, 2 ** 17 - 1, 2 ** 17, 2 ** 20 + 1, 2 ** 24]) {
      const tagBytes = tagBytesFor([total, total]);
      const bits = (codedTagsBytes(4096, { tagBytes, total }) * 8) / 4096;
      expect(bits).toBeLessThan(8 * tagBytes - Math.log2(total) + 2);
      expect(bits).toBeGreaterThan(8 * tagBytes - Math.log2(total) + 1.4);
    }
  });
});
