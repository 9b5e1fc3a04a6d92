/** `run` over real processes with labels, against the second implementation; scenarios that make no sense of them. */
import { randomInt } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { compareLabels, type PlainList } from '../../packages/cli/src/oracle/index.ts';
import { labelTables } from '../../packages/cli/src/render/labels.ts';
import { type LabelsResult, type ResultJson, styleFor } from '../../packages/cli/src/render/index.ts';
import type { ScenarioParty } from '../../packages/cli/src/scenario/index.ts';
import {
  type LabelledParty,
  oracleCells,
  oracleIdentifiers,
  oracleLabels,
  oracleRecords,
} from '../oracle/index.ts';
import { cli, ownTmp } from './helpers.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let tmp: Awaited<ReturnType<typeof ownTmp>>;
const columns = { labels: { tier: 'Risk tier' } };
const tiers = ['low', 'medium', 'high', ''];

/** People of a common stock; a cell of tiers holds none, one or two. */
beforeAll(async () => {
  tmp = await ownTmp();
  for (const id of ['north', 'south', 'west']) {
    const rows = Array.from({ length: 90 }, (_, i) => {
      const number = `Q${1_000_000 + randomInt(120)}`;
      const [one, two] = [tiers[randomInt(4)] as string, tiers[randomInt(4)] as string];
      const cell = i < 3 ? 'rare' : randomInt(5) === 0 ? `${one} | ${two}` : one;
      return `${i},Somebody,${number},${cell}`;
    });
    await writeFile(
      join(tmp.path, `${id}.csv`),
      ['id,name,documentNumber,Risk tier', ...rows, ''].join('\n'),
    );
  }
});
afterAll(() => tmp.remove());

async function partyOf(id: string, field: string | null, values?: readonly string[]): Promise<LabelledParty> {
  const main = await readFile(join(tmp.path, `${id}.csv`));
  const records = oracleRecords('csv', { main }, { columns }).records.map((record) => ({
    identifiers: oracleIdentifiers(record, 'document'),
    labels: field === null ? [] : oracleLabels(record, field),
  }));
  const found = [...new Set(records.flatMap(({ labels }) => labels))].toSorted();
  const alphabet = [
    ...found.filter((one) => one !== 'unlabelled'),
    ...found.filter((one) => one === 'unlabelled'),
  ];
  return { id, records, declared: field === null ? null : (values ?? alphabet) };
}

async function run(parties: readonly object[], terms: object, ...more: string[]) {
  const path = join(tmp.path, 'scenario.json');
  const output = { kind: 'counts' };
  await writeFile(path, JSON.stringify({ parties, subject: 'person', recipe: 'document', output, ...terms }));
  return cli(['run', path, '--quiet', ...more], { env: { TMPDIR: tmp.path } });
}

const listOf = (id: string, more: object = {}) => ({
  id,
  list: `${id}.csv`,
  format: 'csv',
  columns,
  ...more,
});
const nameOf = ({ in: lists, labels }: LabelsResult['cells'][number]): string =>
  lists.map((id) => [id, labels[id] ?? ''].join(' ').trim()).join(' + ');

describe('a run with labels', () => {
  it('tells every cell of two lists, and shows them as a cross table', async () => {
    const out = join(tmp.path, 'cross');
    const values = ['rare', 'high', 'medium', 'low', 'unlabelled'];
    const parties = [listOf('north'), listOf('south', { labels: { field: 'tier', values } })];
    const done = await run(parties, { labels: 'tier' }, '--out', out);
    expect([done.code, done.err]).toEqual([0, '']);
    const json = JSON.parse(await readFile(join(out, 'counts.json'), 'utf8')) as ResultJson;
    expect(json.oracle).toEqual({ checked: true, equal: true });
    const want = oracleCells([await partyOf('north', 'tier'), await partyOf('south', 'tier', values)]);
    expect(json.labels?.cells).toHaveLength(6 * 6 - 1);
    for (const cell of json.labels?.cells ?? [])
      expect(cell.exactly, nameOf(cell)).toBe(want.get(nameOf(cell)) ?? 0);
    // by hand: the row of `high` in the cross table
    const line = done.out.split('\n').find((one) => /^ +high /.test(one));
    const cells = [...values.map((value) => `north high + south ${value}`), 'north high'];
    expect(line?.trim().split(/ {2,}/).slice(1).map(Number)).toEqual(
      cells.map((cell) => want.get(cell) ?? 0),
    );
    expect(done.out).toMatch(/as collector +the exact counts.* of every combination of lists and labels/s);
  });

  it('of three lists merges small labels, withholds small cells and adds noise', async () => {
    const parties = [listOf('north'), listOf('south', { labels: 'subject' }), listOf('west')];
    const privacy = { minCount: 8, epsilon: 4, identifiersPerRecord: 1 };
    const [north, ...others] = parties as [object, ...object[]];
    const done = await run([{ ...north, labels: 'tier' }, ...others], { privacy }, '--json');
    expect([done.code, done.err]).toEqual([0, '']);
    const json = JSON.parse(done.out) as ResultJson;
    const { lists = [], cells = [] } = json.labels ?? {};
    expect(lists.map(({ id, field }) => [id, field])).toEqual([
      ['north', 'tier'],
      ['south', 'subject'],
    ]);
    expect(lists[0]?.labels.find(({ of }) => of.includes('rare'))?.of.length).toBeGreaterThan(1);
    expect(json.release?.noise).toEqual({ mechanism: 'laplace', scale: '1/1' });
    const released = [
      ...cells.map((cell) => cell.exactly),
      ...(json.counts ?? []).flatMap((row) => [row.exactly, row.atLeast]),
      ...(json.release?.inAtLeast ?? []).map((one) => one.count),
    ].filter((count) => count !== null);
    expect(json.oracle).toEqual({
      checked: true,
      equal: null,
      cellsChecked: released.length,
      withinTail: true,
    });
    for (const cell of cells) {
      if (cell.exactly === null) expect(cell.reason).toMatch(/^(below-minimum|complementary)$/);
      else expect(cell.exactly).toBeGreaterThanOrEqual(8);
    }
    expect(cells.some((cell) => cell.exactly === null)).toBe(true);
  });

  it('ends where a record has a label that is not declared', async () => {
    const labels = { field: 'tier', values: ['high', 'medium', 'low', 'unlabelled'] };
    const done = await run([listOf('north', { labels }), listOf('south')], {}, '--json');
    expect(done.code).toBe(3);
    expect(done.out).toBe('');
    expect(done.err).toContain('list.label');
  });
});

it('a list’s labels are shown to its owner, each with the number of records', async () => {
  const file = join(tmp.path, 'west.csv');
  const check = ['list', 'check', file, '--columns', JSON.stringify(columns), '--label', 'tier'];
  const { records } = await partyOf('west', 'tier');
  const want: Record<string, number> = {};
  for (const { labels } of records) for (const one of new Set(labels)) want[one] = (want[one] ?? 0) + 1;
  const json = JSON.parse((await cli([...check, '--json'])).out) as { labels: object };
  expect(json.labels).toEqual({ tier: want });
  const { out } = await cli(check);
  for (const [label, number] of Object.entries(want))
    expect(out).toMatch(new RegExp(`^ +${label} +${number}$`, 'm'));
  expect((await cli(check.slice(0, -2))).out).not.toContain('Labels in');
});

describe('a scenario with labels', () => {
  it.each<[string, object[], object, RegExp]>([
    [
      'and matches',
      [{}, {}],
      { labels: 'tier', output: { kind: 'matches', to: ['north'] } },
      /labels: is for output.kind "counts"/,
    ],
    [
      'of a party, and matches',
      [{ labels: 'tier' }, {}],
      { output: { kind: 'matches', to: ['north'] } },
      /parties\[0\]\.labels: is for/,
    ],
    [
      'that no record has',
      [{}, {}],
      { labels: 'teir' },
      /no record of north has one in "teir"; its fields are "tier", "subject"/,
    ],
    [
      'twice',
      [{}, {}],
      { labels: { field: 'tier', values: ['a', 'a'] } },
      /labels.values: want each label once/,
    ],
    ['that are no field', [{}, {}], { labels: 7 }, /labels: want the name of a field/],
  ])('%s is refused', async (_, [north, south], terms, message) => {
    const done = await run([listOf('north', north), listOf('south', south)], terms);
    expect(done.code).toBe(2);
    expect(done.err).toMatch(message);
  });
});

describe('labels against plaintext', () => {
  const list = (id: string, labels: Record<string, string[]>): PlainList => ({
    id,
    records: 0,
    withoutIdentifiers: 0,
    rejected: 0,
    holders: new Map(Object.keys(labels).map((one) => [one, []])),
    labels: new Map(Object.entries(labels)),
    byId: new Map(),
  });
  const lists = [
    list('north', { a: ['low', 'high'], b: ['low'], c: ['low'] }),
    { ...list('south', { b: [], c: [], d: [] }), labels: new Map<string, string[]>() },
  ];
  const parties = [
    { id: 'north', list: '', labels: { field: 'tier' } },
    { id: 'south', list: '' },
  ] as ScenarioParty[];
  const good: LabelsResult = {
    lists: [
      {
        id: 'north',
        field: 'tier',
        labels: [
          { label: 'high', of: ['high'], identifiers: 1 },
          { label: 'low', of: ['low'], identifiers: 2 },
        ],
      },
    ],
    cells: [
      { in: ['north'], labels: { north: 'high' }, exactly: 1 },
      { in: ['north'], labels: { north: 'low' }, exactly: 0 },
      { in: ['south'], labels: {}, exactly: 1 },
      { in: ['north', 'south'], labels: { north: 'high' }, exactly: 0 },
      { in: ['north', 'south'], labels: { north: 'low' }, exactly: 2 },
    ],
  };
  const terms = { noise: null, minCount: 0, padTo: null };
  const change = (at: number, exactly: number | null): LabelsResult => ({
    ...good,
    cells: good.cells.map((cell, i) => (i === at ? { ...cell, exactly } : cell)),
  });
  const announced = (labels: LabelsResult['lists'][number]['labels']): LabelsResult => ({
    ...good,
    lists: [{ id: 'north', field: 'tier', labels }],
  });

  it('are right, and withheld ones not compared', () => {
    expect(compareLabels(lists, parties, good, terms)).toEqual({ cellsChecked: 5, differences: [] });
    expect(compareLabels(lists, parties, change(0, null), terms)).toEqual({
      cellsChecked: 4,
      differences: [],
    });
  });

  it.each<[string, LabelsResult, object]>([
    ['a wrong cell', change(4, 1), {}],
    ['a cell below the minimum', good, { minCount: 2 }],
    ['a missing cell', { ...good, cells: good.cells.slice(1) }, {}],
    ['a cell twice', { ...good, cells: [...good.cells.slice(1), ...good.cells.slice(1, 2)] }, {}],
    [
      'a wrong announcement',
      announced([
        { label: 'high', of: ['high'], identifiers: 2 },
        { label: 'low', of: ['low'], identifiers: 1 },
      ]),
      {},
    ],
    ['labels merged for nothing', announced([{ label: 'all', of: ['high', 'low'], identifiers: 3 }]), {}],
    ['a padded list counted alone', good, { padTo: 2 }],
    [
      'labels of a list without',
      { ...good, lists: [...good.lists, { id: 'south', field: 'x', labels: [] }] },
      {},
    ],
  ])('are wrong with %s', (_, told, more) => {
    expect(compareLabels(lists, parties, told, { ...terms, ...more }).differences).not.toEqual([]);
  });

  it('may be off by the noise, and not by more', () => {
    const noise = { mechanism: 'laplace', scale: { numerator: 1n, denominator: 1n } } as const;
    expect(compareLabels(lists, parties, change(4, 6), { ...terms, noise }).differences).toEqual([]);
    expect(compareLabels(lists, parties, change(4, 602), { ...terms, noise }).differences).toHaveLength(1);
  });

  it('of three lists are listed by combination, and summed for two with labels', () => {
    const both = { a: 'high', b: 'fraud' };
    const told: LabelsResult = {
      lists: ['a', 'b'].map((id) => ({
        id,
        field: id === 'a' ? 'tier' : 'category',
        labels: [{ label: id === 'a' ? 'high' : 'fraud', of: ['x', 'y'], identifiers: 9 }],
      })),
      cells: [
        { in: ['a'], labels: { a: 'high' }, exactly: 2 },
        { in: ['b'], labels: { b: 'fraud' }, exactly: 0 },
        { in: ['c'], labels: {}, exactly: 5 },
        { in: ['a', 'b'], labels: both, exactly: 3 },
        { in: ['a', 'c'], labels: { a: 'high' }, exactly: null, reason: 'complementary' },
        { in: ['b', 'c'], labels: { b: 'fraud' }, exactly: null, reason: 'below-minimum' },
        { in: ['a', 'b', 'c'], labels: both, exactly: 4 },
      ],
    };
    const lines = labelTables(told, styleFor(false)).map((line) => line.trim().split(/ {2,}/));
    expect(lines.slice(0, 5)).toEqual([
      ['on exactly the lists of', 'a: tier', 'b: category', 'identifiers'],
      ['a', 'high', '2'],
      ['a + b', 'high', 'fraud', '3'],
      ['a + b + c', 'high', 'fraud', '4'],
      ['other cells: 1 of 0 identifiers, 2 withheld'],
    ]);
    expect(lines).toContainEqual(['a by tier', 'fraud']);
    expect(lines).toContainEqual(['high', '7']);
    expect(lines).toContainEqual(['a by tier: announced high 9 (x, y)']);
    const held = told.cells.map((cell) => (cell.in.length === 3 ? { ...cell, exactly: null } : cell));
    expect(labelTables({ ...told, cells: held }, styleFor(false)).join('\n')).not.toContain('on both');
  });

  it('are shown with what was withheld, and the row of what is not on the list', () => {
    const held = {
      ...good,
      cells: good.cells.map((cell, i) =>
        i === 0 ? { ...cell, exactly: null, reason: 'below-minimum' as const } : cell,
      ),
    };
    const lines = labelTables(held, styleFor(false)).map((line) => line.trim().split(/ {2,}/));
    expect(lines).toContainEqual(['north by tier', 'on south', 'not on south']);
    expect(lines).toContainEqual(['high', '0', 'small']);
    expect(lines).toContainEqual(['low', '2', '0']);
    expect(lines).toContainEqual(['not on north', '1']);
    expect(lines).toContainEqual(['north by tier: announced high 1, low 2']);
  });
});
