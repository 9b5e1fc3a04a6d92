/** The generator of docs/safeguards.md: no claim without a clause, a file, a test that refused and a place in the report. */
import { describe, expect, test } from 'vitest';
import { parseTestReport } from '../../scripts/docs/evidence.ts';
import type { Safeguard } from '../../scripts/docs/safeguards-row.ts';
import { safeguards } from '../../scripts/docs/safeguards-rows.ts';
import { safeguardsDocument, testOf } from '../../scripts/docs/safeguards.ts';

const good: Safeguard = {
  safeguard: 'A purpose that is not agreed is refused',
  clause: 'purposes',
  enforced: [['some/file.ts', 'purpose.unknown']],
  refuses: 'pair: an unknown purpose',
  report: 'groups.clauses',
};
const files: Readonly<Record<string, string>> = {
  'some/file.ts': "yield 'purpose.unknown'",
  'packages/node/src/guard/standing.ts': 'const decision = decide(agreement)',
};
const ran = (rows: readonly Safeguard[], state = 'passed') =>
  parseTestReport(JSON.stringify({ tests: rows.map((row) => ({ ...testOf(row), state })) }));
const problemsOf = (
  change: Partial<Safeguard>,
  state = 'passed',
  has: Readonly<Record<string, string>> = files,
): readonly string[] => {
  const row = { ...good, ...change };
  return safeguardsDocument([row], ran([row], state), (file) => has[file]).problems;
};

test('a whole row has no problems, and says where everything is', () => {
  const { markdown, problems } = safeguardsDocument([good], ran([good]), (file) => files[file]);
  expect(problems).toEqual([]);
  const line = markdown.split('\n').find((one) => one.startsWith('| A purpose'));
  for (const part of ['`purposes`', '`some/file.ts`', 'why sessions were denied', 'an unknown purpose'])
    expect(line).toContain(part);
});

describe('is a problem', () => {
  test.each<[string, Partial<Safeguard>, string]>([
    ['an empty cell', { safeguard: ' ' }, 'nothing under "Safeguard"'],
    ['nothing that enforces', { enforced: [] }, 'nothing enforces it'],
    ['a file that is not there', { enforced: [['other/file.ts', 'x']] }, 'other/file.ts: not there'],
    [
      'a file that does something else',
      { enforced: [['some/file.ts', 'veto']] },
      'some/file.ts: has no veto',
    ],
    ['a clause that no agreement has', { clause: 'mercy' }, 'no clause mercy'],
    ['a field that no report has', { report: 'events.miracles' }, 'the report has no events.miracles'],
    ['a case that permits', { refuses: 'pair: as it begins' }, 'wants no denial by purposes'],
    ['a case of another clause', { refuses: 'pair: as it ends' }, 'wants no denial by purposes'],
    ['a case that there is not', { refuses: 'pair: on a Sunday' }, 'wants no denial by purposes'],
  ])('%s', (_, change, problem) => {
    expect(problemsOf(change).join('\n')).toContain(problem);
  });

  test('decisions that no session asks for', () => {
    const { 'packages/node/src/guard/standing.ts': __, ...rest } = files;
    expect(problemsOf({}, 'passed', rest).join()).toContain('guard/standing.ts: not there');
    const idle = { ...rest, 'packages/node/src/guard/standing.ts': 'permit everything' };
    expect(problemsOf({}, 'passed', idle).join()).toContain('has no decide(');
  });

  test.each(['failed', 'skipped'])('a test that was %s', (state) => {
    expect(problemsOf({}, state).join()).toContain(state);
  });

  test('a test that did not run, and two rows of one name', () => {
    const { problems } = safeguardsDocument([good, good], ran([]), (file) => files[file]);
    expect(problems.join()).toContain('did not run');
    expect(problems).toContain('two rows of one name');
  });
});

test('there are at least twenty safeguards', () => {
  expect(safeguards.length).toBeGreaterThanOrEqual(20);
});
