/** Whatever is killed, no process, no directory and no partial answer is left. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isAlive, ownTmp, type Running, startCli, until } from './helpers.ts';

let tmp: Awaited<ReturnType<typeof ownTmp>>;
beforeEach(async () => {
  tmp = await ownTmp();
});
afterEach(() => tmp.remove());

/** A demonstration at the moment when all of its processes run. */
async function startDemo(): Promise<{ running: Running; pids: [number, number, number, number] }> {
  const running = startCli(['demo', '--people', '1000', '--quiet', '--json'], { env: { TMPDIR: tmp.path } });
  const [, list = ''] = await running.until(/processes ([\d, ]+)\n/);
  return { running, pids: list.split(', ').map(Number) as [number, number, number, number] };
}

async function nothingLeft(pids: readonly number[]): Promise<void> {
  await until(() => pids.every((pid) => !isAlive(pid)));
  await until(async () => (await tmp.leftovers()).length === 0);
}

it('killing the parent ends every child', async () => {
  const { running, pids } = await startDemo();
  expect(pids.every(isAlive)).toBe(true);
  expect(await tmp.leftovers()).toHaveLength(1);
  running.child.kill('SIGKILL');
  expect(await running.ended).toEqual({ code: null, signal: 'SIGKILL' });
  await nothingLeft(pids);
});

it('killing the parent while its children start ends them too', async () => {
  const running = startCli(['demo', '--quiet'], { env: { TMPDIR: tmp.path } });
  await running.until(/each a process of its own/);
  await new Promise((done) => setTimeout(done, 300));
  running.child.kill('SIGKILL');
  await running.ended;
  await until(async () => (await tmp.leftovers()).length === 0);
});

it('killing a node ends the run, with code 4', async () => {
  const { running, pids } = await startDemo();
  process.kill(pids[1], 'SIGKILL');
  expect((await running.ended).code).toBe(4);
  expect(running.text()).toMatch(/peer\.left|ended by SIGKILL/);
  expect(running.text()).not.toContain('"oracle"');
  await nothingLeft(pids);
});

it('killing the coordinator ends the run, with code 5 or what the nodes make of it', async () => {
  const { running, pids } = await startDemo();
  process.kill(pids[0], 'SIGKILL');
  expect([4, 5]).toContain((await running.ended).code);
  expect(running.text()).not.toContain('"oracle"');
  await nothingLeft(pids);
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the run, with code %i', async (signal, code) => {
  const { running, pids } = await startDemo();
  running.child.kill(signal);
  expect(await running.ended).toEqual({ code, signal: null });
  expect(running.text()).toContain(`stopped by ${signal}`);
  await nothingLeft(pids);
});
