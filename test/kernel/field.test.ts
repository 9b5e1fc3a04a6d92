/**
 * The field modules on inputs at the edge of their bounds: 3,000 pairs of values for products, squares and their
 * combinations, against BigInt. The builds under test export the field (kernel/assembly/testing/field.ts) and are
 * compiled here, by the same compiler and flags as the committed files.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builds, compile } from '../../scripts/kernel-build.ts';
import { instantiate, kernelNames } from './engines.ts';

const p = 2n ** 255n - 19n;
const mod = (x: bigint): bigint => ((x % p) + p) % p;

interface FieldExports {
  memory: { buffer: ArrayBuffer };
  scratch: { value: number };
  init(): void;
  mul(o: number, a: number, b: number): void;
  mulLoose(o: number, a: number, b: number): void;
  sqr(o: number, a: number): void;
  add(o: number, a: number, b: number): void;
  sub(o: number, a: number, b: number): void;
  mulDoubled(o: number, a: number, b: number): void;
  mulSum(o: number, a: number, b: number, c: number): void;
  mulDifference(o: number, a: number, b: number, c: number): void;
  sqrNegatedSum(o: number, a: number, b: number): void;
  sqrDifferenceMinusTwice(o: number, a: number, b: number, c: number): void;
  toWords(w: number, a: number): void;
  fromWords(o: number, w: number): void;
}

/** How a build lays limbs out, and how large they may be. */
interface Layout {
  /** Bit offsets of the limbs. */
  readonly offsets: readonly number[];
  readonly tight: (limb: number) => number;
  write(memory: ArrayBuffer, at: number, lane: number, limbs: readonly number[]): void;
  read(memory: ArrayBuffer, at: number, lane: number): number[];
}

const layouts: Record<(typeof kernelNames)[number], Layout> = {
  fused: {
    offsets: [0, 51, 102, 153, 204],
    tight: () => 2 ** 50 + 2 ** 13,
    write: (memory, at, lane, limbs) => {
      const view = new Float64Array(memory, at, 10);
      for (const [i, limb] of limbs.entries()) view[2 * i + lane] = limb;
    },
    read: (memory, at, lane) =>
      Array.from({ length: 5 }, (_, i) => new Float64Array(memory, at, 10)[2 * i + lane] ?? 0),
  },
  portable: {
    offsets: Array.from({ length: 10 }, (_, i) => Math.ceil(25.5 * i)),
    tight: (limb) => (limb % 2 === 0 ? 2 ** 25 + 2 ** 15 : 2 ** 24 + 2 ** 16),
    write: (memory, at, lane, limbs) => {
      const view = new Int32Array(memory, at, 20);
      for (const [i, limb] of limbs.entries()) view[2 * i + lane] = limb;
    },
    read: (memory, at, lane) =>
      Array.from({ length: 10 }, (_, i) => new Int32Array(memory, at, 20)[2 * i + lane] ?? 0),
  },
};

/** Reproducible numbers in 0 .. 1 (mulberry32); the cases must be the same on every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kernel-field-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.each(kernelNames)('field of the %s kernel at its bounds', (name) => {
  const layout = layouts[name];
  let field: FieldExports;
  let at: (slot: number) => number;

  beforeAll(async () => {
    const file = path.join(folder, `${name}.wasm`);
    await compile(file, builds[name], 'assembly/testing/field.ts');
    field = instantiate<FieldExports>(readFileSync(file));
    field.init();
    at = (slot) => field.scratch.value + 80 * slot;
  });

  const valueOf = (limbs: readonly number[]): bigint =>
    limbs.reduce((sum, limb, i) => sum + (BigInt(limb) << BigInt(layout.offsets[i] ?? 0)), 0n);

  /** Limbs at, near and inside the bound, `scale` times as large. */
  function extremeLimbs(random: () => number, scale: number): number[] {
    return layout.offsets.map((_, i) => {
      const bound = layout.tight(i) * scale;
      const choice = Math.floor(random() * 8);
      if (choice < 2) return bound;
      if (choice < 4) return -bound;
      if (choice === 4) return Math.floor(random() * 3) - 1;
      if (choice === 5) return bound - Math.floor(random() * 5);
      return Math.round((random() * 2 - 1) * bound);
    });
  }

  it('3,000 pairs of extreme inputs: products, squares, sums of columns', () => {
    const random = generator(name === 'fused' ? 1 : 2);
    const { buffer } = field.memory;
    const slots = { a: at(0), b: at(1), c: at(2), loose: at(3), out: at(4), words: at(8) };
    const results: readonly (readonly [
      string,
      () => void,
      (a: bigint, b: bigint, c: bigint, loose: bigint) => bigint,
    ])[] = [
      ['a·b', () => field.mul(slots.out, slots.a, slots.b), (a, b) => a * b],
      ['loose·b', () => field.mulLoose(slots.out, slots.loose, slots.b), (_a, b, _c, loose) => loose * b],
      ['a²', () => field.sqr(slots.out, slots.a), (a) => a * a],
      ['a + b', () => field.add(slots.out, slots.a, slots.b), (a, b) => a + b],
      ['a − b', () => field.sub(slots.out, slots.a, slots.b), (a, b) => a - b],
      ['2ab', () => field.mulDoubled(slots.out, slots.a, slots.b), (a, b) => 2n * a * b],
      [
        'loose·b + loose·c',
        () => field.mulSum(slots.out, slots.loose, slots.b, slots.c),
        (_a, b, c, loose) => loose * (b + c),
      ],
      [
        'loose·b − loose·c',
        () => field.mulDifference(slots.out, slots.loose, slots.b, slots.c),
        (_a, b, c, loose) => loose * (b - c),
      ],
      ['−a² − b²', () => field.sqrNegatedSum(slots.out, slots.a, slots.b), (a, b) => -a * a - b * b],
      [
        'a² − b² − 2c²',
        () => field.sqrDifferenceMinusTwice(slots.out, slots.a, slots.b, slots.c),
        (a, b, c) => a * a - b * b - 2n * c * c,
      ],
    ];
    const wrong: string[] = [];
    let loosest = 0;
    for (let round = 0; round < 1500; round++) {
      const limbs = [0, 1].map(() => ({
        a: extremeLimbs(random, 1),
        b: extremeLimbs(random, 1),
        c: extremeLimbs(random, 1),
        loose: extremeLimbs(random, 2),
      }));
      for (const lane of [0, 1]) {
        for (const key of ['a', 'b', 'c', 'loose'] as const) {
          layout.write(buffer, slots[key], lane, limbs[lane]?.[key] ?? []);
        }
      }
      for (const [label, run, formula] of results) {
        run();
        field.toWords(slots.words, slots.out);
        for (const lane of [0, 1]) {
          const input = limbs[lane];
          if (input === undefined) throw new Error('no such lane');
          const want = mod(
            formula(valueOf(input.a), valueOf(input.b), valueOf(input.c), valueOf(input.loose)),
          );
          const out = layout.read(buffer, slots.out, lane);
          if (mod(valueOf(out)) !== want) wrong.push(`${label} round ${round} lane ${lane}`);
          for (const [i, limb] of out.entries())
            loosest = Math.max(loosest, Math.abs(limb) / layout.tight(i));
          const words = new BigUint64Array(buffer, slots.words, 8);
          const canonical = [0, 1, 2, 3].reduce(
            (sum, i) => sum + ((words[2 * i + lane] ?? 0n) << BigInt(64 * i)),
            0n,
          );
          if (canonical !== want) wrong.push(`words of ${label} round ${round} lane ${lane}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(loosest).toBeLessThanOrEqual(1);
  });

  it('canonical words at the edge of the field, and back', () => {
    const words = new BigUint64Array(field.memory.buffer, at(8), 8);
    const values = [
      0n,
      1n,
      18n,
      19n,
      p - 1n,
      p,
      p + 1n,
      p + 18n,
      2n ** 255n - 1n,
      2n ** 254n,
      2n ** 51n - 1n,
    ];
    for (const [n, value] of values.entries()) {
      const pair = [value, values[(n + 1) % values.length] ?? 0n];
      // bit 255 is ignored
      for (const lane of [0, 1]) {
        const bits = (pair[lane] ?? 0n) | (1n << 255n);
        for (let i = 0; i < 4; i++) words[2 * i + lane] = (bits >> BigInt(64 * i)) & (2n ** 64n - 1n);
      }
      field.fromWords(at(0), at(8));
      field.toWords(at(8), at(0));
      for (const lane of [0, 1]) {
        const back = [0, 1, 2, 3].reduce(
          (sum, i) => sum + ((words[2 * i + lane] ?? 0n) << BigInt(64 * i)),
          0n,
        );
        expect(back).toBe(mod(pair[lane] ?? 0n));
      }
    }
  });
});
