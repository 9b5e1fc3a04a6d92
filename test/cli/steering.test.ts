/** `peer`, `list` and `session` commands against two running nodes: what they print, how they end. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CoordinatorProcess, startCoordinatorProcess } from '@tallystick/coordinator/process';
import type { SessionDetail } from '@tallystick/node/control';
import { type RunningNode, startNode } from '@tallystick/node/daemon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, type Done, ownTmp, root } from './helpers.ts';

let tmp: Awaited<ReturnType<typeof ownTmp>>;
let coordinator: CoordinatorProcess;
const nodes = new Map<string, RunningNode>();
const at = (id: string): string => join(tmp.path, id);
const on = (id: string, line: string, ...more: string[]): Promise<Done> =>
  cli([...line.split(' '), ...more, '--data', at(id)]);

beforeAll(async () => {
  tmp = await ownTmp();
  coordinator = await startCoordinatorProcess();
  for (const id of ['north', 'south']) {
    const place = { kind: 'ephemeral' as const, identity: { id }, controlDir: at(id) };
    nodes.set(id, await startNode({ place, coordinatorUrl: coordinator.url, compute: { inline: true } }));
  }
});
afterAll(async () => {
  await Promise.all([...nodes.values()].map((node) => node.close()));
  await coordinator.close();
  await tmp.remove();
});

async function good(done: Promise<Done>): Promise<string> {
  const { code, err, out } = await done;
  expect(err).toBe('');
  expect(code).toBe(0);
  return out;
}

const propose = 'session propose --list people --recipe name --subject person';
/** Says on stderr where a stored result may be the answer. */
const proposeMatches = async (): Promise<string> => {
  const line = `${propose} --with south --matches north`;
  const { code, out } = await on('north', line, '--purpose', 'a test of words');
  expect(code).toBe(0);
  return out.trim();
};

describe('peers', () => {
  it('are added, listed and removed', async () => {
    expect(await good(on('north', 'peer list'))).toContain('no peers');
    for (const [a, b] of [
      ['north', 'south'],
      ['south', 'north'],
    ] as const) {
      const { fingerprint } = nodes.get(b)?.identity ?? { fingerprint: '' };
      expect(await good(on(a, `peer add ${b} ${fingerprint}`))).toContain(`${b} is a peer now`);
    }
    expect(await good(on('north', 'peer list'))).toMatch(/south +sha256:\S+ +online/);
    const stranger = `sha256:${Buffer.alloc(32).toString('base64url')}`;
    await good(on('north', `peer add stranger ${stranger}`));
    expect(JSON.parse(await good(on('north', 'peer list --json')))).toContainEqual({
      id: 'stranger',
      fingerprint: stranger,
      agreement: null,
      online: false,
    });
    await good(on('north', 'peer remove stranger'));
    expect(await good(on('north', 'peer list'))).not.toContain('stranger');
  });
});

describe('lists', () => {
  it('are imported, listed, replaced and removed', async () => {
    const file = join(root, 'examples/two-nodes/north.csv');
    expect((await on('north', `list import ${file} --name people --quiet`)).out).toMatch(/people: 4 records/);
    const again = await on('north', `list import ${file} --name people`);
    expect(again).toMatchObject({ code: 2, out: '' });
    expect((await on('north', `list import ${file} --name people --replace --json`)).code).toBe(0);
    await on(
      'south',
      `list import ${join(root, 'examples/two-nodes/south.csv')} --name people`,
      '--columns',
      '{"id":"ref","name":"full name"}',
    );
    expect(await good(on('north', 'list list'))).toMatch(/people +csv +4/);
    await on('north', `list import ${file}`);
    expect(await good(on('north', 'list list'))).toMatch(/north +csv/);
    await good(on('north', 'list remove north'));
    expect(await good(on('north', 'list list'))).not.toMatch(/^north/m);
  });

  it('that are wrong are refused by the node too, with code 3', async () => {
    expect(
      await on('north', `list import ${join(root, 'package.json')} --name x --format csv`),
    ).toMatchObject({ out: '' });
    expect((await on('north', `list import ${join(root, 'none.csv')}`)).code).toBe(3);
    expect((await on('north', 'list remove none')).code).toBe(2);
  });
});

describe('a session', () => {
  it('is proposed, shown, consented to, watched, and gives its answer to the receiver alone', async () => {
    const session = await proposeMatches();
    expect(session).toMatch(/^[0-9a-f]{32}$/);
    const offer = await good(on('south', `session show ${session.slice(0, 8)}`));
    expect(offer).toContain('a test of words');
    expect(offer).toContain('offered');
    expect(await good(on('south', `session consent ${session.slice(0, 8)} --list people`))).toContain(
      session,
    );

    const out = join(tmp.path, 'north.jsonl');
    const watched = await on('north', `session watch ${session} --quiet --out ${out}`);
    expect(watched.code).toBe(0);
    expect(watched.out).toMatch(/2 records of mine match/);
    expect(watched.out).toContain('Who learned what');
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    expect(await readFile(out, 'utf8')).toContain('"matched":["name:irena kalvari"]');

    const other = JSON.parse(await good(on('south', `session show ${session} --json`))) as SessionDetail;
    expect(other).toMatchObject({ state: 'done', matches: null, counts: null });
    const nothing = await on('south', `session show ${session} --out ${join(tmp.path, 'south.jsonl')}`);
    expect(nothing.code).not.toBe(0);
    expect(await good(on('north', 'session list'))).toContain(session);
  });

  it('asked again is answered from the store, and says so', async () => {
    const line = `${propose} --with south --matches north`;
    const again = await on('north', line, '--purpose', 'in other words', '--json');
    const { session, repeats } = JSON.parse(again.out) as { session: string; repeats: string };
    expect(again.err).toBe(`stored result of session ${repeats}, unless another list has changed\n`);
    await good(on('south', `session consent ${session} --list people`));
    const watched = await on('north', `session watch ${session} --quiet`);
    expect(watched.code).toBe(0);
    expect(watched.out).toContain(`stored result of session ${repeats}`);
    expect(watched.out).toMatch(/2 records of mine match/);
    const shown = JSON.parse(await good(on('south', `session show ${session} --json`))) as SessionDetail;
    expect(shown).toMatchObject({ state: 'done', storedResultOf: repeats });
  });

  it('is in the ledger of both, and refused above a cap by its name', async () => {
    const [mine, theirs] = await Promise.all(['north', 'south'].map((id) => good(on(id, 'ledger show'))));
    expect(mine).toMatch(/north +1 of 200 +1 of 100 +\d+ +0 of 100 +199 sessions/);
    expect(mine).toMatch(/south +1 +1 +\d+ +0 +no caps/);
    const headOf = (text: string | undefined): string | undefined =>
      /head ([0-9a-f]{64})/.exec(text ?? '')?.[1];
    expect(headOf(mine)).toBe(headOf(theirs));
    expect(headOf(mine)).toBeDefined();
    const line = `${propose} --with south --matches south --cap sessions=1`;
    const over = await on('north', line, '--purpose', 'one too many');
    expect(over).toMatchObject({ code: 2, out: '' });
    expect(over.err).toContain('cap.sessions');
    const [ledger] = JSON.parse(await good(on('north', 'ledger show --json'))) as { ledger: string }[];
    const accepted = await on('north', `ledger accept ${ledger?.ledger}`);
    expect(accepted.code).toBe(2);
    expect(accepted.err).toContain('is not in dispute');
    for (const cap of ['sessions', 'sessions=x', 'days=3', 'sessions=-1'])
      expect(
        (await on('north', `${propose} --with south --counts --cap ${cap}`, '--purpose', 'x')).code,
      ).toBe(2);
  });

  it('that is refused ends with code 4 for both, with the reasons', async () => {
    const session = await proposeMatches();
    const refused = await good(on('south', `session refuse ${session} --reason purpose.missing --json`));
    expect(JSON.parse(refused)).toEqual({ refused: session, reasons: ['purpose.missing'] });
    const watched = await on('north', `session watch ${session} --quiet`);
    expect(watched.code).toBe(4);
    expect(watched.out).toContain('consent.refused');
    expect(watched.out).toContain('purpose.missing');
    expect((await on('south', `session show ${session}`)).code).toBe(4);
  });

  it('that is cancelled ends with code 4 for both', async () => {
    const session = await proposeMatches();
    expect(JSON.parse(await good(on('north', `session cancel ${session} --json`)))).toEqual({
      cancelled: session,
    });
    for (const id of ['north', 'south'])
      expect((await on(id, `session watch ${session} --quiet`)).code).toBe(4);
    const told = (await on('south', `session show ${session}`)).out;
    expect(told).toContain('ended by north: it told us code 400 and nothing else (session.cancelled)');
  });

  it('with labels shows them before consent, and counts by them', async () => {
    for (const id of ['north', 'south'])
      await good(on(id, `peer add ${coordinator.identity.id} ${coordinator.identity.fingerprint}`));
    const counts = `${propose} --with south --counts --label north:subject=person,unlabelled --label-min 1`;
    const session = (await good(on('north', counts, '--purpose', 'x'))).trim();
    const offer = await good(on('south', `session show ${session}`));
    expect(offer).toMatch(/labels +north by subject: person, unlabelled/);
    await good(on('south', `session consent ${session} --list people`));
    const watched = await on('north', `session watch ${session} --quiet`);
    expect(watched.code).toBe(0);
    // all four records are persons: the label that nobody has is merged into the other
    expect(watched.out).toMatch(/north by subject +on south +not on south\n +all +2 /);
    expect(watched.out).toMatch(/how many identifiers are under each label \(north by subject/);
    for (const wrong of ['north', 'north:tier', 'north:tier=', 'North:tier=a'])
      expect(
        (await on('north', `${propose} --with south --counts --label ${wrong}`, '--purpose', 'x')).code,
      ).toBe(2);
    expect((await on('north', `${propose} --with south --counts --label-min 3`, '--purpose', 'x')).code).toBe(
      2,
    );
  });

  it('with a stranger, an unknown list or an unknown id is refused with code 2', async () => {
    expect((await on('north', `${propose} --with nobody --matches north`, '--purpose', 'x')).code).toBe(2);
    const noList = 'session propose --list none --recipe name --subject person --with south --counts';
    expect((await on('north', noList, '--purpose', 'x')).code).toBe(2);
    expect((await on('north', 'session show 00000000')).code).toBe(2);
  });
});
