import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, utimes, mkdir, readFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TallyError } from '@tallystick/protocol/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callControl, type ControlHandlers, type ControlServer, serveControl } from './index.ts';

let root: string;
let servers: ControlServer[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tallystick-control-'));
  servers = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await rm(root, { recursive: true });
});

const handlers: ControlHandlers = {
  echo: (params) => params,
  fail: () => {
    throw Object.assign(new TallyError('agreement.denied', 'clause 3: no'), { field: 'purpose' });
  },
  crash: () => {
    throw new Error('passport:AFG:O1234567');
  },
  async count(params, { emit }) {
    for (let i = 0; i < (params as number); i++) emit({ i });
    return 'done';
  },
  hang: (_params, { signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gone')))),
};

async function serve(directory: string): Promise<ControlServer> {
  const server = await serveControl(directory, handlers);
  servers.push(server);
  return server;
}

describe.each([
  ['a short directory', 'd'],
  ['a directory longer than a socket path may be', 'd'.repeat(120)],
])('%s', (_name, leaf) => {
  const at = () => join(root, leaf);

  it('answers, streams events, and passes errors on', async () => {
    const { path } = await serve(at());
    expect(await callControl(at(), 'echo', { a: [1, 'ä', null] })).toEqual({ a: [1, 'ä', null] });
    expect(await callControl(at(), 'echo')).toBeNull();
    const events: unknown[] = [];
    expect(await callControl(at(), 'count', 3, { onEvent: (event) => void events.push(event) })).toBe('done');
    expect(events).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
    await expect(callControl(at(), 'fail')).rejects.toMatchObject({
      code: 'agreement.denied',
      message: 'clause 3: no',
      field: 'purpose',
    });
    const crash = await callControl(at(), 'crash').catch((error: TallyError) => error);
    expect(crash).toMatchObject({ code: 'internal.bug' });
    expect(String((crash as TallyError).message)).not.toContain('1234567');
    await expect(callControl(at(), 'nothing')).rejects.toMatchObject({ code: 'control.request' });
    await expect(callControl(at(), '__proto__')).rejects.toMatchObject({ code: 'control.request' });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
  });

  it('lets one process own the directory, and the next one after it', async () => {
    const first = await serve(at());
    await expect(serve(at())).rejects.toMatchObject({ code: 'store.locked' });
    await first.close();
    await first.close();
    expect(existsSync(first.path)).toBe(false);
    expect(await readdir(at())).toEqual([]);
    await expect(callControl(at(), 'echo')).rejects.toMatchObject({ code: 'control.refused' });
    await serve(at());
    expect(await callControl(at(), 'echo', 1)).toBe(1);
  });

  it('gives the directory to exactly one of many that start at once', async () => {
    const starts = await Promise.allSettled(Array.from({ length: 6 }, () => serve(at())));
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await callControl(at(), 'echo', 1)).toBe(1);
  });
});

it('takes over from a killed process: a socket nobody listens on, an old guard', async () => {
  // A listener that is gone without unlinking: bind in a directory, move the socket, close.
  const path = join(root, 'control.sock');
  const dead = createServer().listen(`${path}.live`);
  await new Promise((resolve) => dead.once('listening', resolve));
  const { rename } = await import('node:fs/promises');
  await rename(`${path}.live`, path);
  await new Promise((resolve) => dead.close(resolve));
  expect((await stat(path)).isSocket()).toBe(true);
  const guard = join(root, 'control.starting');
  await mkdir(guard);
  await utimes(guard, 0, 0);
  await serve(root);
  expect(await callControl(root, 'echo', 1)).toBe(1);
  expect(existsSync(guard)).toBe(false);
});

it('tells a waiting caller when the process goes, and a handler when the caller goes', async () => {
  const server = await serve(root);
  const waiting = callControl(root, 'hang').catch((error: TallyError) => error.code);
  const given = new AbortController();
  const abandoned = callControl(root, 'hang', null, { signal: given.signal }).catch(
    (error: TallyError) => error.code,
  );
  await callControl(root, 'echo');
  given.abort();
  expect(await abandoned).toBe('session.cancelled');
  await server.close();
  expect(await waiting).toBe('control.refused');
});

it('refuses lines that are no requests', async () => {
  const { path } = await serve(root);
  const ask = (line: string): Promise<{ error?: { code: string } }> =>
    new Promise((resolve, reject) => {
      const socket = createConnection(path, () => socket.write(`${line}\n`));
      socket.once('data', (data) => {
        socket.destroy();
        resolve(JSON.parse(String(data)) as { error?: { code: string } });
      });
      socket.once('error', reject);
    });
  for (const line of [
    'nonsense',
    '[]',
    '{"id":1}',
    '{"id":-1,"method":"echo","params":1}',
    '{"id":1,"method":"echo","params":1,"x":1}',
  ]) {
    expect((await ask(line)).error?.code).toBe('control.request');
  }
});

it('follows no pointer into a directory that others can write', async () => {
  const long = join(root, 'd'.repeat(120));
  const { path } = await serve(long);
  const { chmod } = await import('node:fs/promises');
  await chmod(dirname(path), 0o755);
  expect((await readFile(join(long, 'control.path'), 'utf8')).trim()).toBe(path);
  await expect(callControl(long, 'echo')).rejects.toMatchObject({ code: 'control.refused' });
});
