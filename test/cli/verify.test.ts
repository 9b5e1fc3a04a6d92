/** `verify` and `session export`, over nodes with directories that run and that are stopped. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CoordinatorProcess, startCoordinatorProcess } from '@tallystick/coordinator/process';
import { initDirectory } from '@tallystick/host/directory';
import { type RunningNode, startNode } from '@tallystick/node/daemon';
import type { Evidence, EvidenceReport } from '@tallystick/protocol/evidence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, type Done, ownTmp, root } from './helpers.ts';

const ids = ['north', 'south'];
let tmp: Awaited<ReturnType<typeof ownTmp>>;
let coordinator: CoordinatorProcess;
const nodes = new Map<string, RunningNode>();
const at = (name: string): string => join(tmp.path, name);
const on = (id: string, line: string, ...more: string[]): Promise<Done> =>
  cli([...line.split(' '), ...more, '--data', at(id)]);
/** By what it is: the session's id. */
const sessions = new Map<string, string>();
const idOf = (what: string): string => sessions.get(what) ?? '';

async function good(done: Promise<Done>): Promise<string> {
  const { code, err, out } = await done;
  expect(err).toBe('');
  expect(code).toBe(0);
  return out;
}

async function hold(what: string, line: string, refuse = false): Promise<void> {
  const propose = `session propose --with south --list people --recipe name --subject person ${line}`;
  const session = (await good(on('north', propose, '--purpose', 'a test of words'))).trim();
  if (refuse) await good(on('south', `session refuse ${session}`));
  else await good(on('south', `session consent ${session} --list people`));
  for (const id of ids) await on(id, `session watch ${session} --quiet`);
  sessions.set(what, session);
}

async function readReport(done: Promise<Done>): Promise<EvidenceReport & { code: number }> {
  const { code, out } = await done;
  return { ...(JSON.parse(out) as EvidenceReport), code };
}

const problemsOf = (report: EvidenceReport) => report.checks.flatMap(({ problems }) => problems);

beforeAll(async () => {
  tmp = await ownTmp();
  coordinator = await startCoordinatorProcess();
  await writeFile(at('secret'), 'ab'.repeat(32));
  const key = { kind: 'file' as const, path: at('secret') };
  for (const id of ids) {
    await initDirectory(at(id), id, key, { scryptCost: { N: 1024, r: 1, p: 1 } });
    const place = { kind: 'directory' as const, dataDir: at(id), key };
    nodes.set(id, await startNode({ place, coordinatorUrl: coordinator.url, compute: { inline: true } }));
  }
  for (const id of ids) {
    const others = [...nodes.values()].map(({ identity }) => identity).filter((one) => one.id !== id);
    for (const { id: other, fingerprint } of [...others, coordinator.identity])
      await good(on(id, `peer add ${other} ${fingerprint}`));
    const list = id === 'north' ? 'two-nodes/north.csv' : 'three-party-counts/west.csv';
    await on(id, `list import ${join(root, 'examples', list)} --name people --quiet`);
  }
  await hold('matches', '--matches north --matches south');
  await hold('counts', '--counts');
  await hold('light', '--matches north --light');
  await hold('refused', '--matches north', true);
});
afterAll(async () => {
  await Promise.all([...nodes.values()].map((node) => node.close()));
  await coordinator.close();
  await tmp.remove();
});

describe('a running node', () => {
  it.each(['matches', 'counts'])(
    'verifies %s, for both parties, and names what it does not prove',
    async (what) => {
      for (const id of ids) {
        const report = await readReport(on(id, `verify ${idOf(what)} --json`));
        expect(problemsOf(report)).toEqual([]);
        expect(report).toMatchObject({
          code: 0,
          verdict: 'verified',
          holder: id,
          salts: true,
          ended: 'done',
        });
        expect(report.stations.every(({ pinned }) => pinned)).toBe(true);
        const shown = await good(on(id, `verify ${idOf(what).slice(0, 8)}`));
        expect(shown).toContain('verified: everything that was signed fits together');
        expect(shown).toContain('not: that lists are true');
      }
    },
  );

  it('says of a light session and of one that did not finish that nothing is proved, with code 6', async () => {
    const light = await on('south', `verify ${idOf('light')}`);
    expect(light.code).toBe(6);
    expect(light.out).toMatch(/unverified: .*\n +a light session: nothing was proved/);
    const refused = await readReport(on('north', `verify ${idOf('refused')} --json`));
    expect(refused).toMatchObject({ code: 6, verdict: 'unverified', ended: 'aborted' });
    expect(problemsOf(refused)).toEqual([]);
  });

  it('has no evidence of what it does not know', async () => {
    expect((await on('north', 'verify 00000000')).code).toBe(2);
    expect((await cli(['verify'])).code).toBe(2);
  });
});

describe('an exported file', () => {
  const exported = (what: string): string => at(`${what}.json`);

  it('is private, holds no salts unless they are asked for, and stands', async () => {
    const said = await good(on('north', `session export ${idOf('counts')} --out ${exported('audit')}`));
    expect(said).toContain('without salts');
    await good(on('north', `session export ${idOf('counts')} --with-salts --out ${exported('judge')}`));
    expect((await stat(exported('audit'))).mode & 0o777).toBe(0o600);
    const types = async (name: string): Promise<Set<string>> => {
      const { messages } = JSON.parse(await readFile(exported(name), 'utf8')) as Evidence;
      return new Set(messages.map((message) => (message as { type: string }).type));
    };
    expect((await types('judge')).has('seal')).toBe(true);
    expect([...(await types('audit'))]).not.toEqual(expect.arrayContaining(['seal']));
    for (const name of ['audit', 'judge']) {
      const shown = await good(cli(['verify', '--file', exported(name)]));
      expect(shown).toContain('not pinned: compare it');
      expect((await cli(['verify', idOf('counts'), '--file', exported(name)])).code).toBe(0);
    }
  });

  it('under the name of another session, with another key pinned, or changed, is found with code 1', async () => {
    const file = exported('audit');
    const renamed = await readReport(cli(['verify', idOf('matches'), '--file', file, '--json']));
    expect(renamed).toMatchObject({ code: 1, verdict: 'failed' });
    expect(problemsOf(renamed)[0]?.text).toContain('evidence.session');
    const north = nodes.get('north')?.identity.fingerprint ?? '';
    expect((await cli(['verify', '--file', file, '--pin', `north=${north}`])).code).toBe(0);
    const pinned = await readReport(cli(['verify', '--file', file, '--pin', `south=${north}`, '--json']));
    expect(pinned.code).toBe(1);
    const evidence = JSON.parse(await readFile(file, 'utf8')) as Evidence;
    const index = evidence.messages.findIndex((message) => (message as { type: string }).type === 'view');
    const { exactly } = evidence.messages[index] as { exactly: [number] };
    exactly[0] += 1;
    await writeFile(exported('changed'), JSON.stringify(evidence));
    const changed = await cli(['verify', '--file', exported('changed')]);
    expect(changed.code).toBe(1);
    expect(changed.out).toContain(`message ${index} (view of coordinator)`);
    expect(changed.out).toContain('failed: this evidence does not stand');
  });

  it('that is none is refused with code 3; two sources with code 2', async () => {
    await writeFile(exported('none'), '{}');
    const none = await cli(['verify', '--file', exported('none')]);
    expect(none).toMatchObject({ code: 3, out: '' });
    expect(none.err).toContain('evidence.format');
    expect((await cli(['verify', '--file', exported('missing')])).code).toBe(3);
    expect((await on('north', `verify --file ${exported('none')}`)).code).toBe(2);
    expect((await cli(['verify', '--file', exported('none'), '--pin', 'north'])).code).toBe(2);
  });
});

describe('a stopped node', () => {
  const salts: string[] = [];
  beforeAll(async () => {
    await good(on('north', `session export ${idOf('matches')} --with-salts --out ${at('salts.json')}`));
    const { messages } = JSON.parse(await readFile(at('salts.json'), 'utf8')) as Evidence;
    for (const message of messages) {
      const { type, salt } = message as { type: string; salt?: string };
      if (type === 'seal' && salt !== undefined) salts.push(salt);
    }
    await Promise.all([...nodes.values()].map((node) => node.close()));
  });

  it('verifies and exports as a running one does, with its secret', async () => {
    const key = ['--key-file', at('secret')];
    const report = await readReport(on('north', `verify ${idOf('matches').slice(0, 6)} --json`, ...key));
    expect(report).toMatchObject({ code: 0, verdict: 'verified' });
    expect(report.stations.map(({ pinned }) => pinned)).toEqual([true, true]);
    await good(on('south', `session export ${idOf('counts')} --out ${at('south.json')}`, ...key));
    expect((await cli(['verify', '--file', at('south.json')])).code).toBe(0);
    await writeFile(at('wrong'), 'cd'.repeat(32));
    expect((await on('north', `verify ${idOf('matches')} --key-file ${at('wrong')}`)).code).toBe(5);
    expect((await on('north', 'verify 00000000', ...key)).code).toBe(2);
    expect((await cli(['verify', '00000000', '--data', at('nowhere'), ...key])).code).toBe(3);
  });

  it('keeps no salt in the clear', async () => {
    expect(salts.length).toBeGreaterThan(3);
    for (const name of await readdir(at('north'))) {
      if (!(await stat(at(`north/${name}`))).isFile()) continue;
      const bytes = await readFile(at(`north/${name}`));
      for (const salt of salts) {
        expect(bytes.includes(salt)).toBe(false);
        expect(bytes.includes(Buffer.from(salt, 'hex'))).toBe(false);
      }
    }
  });
});
