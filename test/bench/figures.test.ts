/**
 * The statistics and the table: over invented results.
 */
import { describe, expect, it } from 'vitest';
import { inventLists } from '../../bench/lists.ts';
import { putFigures, renderFigures } from '../../bench/readme.ts';
import { type BenchResult, median, rowOf, slope } from '../../bench/report.ts';

function result(node: string, date: string, ratios: Record<string, number>): BenchResult {
  const machine = {
    cpu: 'cpu',
    cores: 2,
    memoryBytes: 1e9,
    system: 'system',
    openssl: 'openssl',
    commit: 'c0ffee',
    date,
    command: 'npm run bench -- psi',
    size: 'normal',
    absent: [],
  } as const;
  const rows = [
    rowOf('psi/sealed/n=4096/cpu-per-pair', 'us', [3, 1, 2]),
    rowOf('psi/sealed/n=4096/kernel-share', 'ratio', [0.5]),
  ];
  return { machine, node, rows, ratios };
}

describe('figures of a bench', () => {
  it('takes medians and slopes', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(
      slope([
        [0, 1],
        [1, 3],
        [2, 5],
      ]),
    ).toBeCloseTo(2);
    expect(rowOf('a', 'us', [5, 3])).toEqual({ name: 'a', unit: 'us', median: 4, min: 3, max: 5, runs: 2 });
    expect(() => rowOf('a', 'us', [])).toThrow('numbers');
    expect(() => rowOf('a', 'us', [Number.NaN])).toThrow('numbers');
  });

  it('invents lists that share exactly what they say', () => {
    const lists = inventLists(101);
    const [a, b] = [new Set(lists.of(0)), new Set(lists.of(1))];
    expect([a.size, b.size]).toEqual([101, 101]);
    expect([...a].filter((number) => b.has(number))).toHaveLength(lists.common);
  });

  it('says of each figure whether it is met, missed or not measured, by version of Node', () => {
    const text = renderFigures([
      result('v20.1.0', '2026-01-01', { 'psi.kernel-share': 0.5, 'psi.bytes-per-pair': 70 }),
      result('v24.1.0', '2026-01-01', { 'psi.kernel-share': 0.8 }),
    ]);
    const line = (figure: string) => text.split('\n').find((one) => one.startsWith(`| \`${figure}\``));
    expect(line('psi.kernel-share')).toBe('| `psi.kernel-share` | ≥ 0.85 | **0.5**, missed | ≥ 0.8 | 0.8 |');
    expect(line('psi.bytes-per-pair')).toContain('| ≤ 76 | 70 |');
    expect(line('psi.sealed/direct')).toContain('not measured');
    expect(text).toContain('| sealed | 2^12 | 2 (1–3) | 0.5 |');
  });

  it('lets the newest result count', () => {
    const text = renderFigures([
      result('v20.1.0', '2026-01-01', { 'psi.sealed/direct': 1.1 }),
      result('v20.2.0', '2026-01-02', { 'psi.sealed/direct': 1.2 }),
    ]);
    expect(text).toContain('| `psi.sealed/direct` | ≤ 1.6 | 1.2 |');
  });

  it('replaces what stands between the marks and nothing else', () => {
    const begin = '<!-- figures: begin, written by `npm run bench -- report` -->';
    const end = '<!-- figures: end -->';
    const once = putFigures(`a\n${begin}\nold\n${end}\nb\n`, 'new');
    expect(once).toBe(`a\n${begin}\n\nnew\n\n${end}\nb\n`);
    expect(putFigures(once, 'new')).toBe(once);
    expect(() => putFigures('no marks', 'new')).toThrow('marks');
  });
});
