import { describe, expect, it } from 'vitest';
import { concatBytes, encodeHex } from '../bytes/index.ts';
import { combineSeeds, commitSeed, openSeed, seededRandom } from './seed.ts';

const context = new Uint8Array(32).fill(9);
const share = (collector: string, fill: number) => ({ collector, share: new Uint8Array(32).fill(fill) });
const code = expect.objectContaining({ code: 'privacy.seed' });

describe('the joint seed', () => {
  it('is the same at both collectors, and another for any other share or session', () => {
    const [a, b] = [share('a', 1), share('b', 2)];
    const seed = encodeHex(combineSeeds([a, b], context));
    expect(encodeHex(combineSeeds([b, a], context))).toBe(seed);
    expect(encodeHex(combineSeeds([a, share('b', 3)], context))).not.toBe(seed);
    expect(encodeHex(combineSeeds([share('a', 2), share('b', 1)], context))).not.toBe(seed);
    expect(encodeHex(combineSeeds([a, b], new Uint8Array(32)))).not.toBe(seed);
  });

  it('opens to the committed share only: not another share, collector or session', () => {
    const committed = commitSeed(share('a', 1), context);
    expect(openSeed(committed, share('a', 1), context)).toEqual(share('a', 1));
    expect(() => openSeed(committed, share('a', 2), context)).toThrow(code);
    expect(() => openSeed(committed, share('b', 1), context)).toThrow(code);
    expect(() => openSeed(committed, share('a', 1), new Uint8Array(32))).toThrow(code);
  });

  it('wants two collectors and whole shares', () => {
    expect(() => combineSeeds([share('a', 1)], context)).toThrow(code);
    expect(() => combineSeeds([share('a', 1), share('a', 2)], context)).toThrow(code);
    expect(() => commitSeed({ collector: 'a', share: new Uint8Array(31) }, context)).toThrow(code);
    expect(() => seededRandom(new Uint8Array(16))).toThrow(code);
  });
});

describe('seeded bytes', () => {
  it('are one stream, however they are asked for', () => {
    const seed = new Uint8Array(32).fill(7);
    const whole = seededRandom(seed)(300);
    const pieces = seededRandom(seed);
    const joined = concatBytes(...[1, 63, 64, 65, 0, 107].map((length) => pieces(length)));
    expect(encodeHex(joined)).toBe(encodeHex(whole));
    expect(encodeHex(seededRandom(new Uint8Array(32))(300))).not.toBe(encodeHex(whole));
    const blocks = new Set(
      Array.from({ length: 4 }, (_, i) => encodeHex(whole.subarray(64 * i, 64 * i + 64))),
    );
    expect(blocks.size).toBe(4);
  });
});
