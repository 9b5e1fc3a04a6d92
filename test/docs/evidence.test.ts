import { describe, expect, test } from 'vitest';
import { evidenceTable, parseTestReport, type EvidenceRow } from '../../scripts/docs/evidence.ts';

const ran = (file: string, name: string, state: string) => ({ file, name, state });
const report = parseTestReport(
  JSON.stringify({
    tests: [
      ran('test/a.test.ts', 'holds', 'passed'),
      ran('test/a.test.ts', 'breaks', 'failed'),
      ran('test/b.test.ts', 'group > holds', 'passed'),
      ran('test/b.test.ts', 'waits', 'skipped'),
      ran('test/c.test.ts', 'twice', 'failed'),
      ran('test/c.test.ts', 'twice', 'passed'),
    ],
  }),
);
const row = (file: string, name: string, ...cells: string[]): EvidenceRow => ({
  cells,
  test: { file, name },
});

describe('a table of rows that tests carry', () => {
  test('shows each row with the id of its test', () => {
    const rows = [
      row('test/a.test.ts', 'holds', 'one | two'),
      row('test/b.test.ts', 'group > holds', 'three'),
    ];
    const { markdown, problems } = evidenceTable(['What'], rows, report);
    expect(problems).toEqual([]);
    expect(markdown.split('\n')).toEqual([
      '| What | Test |',
      '| --- | --- |',
      '| one \\| two | `test/a.test.ts › holds` |',
      '| three | `test/b.test.ts › group > holds` |',
      '',
    ]);
  });

  test.each([
    [
      'that did not run',
      row('test/a.test.ts', 'was renamed', 'x'),
      'test/a.test.ts › was renamed: did not run',
    ],
    ['of another file', row('test/b.test.ts', 'holds', 'x'), 'test/b.test.ts › holds: did not run'],
    ['that failed', row('test/a.test.ts', 'breaks', 'x'), 'test/a.test.ts › breaks: failed'],
    ['that was skipped', row('test/b.test.ts', 'waits', 'x'), 'test/b.test.ts › waits: skipped'],
    ['of which one of two failed', row('test/c.test.ts', 'twice', 'x'), 'test/c.test.ts › twice: failed'],
    [
      'of a row with an empty cell',
      row('test/a.test.ts', 'holds', ' '),
      'test/a.test.ts › holds: nothing under "What"',
    ],
    [
      'of a row with a cell too many',
      row('test/a.test.ts', 'holds', 'x', 'y'),
      'test/a.test.ts › holds: 2 cells, want 1',
    ],
  ])('names a test %s', (_, broken, problem) => {
    const { problems } = evidenceTable(['What'], [row('test/a.test.ts', 'holds', 'x'), broken], report);
    expect(problems).toEqual([problem]);
  });

  test('is a problem without rows', () => {
    expect(evidenceTable(['What'], [], report).problems).toEqual(['a table of What has no rows']);
  });
});

test('a report that is none is refused', () => {
  expect(() => parseTestReport('{"tests":[{"file":"a"}]}')).toThrow();
  expect(() => parseTestReport('nothing')).toThrow();
});
