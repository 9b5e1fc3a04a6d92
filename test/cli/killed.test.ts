/** Whatever is killed, no process, no directory and no partial answer is left. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { makeDemoLists } from '../../packages/cli/src/demo/lists.ts';
import { isAlive, isThere, ownTmp, type Running, startCli, until } from './helpers.ts';

// Many processes on what may be a busy machine: the limit is for what hangs, not for what is slow.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let tmp: Awaited<ReturnType<typeof ownTmp>>;
let lists: Awaited<ReturnType<typeof ownTmp>>;
beforeAll(async () => {
  lists = await ownTmp();
  await makeDemoLists(join(lists.path, 'lists'), 'killed', 2000);
});
afterAll(() => lists.remove());
beforeEach(async () => {
  tmp = await ownTmp();
});
afterEach(() => tmp.remove());

const start = (): Running =>
  startCli(
    ['run', join(lists.path, 'lists/matches.json'), '--json', '--no-oracle', '--out', join(tmp.path, 'out')],
    {
      env: { TMPDIR: tmp.path },
    },
  );

/** A run at the moment when all of its processes run: the coordinator first. */
async function startRun(): Promise<{ running: Running; pids: [number, number, number] }> {
  const running = start();
  const [, list = ''] = await running.until(/processes ([\d, ]+)\n/);
  return { running, pids: list.split(', ').map(Number) as [number, number, number] };
}

async function nothingLeft(pids: readonly number[]): Promise<void> {
  await until(() => pids.every((pid) => !isAlive(pid)));
  await until(async () => (await tmp.leftovers()).length === 0);
  expect(await isThere(join(tmp.path, 'out'))).toBe(false); // no partial answer
}

it('killing the parent ends every child', async () => {
  const { running, pids } = await startRun();
  expect(pids.every(isAlive)).toBe(true);
  expect(await tmp.leftovers()).toHaveLength(1);
  running.child.kill('SIGKILL');
  expect(await running.ended).toEqual({ code: null, signal: 'SIGKILL' });
  await nothingLeft(pids);
});

it('killing the parent while its children start ends them too', async () => {
  const running = start();
  await running.until(/starting a coordinator/);
  await new Promise((done) => setTimeout(done, 300));
  running.child.kill('SIGKILL');
  await running.ended;
  await until(async () => (await tmp.leftovers()).length === 0);
  expect(await isThere(join(tmp.path, 'out'))).toBe(false); // no partial answer
});

it('killing a node ends the run, with code 4', async () => {
  const { running, pids } = await startRun();
  process.kill(pids[1], 'SIGKILL');
  expect((await running.ended).code).toBe(4);
  expect(running.text()).toMatch(/peer\.left|ended by SIGKILL/);
  expect(running.text()).not.toContain('"oracle"');
  await nothingLeft(pids);
});

it('killing the coordinator ends the run, with code 5 or what the nodes make of it', async () => {
  const { running, pids } = await startRun();
  process.kill(pids[0], 'SIGKILL');
  expect([4, 5]).toContain((await running.ended).code);
  expect(running.text()).not.toContain('"oracle"');
  await nothingLeft(pids);
});

it('SIGINT ends the run, with code 130', async () => {
  const { running, pids } = await startRun();
  running.child.kill('SIGINT');
  expect(await running.ended).toEqual({ code: 130, signal: null });
  expect(running.text()).toContain('stopped by SIGINT');
  await nothingLeft(pids);
});
