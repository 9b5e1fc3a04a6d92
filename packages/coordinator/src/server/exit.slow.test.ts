/** A process that has closed its coordinator and links ends by itself: no timer, socket or server is left. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const child = fileURLToPath(new URL('./exit.child.ts', import.meta.url));
const tsx = createRequire(import.meta.url).resolve('tsx');

/** Resolves with the exit code, or `undefined` where it had to be killed after it said its line. */
function run(mode: string, graceMs: number): Promise<number | undefined> {
  const args = ['--conditions=@tallystick/source', '--import', tsx, child, mode];
  const process_ = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let timer: NodeJS.Timeout | undefined;
  process_.stdout.once('data', () => {
    timer = setTimeout(() => process_.kill('SIGKILL'), graceMs);
  });
  return new Promise((resolve, reject) => {
    process_.on('error', reject);
    process_.on('close', (code) => {
      clearTimeout(timer);
      resolve(code ?? undefined);
    });
  });
}

it('ends by itself when all is closed', async () => {
  expect(await run('dispose', 20_000)).toBe(0);
});

it('would not end otherwise', async () => {
  expect(await run('keep', 500)).toBeUndefined();
});
