/** `run` of three parties over real processes with suppression, noise and padding, against the second implementation. */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { ResultJson } from '../../packages/cli/src/render/index.ts';
import { type SyntheticLists, writeLists } from '../../packages/cli/src/synthetic/index.ts';
import { oracleCounts, oracleIdentifiers, oracleRecords, type OracleParty } from '../oracle/index.ts';
import { cli, ownTmp } from './helpers.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let tmp: Awaited<ReturnType<typeof ownTmp>>;
let lists: SyntheticLists;
const recipe = ['document', 'name+birthyear'] as const;

beforeAll(async () => {
  tmp = await ownTmp();
  const seed = randomBytes(4).toString('hex');
  console.log(`privacy: seed ${seed}`);
  lists = await writeLists(tmp.path, { seed, people: 120 });
});
afterAll(() => tmp.remove());

/** The second implementation's view of every list. */
async function plainParties(): Promise<OracleParty[]> {
  return Promise.all(
    lists.lists.map(async (list) => {
      const read = (name: string): Promise<Uint8Array> => readFile(join(tmp.path, list.folder, name));
      const main = await read(list.main);
      const files =
        list.format === 'ofac-sdn'
          ? { main, alt: await read('alt.csv'), add: await read('add.csv') }
          : { main };
      const people = oracleRecords(list.format, files).records.filter((one) => one.subject === 'person');
      const records = people.map((one) => ({ id: one.id, identifiers: oracleIdentifiers(one, recipe) }));
      return { id: list.id, records };
    }),
  );
}

async function run(terms: object, ...more: string[]): Promise<ResultJson> {
  const path = join(tmp.path, 'scenario.json');
  const parties = lists.lists.map(({ id, folder, main }) => ({ id, list: `${folder}/${main}` }));
  const output = { kind: 'counts' };
  await writeFile(path, JSON.stringify({ parties, subject: 'person', recipe, output, ...terms }));
  const done = await cli(['run', path, '--json', '--quiet', ...more], { env: { TMPDIR: tmp.path } });
  expect(done.err).toBe('');
  expect(done.code).toBe(0);
  return JSON.parse(done.out) as ResultJson;
}

const countOf = (json: ResultJson): number =>
  [
    ...(json.counts ?? []).flatMap((row) => [row.exactly, row.atLeast]),
    ...(json.release?.inAtLeast ?? []).map((one) => one.count),
  ].filter((count) => count !== null).length;

it('withholds what is small, says so, and releases no wrong number', async () => {
  const plain = oracleCounts(await plainParties());
  // between two of the true counts, so that some are withheld and some are not
  const sorted = plain.map((row) => row.exactly).toSorted((a, b) => a - b);
  const minCount = (sorted[2] ?? 0) + 1;
  const out = join(tmp.path, 'answer');
  const json = await run({ privacy: { minCount } }, '--out', out);
  expect(json.oracle).toEqual({ checked: true, equal: null, cellsChecked: countOf(json), withinTail: true });
  expect(json.release).toMatchObject({ exact: false, noise: null, padTo: null, privacy: { minCount } });
  let published = 0;
  for (const [i, row] of (json.counts ?? []).entries()) {
    const want = plain[i];
    expect(row.in).toEqual(want?.in);
    if (row.exactly === null) expect(row.reason?.exactly).toMatch(/^(below-minimum|complementary)$/);
    else {
      published += 1;
      expect(row.exactly).toBe(want?.exactly);
      expect(row.exactly).toBeGreaterThanOrEqual(minCount);
    }
    if (row.atLeast === null) expect(row.reason?.atLeast).toBeDefined();
    else expect(row.atLeast).toBe(want?.atLeast);
  }
  expect(published).toBeLessThanOrEqual(plain.length - 3);
  expect(json.counts?.some((row) => row.reason?.exactly === 'below-minimum')).toBe(true);

  const ids = lists.lists.map(({ id }) => id);
  const evidence = ids.map((id) => `${id}.evidence.json`);
  expect((await readdir(out)).toSorted()).toEqual([...evidence, 'counts.json', 'counts.svg'].toSorted());
  for (const name of evidence) expect((await cli(['verify', '--file', join(out, name)])).code).toBe(0);
  for (const name of ['counts.json', 'counts.svg'])
    expect((await stat(join(out, name))).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(join(out, 'counts.json'), 'utf8'))).toEqual(json);
  const svg = await readFile(join(out, 'counts.svg'), 'utf8');
  expect(svg).toMatch(/<svg[\s\S]*withheld[\s\S]*<\/svg>/);
});

it('adds the agreed noise, for as many identifiers as a record may bring', async () => {
  const most = 2;
  const privacy = { epsilon: 0.5, identifiersPerRecord: most };
  const json = await run({ privacy });
  const parties = await plainParties();
  for (const { id, records } of parties) {
    const over = records.reduce((sum, one) => sum + Math.max(0, one.identifiers.size - most), 0);
    expect(json.parties.find((party) => party.id === id)?.cut).toBe(over);
  }
  expect(json.parties.some((party) => (party.cut ?? 0) > 0)).toBe(true);
  // full histogram: L1 sensitivity 4 an identifier (docs/privacy.md)
  expect(json.release?.noise).toEqual({ mechanism: 'laplace', scale: expect.stringMatching(/^\d+\/\d+$/) });
  const noise = json.release?.noise;
  const [top, bottom] = noise?.mechanism === 'laplace' ? noise.scale.split('/').map(Number) : [];
  expect((top ?? 0) / (bottom ?? 0)).toBe((4 * most) / 0.5);
  expect(json.oracle).toEqual({ checked: true, equal: null, cellsChecked: countOf(json), withinTail: true });
  // nothing is withheld; cells with noise of this scale add up to all three sizes once in a million runs
  expect(countOf(json)).toBe(7 + 7 + 3);
  const exactly = (json.counts ?? []).map((row) => row.exactly ?? 0);
  const size = new Map(json.parties.map((party) => [party.id, party.identifiers]));
  const sums = [...size].map(([id, identifiers]) =>
    (json.counts ?? []).reduce(
      (sum, row, i) => sum + (row.in.includes(id) ? (exactly[i] ?? 0) : 0),
      -identifiers,
    ),
  );
  expect(sums.some((difference) => difference !== 0)).toBe(true);
});

it('pads lists to a size class, and then tells no number of one list', async () => {
  const padTo = 500;
  const json = await run({ padTo });
  const plain = oracleCounts(await plainParties());
  expect(json.oracle).toEqual({ checked: true, equal: null, cellsChecked: countOf(json), withinTail: true });
  expect(json.release).toMatchObject({ padTo, noise: null, union: { count: null, reason: 'padded' } });
  for (const [i, row] of (json.counts ?? []).entries()) {
    const { exactly, atLeast } = plain[i] ?? {};
    if (row.in.length > 1) expect(row).toEqual({ in: row.in, exactly, atLeast });
    else {
      const reason = { exactly: 'padded', atLeast: 'padded' };
      expect(row).toEqual({ in: row.in, exactly: null, atLeast: null, reason });
    }
  }
  const shown = await cli(['run', join(tmp.path, 'scenario.json'), '--quiet'], { env: { TMPDIR: tmp.path } });
  expect(shown.code).toBe(0);
  // what others were told of the sizes
  const told = [...shown.out.matchAll(/\b(\d[\d,]*)\s+identifiers(?=[,)])/g)].map((one) =>
    Number(one[1]?.replace(',', '')),
  );
  expect(told).toHaveLength(3);
  for (const size of told) expect(size % padTo).toBe(0);
  expect(shown.out).toContain('withheld: padded');
});
