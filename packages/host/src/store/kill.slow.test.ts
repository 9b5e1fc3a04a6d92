/** What a store holds after kill -9: all that was acknowledged, and no half of a transaction. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore } from './index.ts';

const child = fileURLToPath(new URL('./kill.child.ts', import.meta.url));
const tsx = createRequire(import.meta.url).resolve('tsx');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-kill-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Runs the child until it has said `lines` lines, kills it, returns all it said. */
function runAndKill(mode: string, lines: number): Promise<string[]> {
  const args = ['--conditions=@tallystick/source', '--import', tsx, child, directory, mode];
  const run = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  createInterface({ input: run.stdout }).on('line', (line) => {
    said.push(line);
    if (said.length === lines) run.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    run.on('error', reject);
    run.on('close', (_code, signal) => {
      if (signal === 'SIGKILL') resolve(said);
      else reject(new Error('the child ended by itself'));
    });
  });
}

it('loses nothing that was acknowledged, killed again and again', async () => {
  let acknowledged = 0;
  for (let round = 0; round < 3; round++) {
    const said = await runAndKill('append', 5 + 7 * round);
    acknowledged += said.length;
    const store = openStore(directory, { ownerVerified: true });
    const keys = store.list('sessions').map(({ key }) => key);
    for (const key of said) expect(keys).toContain(key);
    expect(keys.length).toBeGreaterThanOrEqual(acknowledged);
    for (const key of keys) expect(store.chunkCount('lists', key)).toBe(1);
    store.close();
  }
});

it('leaves no half of a transaction that spilled to disk', async () => {
  await runAndKill('spill', 1);
  const store = openStore(directory, { ownerVerified: true }); // checks every page
  const values = store.list('sessions').map(({ value }) => value);
  expect(values.length).toBeGreaterThan(0);
  expect(values.every((value) => typeof value === 'string' && value.startsWith('before'))).toBe(true);
  store.close();
});
