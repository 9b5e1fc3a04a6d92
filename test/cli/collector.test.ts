/** `tallystick collector`: a process with an identity of its own that collects where a proposal names it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CoordinatorProcess, startCoordinatorProcess } from '@tallystick/coordinator/process';
import { type RunningNode, startNode } from '@tallystick/node/daemon';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { cli, ownTmp, type Running, startCli } from './helpers.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let tmp: Awaited<ReturnType<typeof ownTmp>>;
let coordinator: CoordinatorProcess;
let collector: Running | undefined;
const nodes: RunningNode[] = [];
const lists = [
  ['north', 'id,name\n1,Anna Beispiel\n2,Bertil Ek\n3,Carla Nova\n'],
  ['south', 'id,name\n1,Bertil Ek\n2,Anna Beispiel\n'],
] as const;

beforeAll(async () => {
  tmp = await ownTmp();
  coordinator = await startCoordinatorProcess({ withoutCollector: true });
  for (const [id, list] of lists) {
    const place = { kind: 'ephemeral' as const, identity: { id }, controlDir: join(tmp.path, id) };
    nodes.push(await startNode({ place, coordinatorUrl: coordinator.url, compute: { inline: true } }));
    await writeFile(join(tmp.path, `${id}.csv`), list);
  }
});
afterAll(async () => {
  collector?.child.kill('SIGKILL');
  await Promise.all(nodes.map((node) => node.close()));
  await coordinator.close();
  await tmp.remove();
});

it('merges what two nodes send it, says who it is, and keeps its directory to itself', async () => {
  const notary = ['--data', join(tmp.path, 'notary'), '--key-file', join(tmp.path, 'notary.key')];
  const [id, fingerprint] = (await cli(['init', 'notary', ...notary])).out.trim().split(' ') as [
    string,
    string,
  ];
  collector = startCli(['collector', ...notary, '--coordinator', coordinator.url]);
  await collector.until(new RegExp(`collector notary is ready: ${fingerprint}, at ${coordinator.url}`));
  const second = await cli(['collector', ...notary, '--coordinator', coordinator.url]);
  expect(second.code).toBe(5);
  expect(second.err).toContain('store.locked');

  for (const [i, node] of nodes.entries()) {
    const other = nodes[1 - i]?.identity ?? { id: '', fingerprint: '' };
    await node.call('peer.add', { id: other.id, fingerprint: other.fingerprint });
    await node.call('peer.add', { id, fingerprint });
    await node.call('list.import', { path: join(tmp.path, `${node.identity.id}.csv`), name: 'people' });
  }
  const on = async (node: string, line: string): Promise<string> => {
    const done = await cli([...line.split(' '), '--data', join(tmp.path, node)]);
    expect(done).toMatchObject({ code: 0 });
    return done.out.trim();
  };
  const session = await on(
    'north',
    'session propose --with south --list people --recipe name --subject any --counts --collector notary --purpose test',
  );
  expect(await on('south', `session show ${session}`)).toContain('counts, collected by notary');
  await on('south', `session consent ${session} --list people`);
  const shown = await on('north', `session watch ${session} --quiet`);
  expect(shown).toMatch(/north \+ south +2 +2/);
  expect(shown).toMatch(/notary, as collector +the exact counts/);

  // Its log, while it runs, tells the session as north's does.
  const files = ['north', 'notary'].map((name) => join(tmp.path, `${name}.audit`));
  for (const [i, name] of ['north', 'notary'].entries()) await on(name, `audit export --out ${files[i]}`);
  expect(await on('notary', 'audit show')).toMatch(/release .*notary/);
  const compared = await cli(['audit', 'compare', ...files]);
  expect(compared).toMatchObject({ code: 0, out: expect.stringContaining('1 session in both logs') });

  collector.child.kill('SIGTERM');
  expect(await collector.ended).toEqual({ code: 143, signal: null });
});
