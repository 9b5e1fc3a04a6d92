/** The list of mutants that may survive: each entry for one survivor, by its texts. */
import { expect, test } from 'vitest';
import { compare, type Listed, readList } from '../../scripts/mutation/survivors.ts';

const texts = { file: 'a.ts', line: 'if (a > b) return;', original: 'a > b', replacement: 'a >= b' };
const mutant = {
  ...texts,
  id: '1',
  mutator: 'EqualityOperator',
  location: { start: { line: 7, column: 5 }, end: { line: 7, column: 10 } },
};
const listed: Listed = { ...texts, effect: 'equivalent', reason: 'they are never equal' };

test('a survivor that is listed is in order, wherever its line stands now', () => {
  expect(compare([mutant], [listed])).toEqual({ unlisted: [], dead: [] });
});

test('one that is not listed, and one more than are listed', () => {
  expect(compare([mutant], []).unlisted).toEqual([texts]);
  expect(compare([mutant, { ...mutant, id: '2' }], [listed]).unlisted).toEqual([texts]);
  expect(compare([mutant, { ...mutant, replacement: 'true' }], [listed]).unlisted).toEqual([
    { ...texts, replacement: 'true' },
  ]);
});

test.each([
  { file: 'b.ts' },
  { line: 'if (a > b) throw a;' },
  { original: 'a < b' },
  { replacement: 'false' },
])('an entry that names no survivor: other %o', (change) => {
  const { unlisted, dead } = compare([mutant], [{ ...listed, ...change }]);
  expect(unlisted).toEqual([texts]);
  expect(dead).toEqual([{ ...texts, ...change }]);
});

test('the list as it stands gives a reason each', () => {
  for (const { reason, file } of readList()) {
    expect(reason).toMatch(/^[a-z].{9,}/);
    expect(file).toMatch(/^packages\/protocol\/src\//);
  }
});
