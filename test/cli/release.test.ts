/** The comparison of released numbers with plaintext ones, and how people read them. */
import { describe, expect, it } from 'vitest';
import { parsePrivacyPolicy, tailBound } from '@tallystick/protocol/privacy';
import { compareRelease } from '../../packages/cli/src/oracle/index.ts';
import { countTable, thresholdTable, worthLines } from '../../packages/cli/src/render/counts.ts';
import type { CountResult, ReleaseResult } from '../../packages/cli/src/render/index.ts';
import { styleFor } from '../../packages/cli/src/render/text.ts';

const plain = [
  { in: ['north'], exactly: 40, atLeast: 62 },
  { in: ['south'], exactly: 30, atLeast: 52 },
  { in: ['north', 'south'], exactly: 22, atLeast: 22 },
];
const cells = plain.map((row) => row.in);
type Release = Pick<ReleaseResult, 'noise' | 'inAtLeast' | 'union'>;
interface Got {
  readonly counts: readonly CountResult[];
  readonly release: Release;
  readonly announced: readonly { readonly size: number }[];
  readonly cells: readonly (readonly string[])[];
}
const exact: Got = {
  counts: plain,
  release: { noise: null, inAtLeast: [{ count: 92 }, { count: 22 }], union: { count: 92 } },
  announced: [{ size: 62 }, { size: 52 }],
  cells,
};
const minimum = { policy: parsePrivacyPolicy({ minCount: 20 }), padded: false };
const noisy = { policy: parsePrivacyPolicy({ epsilon: 1, identifiersPerRecord: 2 }), padded: false };
// two lists: L1 sensitivity 3 a record of one identifier, so 6 with two
const scale = '6/1';
const bound = Number(tailBound({ mechanism: 'laplace', scale: { numerator: 6n, denominator: 1n } }));
const noised = (by: number): Got => ({
  ...exact,
  counts: plain.map((row, i) => (i === 2 ? { ...row, exactly: row.exactly + by } : row)),
  release: { ...exact.release, noise: { mechanism: 'laplace', scale } },
});
const row = (at: number, change: Partial<CountResult>): Got => ({
  ...exact,
  counts: plain.map((one, i) => (i === at ? { ...one, ...change } : one)),
});

describe('released numbers', () => {
  it('are compared, each of them, and withheld ones are not', () => {
    expect(compareRelease(plain, exact, minimum)).toEqual({ cellsChecked: 8, differences: [] });
    const held = row(2, { exactly: null, atLeast: null, reason: { exactly: 'below-minimum' } });
    expect(compareRelease(plain, held, minimum)).toEqual({ cellsChecked: 6, differences: [] });
  });

  it.each<[string, Got]>([
    ['a wrong number', row(0, { exactly: 41 })],
    ['a wrong sum', row(2, { atLeast: 21 })],
    ['a number below the minimum', row(2, { exactly: 19 })],
    ['a missing combination', { ...exact, counts: plain.slice(1) }],
    ['noise that nobody agreed to', { ...exact, release: noised(0).release }],
    [
      'a wrong threshold',
      { ...exact, release: { ...exact.release, inAtLeast: [{ count: 91 }, { count: 22 }] } },
    ],
  ])('without noise are wrong with %s', (_, got) => {
    expect(compareRelease(plain, got, minimum).differences).not.toEqual([]);
  });

  it('with noise may be off by what it can do, and not by more', () => {
    for (const by of [0, 1, -bound, bound])
      expect(compareRelease(plain, noised(by), noisy).differences).toEqual([]);
    for (const by of [bound + 1, -bound - 1])
      expect(compareRelease(plain, noised(by), noisy).differences).toHaveLength(1);
    // the announced size is no noised number
    const size = { ...noised(0), counts: row(0, { atLeast: 63 }).counts };
    expect(compareRelease(plain, size, noisy).differences).toHaveLength(1);
    expect(compareRelease(plain, exact, noisy).differences, 'noise left out').toHaveLength(1);
  });

  it('of padded lists say nothing of one list', () => {
    const terms = { policy: null, padded: true };
    const single = {
      exactly: null,
      atLeast: null,
      reason: { exactly: 'padded', atLeast: 'padded' },
    } as const;
    const counts = plain.map((one) => (one.in.length === 1 ? { ...one, ...single } : one));
    const union = { count: null, reason: 'padded' } as const;
    const release = { noise: null, inAtLeast: [union, { count: 22 }], union };
    const good = { counts, release, announced: [{ size: 64 }, { size: 64 }], cells };
    expect(compareRelease(plain, good, terms)).toEqual({ cellsChecked: 3, differences: [] });
    const told = {
      ...good,
      counts: [{ ...plain[0], in: ['north'], exactly: 42, atLeast: 64 }, ...counts.slice(1)],
    };
    expect(compareRelease(plain, told as Got, terms).differences).not.toEqual([]);
    expect(compareRelease(plain, { ...good, release: exact.release }, terms).differences).not.toEqual([]);
  });
});

describe('people', () => {
  const style = styleFor(false);
  it('see a withheld number as such, and a sum with one', () => {
    const reason = { exactly: 'below-minimum', atLeast: 'below-minimum' } as const;
    const lines = countTable(
      [{ in: ['north'], exactly: null, atLeast: null, reason }, ...plain.slice(1)],
      style,
    );
    expect(lines[1]).toMatch(/^ +north +withheld: small +withheld: a part is$/);
    expect(lines[3]).toMatch(/^ +north \+ south +22 +22$/);
    const held = { count: null, reason: 'padded' } as const;
    expect(thresholdTable({ inAtLeast: [held, { count: 22 }] }, style)[1]).toMatch(
      /union\) +withheld: padded$/,
    );
  });

  it('are told what the numbers are worth', () => {
    const none = { noise: null, inAtLeast: [] };
    expect(worthLines(none, null, null)).toEqual([
      'The numbers are exact: no noise is added and nothing is withheld.',
    ]);
    const least = worthLines(none, { minCount: 20, identifiersPerRecord: 1 }, null).join(' ');
    expect(least).toContain('no noise');
    expect(least).toContain('below 20');
    expect(least).not.toContain('nothing is withheld');
    const laplace = { noise: { mechanism: 'laplace', scale }, inAtLeast: [] } as const;
    const text = worthLines(laplace, { minCount: 0, identifiersPerRecord: 2 }, null).join(' ');
    expect(text).toContain('Laplace noise of scale 6, for at most 2 identifiers a record');
    // a Laplace variable is within scale · ln 2 half of the time, beyond scale · ln 20 one time in twenty
    expect(text).toContain('about 4.2 or less, one in twenty by more than about 18');
    expect(worthLines(none, null, 64).join(' ')).toContain('multiple of 64');
  });
});
