/** `run` over real processes: the answer, its exact shape, what is written and what is not. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { type StandingAgreement, stripComments } from '@tallystick/protocol/agreement';
import { fingerprintOfKey } from '@tallystick/protocol/signature';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ResultJson } from '../../packages/cli/src/render/index.ts';
import { type SyntheticLists, writeLists } from '../../packages/cli/src/synthetic/index.ts';
import {
  oracleCounts,
  oracleIdentifiers,
  oracleMatches,
  oracleRecords,
  type OracleParty,
} from '../oracle/index.ts';
import { cli, ownTmp, root, startCli } from './helpers.ts';

// Many processes on what may be a busy machine: the limit is for what hangs, not for what is slow.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let tmp: Awaited<ReturnType<typeof ownTmp>>;
let lists: SyntheticLists;
const seed = randomBytes(4).toString('hex');
const recipe = ['document', 'name+birthyear'] as const;

beforeAll(async () => {
  tmp = await ownTmp();
  console.log(`run: seed ${seed}`);
  lists = await writeLists(tmp.path, { seed, people: 100 });
});
afterAll(() => tmp.remove());

/** Scenario over the first `n` lists, last first, so that the order of the scenario is not that of the ids. */
async function scenario(n: number, output: object, more: object = {}): Promise<string> {
  const parties = lists.lists
    .slice(0, n)
    .reverse()
    .map((list) => ({ id: list.id, list: `${list.folder}/${list.main}` }));
  const path = join(tmp.path, `scenario-${n}.json`);
  await writeFile(path, JSON.stringify({ parties, subject: 'person', recipe, output, ...more }));
  return path;
}

/** The second implementation's view of a list. */
async function plain(id: string): Promise<OracleParty> {
  const list = lists.lists.find((one) => one.id === id);
  if (list === undefined) throw new Error(`no list ${id}`);
  const read = (name: string): Promise<Uint8Array> => readFile(join(tmp.path, list.folder, name));
  const main = await read(list.main);
  const files =
    list.format === 'ofac-sdn' ? { main, alt: await read('alt.csv'), add: await read('add.csv') } : { main };
  const { records } = oracleRecords(list.format, files);
  const people = records.filter((record) => record.subject === 'person');
  return {
    id,
    records: people.map((record) => ({ id: record.id, identifiers: oracleIdentifiers(record, recipe) })),
  };
}

describe('run', () => {
  it('gives matches as the second implementation has them, to receivers alone', async () => {
    const path = await scenario(2, { kind: 'matches', to: ['un'] });
    const out = join(tmp.path, 'matches');
    await mkdir(out, { mode: 0o755 });
    const modeBefore = (await stat(out)).mode;
    const done = await cli(['run', path, '--json', '--quiet', '--out', out], { env: { TMPDIR: tmp.path } });
    expect(done.err).toBe('');
    expect(done.code).toBe(0);
    expect(done.out.trimEnd().split('\n')).toHaveLength(1);
    const json = JSON.parse(done.out) as ResultJson;
    expect(json).toMatchObject({ form: 'direct', verified: true, suite: 'ristretto255-SHA512', recipe });
    expect(json.counts).toBe(null);
    expect(json.oracle).toEqual({ checked: true, equal: true });
    const [mine, theirs] = [await plain('un'), await plain('ofac')];
    const want = oracleMatches(mine, theirs);
    expect(want.records.size).toBeGreaterThan(0);
    expect(json.parties.map((party) => [party.id, party.matches])).toEqual([
      ['un', { records: want.records.size, identifiers: want.identifiers.size }],
      ['ofac', null],
    ]);

    expect((await readdir(out)).sort()).toEqual([
      'ofac.evidence.json',
      'un.evidence.json',
      'un.matches.jsonl',
    ]);
    for (const id of ['un', 'ofac']) {
      const evidence = join(out, `${id}.evidence.json`);
      expect((await stat(evidence)).mode & 0o777).toBe(0o600);
      const checked = await cli(['verify', json.session, '--file', evidence, '--json']);
      expect(checked.code).toBe(0);
      expect(JSON.parse(checked.out)).toMatchObject({ verdict: 'verified', holder: id, salts: false });
    }
    expect((await stat(out)).mode, 'a directory that is there keeps its mode').toBe(modeBefore);
    const file = join(out, 'un.matches.jsonl');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, 'utf8');
    const records = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; matched: string[] });
    expect(new Set(records.map((record) => record.id))).toEqual(want.records);
    for (const record of records) {
      const own = mine.records.find((one) => one.id === record.id)?.identifiers;
      expect(record.matched.every((one) => own?.has(one) && want.identifiers.has(one))).toBe(true);
    }
    // Nothing about others' records: not their ids, not their names where they are spelt otherwise.
    for (const { id } of theirs.records) expect(text).not.toContain(`"${id}"`);
  });

  it('gives counts as the second implementation has them, in the order of the scenario', async () => {
    const path = await scenario(3, { kind: 'counts' });
    const running = startCli(['run', path, '--json'], { env: { TMPDIR: tmp.path } });
    let out = '';
    running.child.stdout?.on('data', (piece: string) => (out += piece));
    expect((await running.ended).code, running.text()).toBe(0);
    const json = JSON.parse(out) as ResultJson;
    const parties = await Promise.all(json.parties.map((party) => plain(party.id)));
    expect(json.parties.map((party) => party.id)).toEqual(['ftm', 'un', 'ofac']);
    expect(json.parties.every((party) => party.matches === null)).toBe(true);
    expect(json.counts).toEqual(oracleCounts(parties));
    expect(Object.keys(json)).toEqual([
      'session',
      'form',
      'verified',
      'suite',
      'recipe',
      'parties',
      'collectors',
      'counts',
      'release',
      'bytes',
      'elapsedMs',
      'oracle',
    ]);
    expect(json.form).toBe('sealed');
    expect(await tmp.leftovers()).toEqual([]);
  });

  it('lets a party without a list collect, and names it', async () => {
    const path = await scenario(2, { kind: 'counts' }, { collector: 'notary' });
    const file = JSON.parse(await readFile(path, 'utf8')) as { parties: object[] };
    file.parties.unshift({ id: 'notary' });
    const named = join(tmp.path, 'notary.json');
    await writeFile(named, JSON.stringify(file));
    const done = await cli(['run', named], { env: { TMPDIR: tmp.path } });
    expect(done.err).toMatch(/starting a coordinator, the collector notary and 2 nodes/);
    expect(done.code).toBe(0);
    expect(done.out).toMatch(/notary, as collector +the exact counts/);
    expect(done.out).not.toContain('coordinator, as collector');
    expect(done.out).toContain('coordinator, as relay');
    expect(done.out).toContain('The answers equal the plaintext answers.');
    expect(await tmp.leftovers()).toEqual([]);
  });

  it('has two collectors agree, each a process, and says what each knows', async () => {
    const more = { collectors: 2, privacy: { minCount: 3, epsilon: 1, identifiersPerRecord: 1 } };
    const path = await scenario(2, { kind: 'counts' }, more);
    const done = await cli(['run', path], { env: { TMPDIR: tmp.path } });
    expect(done.err).toMatch(/starting a coordinator, the collector collector and 2 nodes/);
    expect(done.code).toBe(0);
    expect(done.out).toMatch(/coordinator, as collector +the exact counts/);
    expect(done.out).toMatch(/collector, as collector +the exact counts/);
    expect(done.out.replace(/\s+/g, ' ')).toContain(
      'collector and coordinator merged for themselves and said the same',
    );
    expect(done.out).toContain('as near as the noise allows');
    expect(await tmp.leftovers()).toEqual([]);
  });

  it('names the party that has nothing to compare, with code 3, and writes nothing', async () => {
    const path = await scenario(2, { kind: 'matches', to: ['un'] });
    await writeFile(join(tmp.path, 'nameless.csv'), 'id,name\n1,Anna Beispiel\n');
    const text = (await readFile(path, 'utf8')).replace(/ofac\/[^"]*/, 'nameless.csv');
    await writeFile(join(tmp.path, 'nameless.json'), text);
    const out = join(tmp.path, 'nothing');
    const done = await cli(['run', join(tmp.path, 'nameless.json'), '--json', '--quiet', '--out', out]);
    expect(done).toMatchObject({ code: 3, out: '' });
    expect(done.err).toMatch(/no record of the subject has an identifier.*ended by ofac[^]*\(list\.empty\)/);
    await expect(readdir(out)).rejects.toThrow();
  });

  it('says at once where --out is no directory', async () => {
    const path = await scenario(2, { kind: 'matches', to: ['un'] });
    const done = await cli(['run', path, '--out', path]);
    expect(done).toMatchObject({ code: 2, out: '' });
    expect(done.err).toMatch(/^tallystick: --out: want a directory/);
  });

  it('gives matches among three, by a predicate, to receivers alone', async () => {
    const output = { kind: 'matches', to: ['un', 'ftm'] };
    const path = await scenario(3, output, { predicate: { atLeast: 2 }, which: true });
    const out = join(tmp.path, 'among');
    const done = await cli(['run', path, '--json', '--quiet', '--out', out], { env: { TMPDIR: tmp.path } });
    expect(done).toMatchObject({ code: 0, err: '' });
    const json = JSON.parse(done.out) as ResultJson;
    expect(json).toMatchObject({ form: 'sealed', verified: true, counts: null });
    expect(json.oracle).toEqual({ checked: true, equal: true });
    const names = ['ftm', 'un'].map((id) => `${id}.matches.jsonl`);
    const evidence = ['ftm', 'ofac', 'un'].map((id) => `${id}.evidence.json`);
    expect((await readdir(out)).sort()).toEqual([...names, ...evidence].sort());
    const parties = await Promise.all(json.parties.map((party) => plain(party.id)));
    const holdersOf = (one: string): string[] =>
      parties
        .filter(({ records }) => records.some(({ identifiers }) => identifiers.has(one)))
        .map(({ id }) => id);
    for (const mine of parties) {
      const result = json.parties.find((party) => party.id === mine.id);
      if (!output.to.includes(mine.id)) {
        expect(result?.matches).toBe(null);
        continue;
      }
      const all = new Set(mine.records.flatMap(({ identifiers }) => [...identifiers]));
      const want = new Set([...all].filter((one) => holdersOf(one).length >= 2));
      expect(want.size).toBeGreaterThan(0);
      expect(result?.matches?.identifiers).toBe(want.size);
      const text = await readFile(join(out, `${mine.id}.matches.jsonl`), 'utf8');
      for (const line of text.trimEnd().split('\n')) {
        const { matched, matchedOn } = JSON.parse(line) as { matched: string[]; matchedOn: string[][] };
        expect(matched.every((one) => want.has(one))).toBe(true);
        expect(matchedOn.map((on) => on.toSorted())).toEqual(
          matched.map((one) =>
            holdersOf(one)
              .filter((id) => id !== mine.id)
              .toSorted(),
          ),
        );
      }
    }
  });

  it('names the list that cannot be read, with code 3, and writes nothing', async () => {
    const path = await scenario(2, { kind: 'matches', to: ['un'] });
    const broken = join(tmp.path, 'broken.csv');
    await writeFile(broken, 'id,name\n1,"Anna');
    const text = (await readFile(path, 'utf8')).replace(/ofac\/[^"]*/, 'broken.csv');
    await writeFile(join(tmp.path, 'broken.json'), text);
    const out = join(tmp.path, 'nothing');
    const done = await cli(['run', join(tmp.path, 'broken.json'), '--json', '--out', out]);
    expect(done).toMatchObject({ code: 3, out: '' });
    expect(done.err).toContain('broken.csv');
    await expect(readdir(out)).rejects.toThrow();
  });

  it('leaves the mode of a directory that is there already', async () => {
    const out = join(tmp.path, 'open');
    await mkdir(out, { mode: 0o755 });
    const before = (await stat(out)).mode;
    const path = await scenario(2, { kind: 'matches', to: ['ofac', 'un'] }, { verified: false });
    const done = await cli(['run', path, '--quiet', '--no-oracle', '--out', out], {
      env: { TMPDIR: tmp.path },
    });
    expect(done.code).toBe(0);
    expect(done.out).toContain('not compared');
    expect(done.out).toContain('form direct, unverified');
    expect((await readdir(out)).sort()).toEqual(
      ['ofac', 'un'].flatMap((id) => [`${id}.evidence.json`, `${id}.matches.jsonl`]),
    );
    const light = await cli(['verify', '--file', join(out, 'un.evidence.json')]);
    expect(light.code, 'nothing failed, and nothing is proved').toBe(6);
    expect((await stat(out)).mode).toBe(before);
  });
});

it('plays oversight that is asked, and a party of the agreement that brings no list', async () => {
  const text = await readFile(join(root, 'examples/under-agreement/agreement.jsonc'), 'utf8');
  const agreement = JSON.parse(stripComments(text)) as StandingAgreement;
  agreement.tiers.routine.oversight = 'asked';
  for (const body of agreement.oversight) body.powers = ['authorise', 'veto', 'suspend'];
  const keyOf = (): Uint8Array => ed25519.getPublicKey(randomBytes(32));
  const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex');
  const [north] = agreement.parties as [StandingAgreement['parties'][number]];
  const key = keyOf();
  agreement.parties.push({
    ...north,
    id: 'west',
    publicKey: hex(key),
    fingerprint: fingerprintOfKey(key),
    officers: north.officers.map((one) => ({ ...one, publicKey: hex(keyOf()) })),
  });
  await writeFile(join(tmp.path, 'asked.json'), JSON.stringify(agreement));
  const permitted = join(root, 'examples/under-agreement/permitted.json');
  const scenarioOf = JSON.parse(await readFile(permitted, 'utf8')) as { parties: { list: string }[] };
  for (const party of scenarioOf.parties) party.list = join(dirname(permitted), party.list);
  const path = join(tmp.path, 'asked-scenario.json');
  await writeFile(path, JSON.stringify({ ...scenarioOf, agreement: 'asked.json' }));
  const { code, out, err } = await cli(['run', path, '--json'], { env: process.env });
  expect([code, JSON.parse(out)], err).toMatchObject([0, { oracle: { equal: true } }]);
  expect(err).toContain('without a list, to say that nothing is suspended: west');
  expect(err).toMatch(/in the place of \S+ this run says yes to its own request/);
});
