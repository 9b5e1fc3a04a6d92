/**
 * docs/misbehaviour.md from the rows of test/misbehaviour and the report of a run of their tests.
 *
 * `npm run docs:misbehaviour` runs the tests and writes the document. `npm run docs:check`, after `npm test`, runs and
 * writes nothing: it fails where the document is not what the rows and the run before give.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { absent, sheets } from '../test/misbehaviour/rows/index.ts';
import { parseTestReport } from './docs/evidence.ts';
import { misbehaviourDocument } from './docs/misbehaviour.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const path = join(root, 'docs', 'misbehaviour.md');

function runTests(): void {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  spawnSync(process.execPath, [vitest, 'run', 'test/misbehaviour'], { cwd: root, stdio: 'inherit' });
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
if (!values.check) runTests();
const report = parseTestReport(readFileSync(join(root, 'reports', 'tests.json'), 'utf8'));
const { markdown, problems } = misbehaviourDocument(sheets, absent, report);
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(`docs/misbehaviour.md: ${problems.length} problems`);
  process.exitCode = 1;
} else if (!values.check) {
  writeFileSync(path, markdown);
  console.log('docs/misbehaviour.md: written');
} else if (readFileSync(path, 'utf8') === markdown) {
  console.log('docs/misbehaviour.md: every row is carried by a test of the last run');
} else {
  console.error('docs/misbehaviour.md: not what the rows give; run `npm run docs:misbehaviour`');
  process.exitCode = 1;
}
