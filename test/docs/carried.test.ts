/** Tests that a page names as carrying its claims are there, under these names. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Rows of `| claim | `file`: “name”; “name” |`. */
function namedIn(page: string): { claim: string; file: string; names: string[] }[] {
  const rows = [...page.matchAll(/^\| ([^|]+) \| `([^`]+)`: ([^|]+) \|$/gm)];
  return rows.map(([, claim = '', file = '', list = '']) => ({
    claim,
    file,
    names: [...list.matchAll(/“([^”]+)”/g)].map(([, name = '']) => name),
  }));
}

const rows = namedIn(read('docs/privacy.md').split('## Carried by')[1]?.split('\n## ')[0] ?? '');

test('the table is read whole', () => {
  const section = read('docs/privacy.md').split('## Carried by')[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  expect(rows).toHaveLength(lines.length - 2);
  expect(rows.length).toBeGreaterThan(0);
});

test.each(rows)('$claim', ({ file, names }) => {
  expect(existsSync(new URL(`../../${file}`, import.meta.url)), file).toBe(true);
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(read(file)).toContain(name);
});
