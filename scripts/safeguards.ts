/**
 * docs/safeguards.md from its rows and the report of a run of their tests.
 *
 * `npm run docs:safeguards` runs the tests and writes the document. `npm run docs:check`, after `npm test`, runs and writes
 * nothing: it fails where the document is not what the rows and the run before give.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseTestReport } from './docs/evidence.ts';
import { safeguards } from './docs/safeguards-rows.ts';
import { safeguardsDocument, testOf } from './docs/safeguards.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const path = join(root, 'docs', 'safeguards.md');

function runTests(): void {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const files = [...new Set(safeguards.map((row) => testOf(row).file))];
  spawnSync(process.execPath, [vitest, 'run', ...files], { cwd: root, stdio: 'inherit' });
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch {
    return undefined;
  }
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
if (!values.check) runTests();
const report = parseTestReport(readFileSync(join(root, 'reports', 'tests.json'), 'utf8'));
const { markdown, problems } = safeguardsDocument(safeguards, report, textOf);
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(`docs/safeguards.md: ${problems.length} problems`);
  process.exitCode = 1;
} else if (!values.check) {
  writeFileSync(path, markdown);
  console.log('docs/safeguards.md: written');
} else if (readFileSync(path, 'utf8') === markdown) {
  console.log('docs/safeguards.md: every row is carried by a test of the last run');
} else {
  console.error('docs/safeguards.md: not what the rows give; run `npm run docs:safeguards`');
  process.exitCode = 1;
}
