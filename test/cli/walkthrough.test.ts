/** Every command of the README, word for word, each terminal its own shell. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { exitMeanings } from '../../packages/cli/src/exit/index.ts';
import { ownTmp, root, until } from './helpers.ts';

// Many processes on what may be a busy machine: the limit is for what hangs, not for what is slow.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** What CI runs itself: these blocks would run the tests within the tests. */
const runElsewhere = [
  'npm ci && npm start',
  'npm ci && npm test',
  'npm run examples',
  'npm run build && npm pack ./dist',
];

interface Block {
  readonly terminal: string | undefined;
  readonly text: string;
}

const readme = await readFile(join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```sh(?: terminal=(\w+))?\n([\s\S]*?)^```$/gm)].map(
  ([, terminal, text]): Block => ({ terminal, text: text ?? '' }),
);
const of = (terminal: string | undefined): string =>
  blocks
    .filter((block) => block.terminal === terminal && !runElsewhere.includes(block.text.trim()))
    .map((block) => block.text)
    .join('');

let tmp: Awaited<ReturnType<typeof ownTmp>>;
const shells: ChildProcess[] = [];

beforeAll(async () => {
  tmp = await ownTmp();
  // A folder that looks like the README's, in which the commands may make what they like.
  await symlink(join(root, 'examples'), join(tmp.path, 'examples'));
  const path = join(tmp.path, 'node_modules/.bin');
  await mkdir(path, { recursive: true });
  await symlink(join(inject('builtFolder'), 'tallystick.mjs'), join(path, 'tallystick'));
});
afterAll(async () => {
  for (const shell of shells) stop(shell, 'SIGKILL');
  await tmp.remove();
});

function stop(shell: ChildProcess, signal: NodeJS.Signals): void {
  if (shell.pid === undefined || shell.exitCode !== null || shell.signalCode !== null) return;
  process.kill(-shell.pid, signal); // the whole terminal, as Ctrl-C does
}

interface Shell {
  readonly child: ChildProcess;
  text(): string;
  readonly ended: Promise<number | null>;
}

async function shell(name: string, commands: string): Promise<Shell> {
  const script = join(tmp.path, `${name}.sh`);
  await writeFile(script, commands);
  const child = spawn('bash', ['-e', script], {
    cwd: tmp.path,
    env: { ...process.env, TMPDIR: tmp.path },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  shells.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  }
  const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  return { child, ended, text: () => text };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

describe('the README', () => {
  it('has a block for each terminal, and no command that nobody runs', () => {
    const terminals = new Set(blocks.map((block) => block.terminal));
    expect(terminals).toEqual(
      new Set([undefined, 'coordinator', 'north', 'south', 'commands', 'afterwards']),
    );
    for (const command of runElsewhere) expect(blocks.map((block) => block.text.trim())).toContain(command);
    for (const fence of readme.match(/^```\w.*$/gm) ?? [])
      expect(fence).toMatch(/^```(json|sh( terminal=\w+)?)$/);
  });

  it('names every exit code', () => {
    for (const [code, meaning] of exitMeanings) expect(readme).toContain(`| ${code} | ${meaning} |`);
  });

  it('compares two CSV files of one’s own', async () => {
    const { ended, text } = await shell('own', of(undefined));
    expect(await ended, text()).toBe(0);
    expect(text()).toMatch(/bank +2 of its 3 records/);
    expect(text()).toContain('The answers equal the plaintext answers.');
    expect(text()).toContain('name+birthyear:giorgos pappas:1969');
    const matches = await readFile(join(tmp.path, 'mine/matches/bank.matches.jsonl'), 'utf8');
    expect(
      matches
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
    ).toEqual(['C-1', 'C-3']);
  });

  it('walks through four terminals', async () => {
    const port = String(await freePort());
    const start = async (terminal: string): Promise<Shell> => {
      const one = await shell(terminal, of(terminal).replaceAll('7600', port));
      void one.ended.then(() => undefined);
      await until(() => one.text().includes('is ready') || one.child.exitCode !== null);
      expect(one.text()).toContain('is ready');
      return one;
    };
    const coordinator = await start('coordinator');
    const [north, south] = await Promise.all([start('north'), start('south')]);
    const commands = await shell('commands', of('commands').replaceAll('7600', port));
    expect(await commands.ended, commands.text()).toBe(0);
    const text = commands.text();
    expect(text).toMatch(/south +sha256:\S+ +online/);
    expect(text).toMatch(/3 records of mine match/);
    expect(text).toMatch(/north \+ south +3 +3/);
    expect(text).toMatch(/ok +node +north runs/);
    const matches = await readFile(join(tmp.path, 'walk/matches.jsonl'), 'utf8');
    expect(matches.trimEnd().split('\n')).toHaveLength(3);

    for (const one of [north, south, coordinator]) stop(one.child, 'SIGINT');
    await Promise.all([north.ended, south.ended, coordinator.ended]);
    expect(await (await shell('afterwards', of('afterwards'))).ended).toBe(0);
    expect(await tmp.leftovers()).toEqual([]);
  });
});
