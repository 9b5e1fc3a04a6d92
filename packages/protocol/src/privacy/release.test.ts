import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../errors/index.ts';
import { cellSpace, listsIn } from './cells.ts';
import { withinTail, type Noise } from './epsilon.ts';
import { generator, randomScene } from './privacy.testkit.ts';
import { noiseFor, parsePrivacyPolicy, releaseCounts, type PrivacySettings } from './release.ts';
import { combineSeeds, seededRandom } from './seed.ts';

const none = () => {
  throw new Error('exact numbers need no noise');
};
const fixed = (fill: number) => seededRandom(new Uint8Array(32).fill(fill));
const code = (wanted: ErrorCode) => expect.objectContaining({ code: wanted });

const sceneArbitrary = fc
  .record({ seed: fc.nat(1_000_000), parties: fc.integer({ min: 2, max: 5 }), labelled: fc.boolean() })
  .map(({ seed, parties, labelled }) =>
    randomScene(seed, parties, labelled && parties < 4 ? [1 + generator(seed)(3)] : [], 80),
  );

describe('releases', () => {
  it('without settings are the exact numbers', () => {
    fc.assert(
      fc.property(sceneArbitrary, ({ lists, exactly, identifiers }) => {
        const release = releaseCounts({
          exactly,
          lists,
          policy: parsePrivacyPolicy({}),
          padded: false,
          random: none,
        });
        expect(release.cells.map(({ value }) => value.count)).toEqual(exactly);
        expect(release.union.count).toBe(identifiers.length);
        release.inAtLeast.forEach(({ count }, t) => {
          const on = identifiers.filter((places) => places.filter((place) => place !== undefined).length > t);
          expect(count).toBe(on.length);
        });
        expect([release.noiseScale, release.spentMicroEpsilon, release.spentFemtoDelta]).toEqual([
          null,
          0,
          0,
        ]);
      }),
      { seed: 2, numRuns: 60 },
    );
  });

  it('with noise and a minimum: every number within its tail, at least the minimum, the sum of its cells', () => {
    const settings = fc.record({
      minCount: fc.integer({ min: 0, max: 12 }),
      epsilon: fc.constantFrom(0.1, 0.5, 1, 5),
      identifiersPerRecord: fc.integer({ min: 1, max: 3 }),
      mechanism: fc.constantFrom('laplace', 'gaussian'),
    });
    let released = 0;
    fc.assert(
      fc.property(sceneArbitrary, settings, fc.nat(255), ({ lists, exactly }, setting, fill) => {
        const policy = parsePrivacyPolicy({ ...setting, delta: 1e-6 });
        const release = releaseCounts({ exactly, lists, policy, padded: false, random: fixed(fill) });
        const space = cellSpace(lists);
        const noise = release.noise as Noise;
        expect(release.spentMicroEpsilon).toBe(setting.epsilon * 1e6);
        expect(release.spentFemtoDelta).toBe(setting.mechanism === 'gaussian' ? 1e9 : 0);
        release.cells.forEach(({ value }, i) => {
          if (value.count === null) return;
          released++;
          const smallest = Math.min(
            ...(space.rowsOf[i] as number[]).map((row) => space.rowSizes[row] as number),
          );
          expect(value.count).toBeGreaterThanOrEqual(0);
          expect(value.count).toBeLessThanOrEqual(smallest);
          expect(withinTail(exactly[i] as number, value.count, noise)).toBe(true);
        });
        for (const [t, value] of release.inAtLeast.entries()) {
          const inside = release.cells.filter(({ mask }) => listsIn(mask) > t);
          const parts = inside.map(({ value: { count } }) => count);
          const sum = parts.includes(null)
            ? null
            : parts.reduce<number>((total, count) => total + (count ?? 0), 0);
          expect(value.count).toBe(sum);
        }
      }),
      { seed: 3, numRuns: 80 },
    );
    expect(released).toBeGreaterThan(100);
  });

  it('of two collectors are equal if they share a seed, and differ otherwise', () => {
    const { lists, exactly } = randomScene(5, 4, [], 80);
    const policy = parsePrivacyPolicy({ epsilon: 1, identifiersPerRecord: 1, minCount: 2 });
    const shares = ['a', 'b'].map((collector, i) => ({ collector, share: new Uint8Array(32).fill(i) }));
    const context = new Uint8Array(32);
    const release = (order: typeof shares, salt = context) =>
      releaseCounts({
        exactly,
        lists,
        policy,
        padded: false,
        random: seededRandom(combineSeeds(order, salt)),
      });
    expect(release(shares)).toEqual(release(shares.toReversed()));
    expect(release(shares).cells).not.toEqual(release(shares, new Uint8Array(32).fill(1)).cells);
  });

  it('noise every cell on its own, with the distribution that its scale says', () => {
    // 3 lists far from every bound: the noise is all that differs.
    const exactly = Array.from({ length: 7 }, () => 100_000);
    const lists = Array.from({ length: 3 }, () => ({ size: 400_000 }));
    const policy = parsePrivacyPolicy({ epsilon: 0.5, identifiersPerRecord: 1 });
    const random = fixed(1);
    const drawn = Array.from({ length: 1500 }, () =>
      releaseCounts({ exactly, lists, policy, padded: false, random }).exactly.map(
        ({ count }) => (count ?? 0) - 100_000,
      ),
    );
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    // Laplace of scale 8: E|X| close to 8, cells uncorrelated. Fixed seed; bounds are six standard errors wide.
    for (let cell = 0; cell < 7; cell++) {
      const own = drawn.map((row) => row[cell] as number);
      expect(Math.abs(mean(own.map(Math.abs)) - 8)).toBeLessThan((6 * 8) / Math.sqrt(1500));
      const next = drawn.map((row) => row[(cell + 1) % 7] as number);
      const product = mean(own.map((value, i) => value * (next[i] as number)));
      expect(Math.abs(product)).toBeLessThan((6 * 128) / Math.sqrt(1500));
    }
  });

  it('with padding hide single-list cells and the union', () => {
    const { lists, exactly } = randomScene(5, 3, [], 80);
    const release = releaseCounts({
      exactly,
      lists,
      policy: parsePrivacyPolicy({}),
      padded: true,
      random: none,
    });
    expect(release.union).toEqual({ count: null, reason: 'padded' });
    for (const { mask, value } of release.cells) expect(value.count === null).toBe(listsIn(mask) === 1);
    expect(release.inAtLeast[1]?.count).not.toBe(null);
  });

  it('charge for what they noise: m and labels raise the scale, epsilon lowers it', () => {
    const shapes = (labels: boolean) =>
      cellSpace([{ size: 4, ...(labels ? { labels: [{ label: 'x', size: 4 }] } : {}) }, { size: 4 }]);
    const scale = (settings: PrivacySettings, labels = false) => {
      const noise = noiseFor(shapes(labels), parsePrivacyPolicy(settings));
      return noise?.mechanism === 'laplace'
        ? Number(noise.scale.numerator) / Number(noise.scale.denominator)
        : null;
    };
    expect(scale({ epsilon: 1, identifiersPerRecord: 1 })).toBe(3);
    expect(scale({ epsilon: 1, identifiersPerRecord: 5 })).toBe(15);
    expect(scale({ epsilon: 2, identifiersPerRecord: 1 })).toBe(1.5);
    expect(scale({ epsilon: 1, identifiersPerRecord: 1 }, true)).toBe(4);
    expect(scale({ minCount: 5 })).toBe(null);
  });
});

describe('nonsense', () => {
  it.each<[PrivacySettings & Record<string, unknown>, ErrorCode]>([
    [{ epsilon: 0, identifiersPerRecord: 1 }, 'privacy.epsilon'],
    [{ epsilon: -1, identifiersPerRecord: 1 }, 'privacy.epsilon'],
    [{ epsilon: 1000, identifiersPerRecord: 1 }, 'privacy.epsilon'],
    [{ epsilon: null, identifiersPerRecord: 1 }, 'privacy.epsilon'],
    [{ delta: 1e-6 }, 'privacy.epsilon'],
    [{ mechanism: 'gaussian' }, 'privacy.epsilon'],
    [{ epsilon: 1, identifiersPerRecord: 1, mechanism: 'gaussian' }, 'privacy.delta'],
    [{ epsilon: 1, identifiersPerRecord: 1, delta: 0.5 }, 'privacy.delta'],
    [{ epsilon: 1, identifiersPerRecord: 1, mechanism: 'uniform' }, 'privacy.policy'],
    [{ epsilon: 1 }, 'privacy.policy'],
    [{ epsilon: 1, identifiersPerRecord: 0 }, 'privacy.policy'],
    [{ minCount: -1 }, 'privacy.policy'],
    [{ minCount: 2.5 }, 'privacy.policy'],
    [{ minCount: '5' }, 'privacy.policy'],
    [{ minimum: 5 }, 'privacy.policy'],
  ])('%j is refused: %s', (settings, wanted) => {
    expect(() => parsePrivacyPolicy(settings)).toThrow(code(wanted));
  });

  it('in counts is refused before anything is released', () => {
    const lists = [{ size: 5 }, { size: 5 }];
    const release = (exactly: readonly number[]) =>
      releaseCounts({ exactly, lists, policy: parsePrivacyPolicy({}), padded: false, random: none });
    expect(release([3, 3, 2]).union.count).toBe(8);
    for (const wrong of [
      [3, 3],
      [3, 3, 3],
      [2, 3, 2],
      [5.5, 5.5, -0.5],
      [6, 6, -1],
    ]) {
      expect(() => release(wrong)).toThrow(code('chain.count'));
    }
  });
});
