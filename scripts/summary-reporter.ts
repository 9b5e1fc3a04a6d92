/**
 * A vitest reporter that ends the run with one plain line, `N passed, N failed`, and leaves a list of what ran.
 *
 * Purpose: a closing line that any tool can read, whatever the runner's own summary looks like; and `reports/tests.json`,
 * by which generated documents know which tests the last run passed (scripts/docs/evidence.ts).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestModule } from 'vitest/node';

const reportPath = fileURLToPath(new URL('../reports/tests.json', import.meta.url));

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let skipped = 0;
    // An error outside any test (an import that fails, a promise nobody awaited) is a failure too.
    let failed = errors.length;
    const tests: { file: string; name: string; state: string }[] = [];
    for (const module of modules) {
      if (module.state() === 'failed' && module.errors().length > 0) failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed += 1;
        else skipped += 1;
        tests.push({ file: module.relativeModuleId, name: test.fullName, state });
      }
    }
    mkdirSync(dirname(reportPath), { recursive: true });
    writeFileSync(reportPath, JSON.stringify({ tests }));
    const rest = skipped > 0 ? `, ${skipped} skipped` : '';
    // After the default reporter has written its own summary.
    setImmediate(() => process.stdout.write(`\n${passed} passed, ${failed} failed${rest}\n`));
  }
}
