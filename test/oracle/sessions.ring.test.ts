/**
 * Whole sessions in memory against the oracle: random N, lists, outputs, predicates and labels.
 *
 * Purpose: importer, recipes, vault, protocol and collector together give what two independent programs work out from
 * the files alone. Lists are tiny and full of coincidences: the same person in several records, on several lists, on all;
 * lists that are alike, lists without an identifier.
 * Assumes: oracle and recipes have passed their own tests.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Compute, openInline } from '@tallystick/node/compute';
import type { Agreement } from '@tallystick/protocol/agreement';
import { cellSpace } from '@tallystick/protocol/privacy';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  identifiersOf,
  type LabelledParty,
  oracleCells,
  oracleCounts,
  oracleIdentifiers,
  oracleInAtLeast,
  oracleMatchesAmong,
  type OracleParty,
  type OracleRecipe,
  oracleRecords,
} from './index.ts';
import { releasedAt } from '../../packages/protocol/src/privacy/privacy.testkit.ts';
import { isBelow, oneIn, tailAbove, tailUpTo } from '../attacks/chance.ts';
import { type ListFile, playSession, type SessionEnd, type Terms } from './ring.testkit.ts';

let folder = '';
let compute: Compute;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallystick-sessions-'));
  compute = await openInline();
});
afterAll(async () => {
  await compute.close();
  await rm(folder, { recursive: true, force: true });
});

/** For a machine that has other things to do: ten parties with proofs are hundreds of signatures and proofs. */
const patientMs = 600_000;

// --- what is drawn -------------------------------------------------------------------------------------------

interface Entry {
  readonly names: readonly string[];
  readonly documents: readonly string[];
  readonly tiers: readonly string[];
}

const tiers = ['high', 'medium', 'low', 'unlabelled'];

const entry: fc.Arbitrary<Entry> = fc.record({
  names: fc.uniqueArray(fc.constantFrom('Omar Test', 'Test Omar', 'Anna Bell', 'Ivan Chekov', 'Li Wei'), {
    minLength: 1,
    maxLength: 2,
  }),
  documents: fc.uniqueArray(
    fc.constantFrom('Q1000001', 'Q1000002', 'q-1000 002', 'Q1000003', 'Q1000004', 'Q1000005'),
    {
      maxLength: 2,
    },
  ),
  tiers: fc.uniqueArray(fc.constantFrom('high', 'medium', 'low'), { maxLength: 2 }),
});

/** Up to four records, the first with a document: an identifier under every recipe. */
const list: fc.Arbitrary<readonly Entry[]> = fc
  .tuple(entry, fc.constantFrom('Q1000001', 'Q1000002'), fc.array(entry, { maxLength: 3 }))
  .map(([first, document, rest]) => [{ ...first, documents: [document] }, ...rest]);

/** So many lists; now and then one is the same as the first. */
const listsOf = (parties: number): fc.Arbitrary<readonly (readonly Entry[])[]> =>
  fc
    .tuple(
      fc.array(list, { minLength: parties, maxLength: parties }),
      fc.array(fc.nat(3), { minLength: parties, maxLength: parties }),
    )
    .map(([lists, copies]) =>
      lists.map((one, i) => (copies[i] === 0 ? (lists[0] as readonly Entry[]) : one)),
    );

const recipes = fc.constantFrom<OracleRecipe[]>(['document'], ['document', 'name'], ['name']);
const base = {
  sentinels: fc.integer({ min: 0, max: 3 }),
  collectors: fc.constantFrom<1 | 2>(1, 2),
};

// --- lists as files, and as the oracle reads them --------------------------------------------------------------

const columns = {
  id: 'id',
  name: 'name',
  aliases: 'aliases',
  labels: { tier: 'tier' },
  documents: [
    { kind: 'passport', number: 'first' },
    { kind: 'passport', number: 'second' },
  ],
};

interface Known extends OracleParty {
  readonly labelled: LabelledParty['records'];
}

async function write(id: string, entries: readonly Entry[], recipe: readonly OracleRecipe[]) {
  const path = join(folder, `${id}.csv`);
  const rows = entries.map(({ names: [name, ...aliases], documents, tiers: own }, i) =>
    [`r${i}`, name, aliases.join(';'), documents[0] ?? '', documents[1] ?? '', own.join(';')].join(','),
  );
  await writeFile(path, ['id,name,aliases,first,second,tier', ...rows, ''].join('\n'));
  const file: ListFile = { path, options: { format: 'csv', columns } };
  const { records } = oracleRecords('csv', { main: await readFile(path) }, { columns });
  const known: Known = {
    id,
    records: records.map((record) => ({ id: record.id, identifiers: oracleIdentifiers(record, recipe) })),
    labelled: records.map((record) => ({
      identifiers: oracleIdentifiers(record, recipe),
      labels: record.labels?.['tier']?.length ? record.labels['tier'] : ['unlabelled'],
    })),
  };
  return { file, known };
}

interface Played {
  readonly end: SessionEnd;
  readonly known: readonly Known[];
}

async function play(lists: readonly (readonly Entry[])[], terms: Terms, seed: number): Promise<Played> {
  // ids in the order of the lists, up to ten
  const written = await Promise.all(
    lists.map((entries, i) => write(`p${i}`, entries, terms.recipes as OracleRecipe[])),
  );
  const files = new Map(written.map(({ file, known }) => [known.id, file]));
  let state = seed;
  const order = (count: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % count;
  };
  const end = await playSession(compute, files, terms, order);
  return { end, known: written.map(({ known }) => known) };
}

// --- counts ----------------------------------------------------------------------------------------------------

type Cell = number | string;

/** Which numbers a session told, of whichever form. */
function toldBy({ end, known }: Played) {
  const outcomes = [...end.ends.values()];
  for (const one of outcomes) expect(one).toEqual(outcomes[0]);
  const [outcome] = outcomes;
  if (typeof outcome !== 'object') throw new Error(`no counts, but ${outcome}`);
  if (outcome.kind !== 'counts' && outcome.kind !== 'release')
    throw new Error(`no counts, but ${outcome.kind}`);
  const shapes = end.sizes.map((size, i) => {
    const groups = end.groups[i];
    return groups ? { size, labels: groups.map((one) => ({ label: '', size: one.size })) } : { size };
  });
  const space = cellSpace(shapes);
  const nameOf = (i: number, group: number | null | undefined): string =>
    group == null ? `p${i}` : `p${i} ${end.groups[i]?.[group]?.labels.join('|')}`;
  const cells: readonly (readonly [string, Cell])[] = (outcome.cells ?? []).map((cell, at) => {
    const { mask, labels } = space.cells[at] as (typeof space.cells)[number];
    const on = known.flatMap((_, i) => ((mask >> i) & 1 ? [nameOf(i, labels[i])] : []));
    return [on.join(' + '), cell];
  });
  const numbers: Partial<Record<'exactly' | 'atLeast' | 'inAtLeast', readonly Cell[]>> =
    outcome.kind === 'release' ? outcome.release : { exactly: outcome.exactly };
  return { numbers, cells, space, verified: outcome.verified };
}

/** The same numbers from the files. */
function plain({ end, known }: Played, labels: Agreement['labels']) {
  const counts = oracleCounts(known);
  const parties = known.map(({ id, labelled }) => ({
    id,
    records: labelled,
    declared: labels?.find(({ party }) => party === id)?.labels ?? null,
  }));
  const groupOf = (party: string, label: string): string =>
    end.groups[known.findIndex(({ id }) => id === party)]
      ?.find((group) => group.labels.includes(label))
      ?.labels.join('|') ?? label;
  return {
    exactly: counts.map(({ exactly }) => exactly),
    atLeast: counts.map(({ atLeast }) => atLeast),
    inAtLeast: oracleInAtLeast(known),
    cells: oracleCells(parties, groupOf),
  };
}

const exactPolicy = {
  minCount: 0,
  microEpsilon: null,
  deltaExponent: null,
  identifiersPerRecord: 20,
  mechanism: 'laplace' as const,
};

/** Labels for some of the lists: few enough that there are not too many cells. */
const labelsFor = (parties: number, minSize: number, cut: readonly boolean[]): Agreement['labels'] => {
  const most = parties > 6 ? 1 : parties > 4 ? 2 : 3;
  const own = Array.from({ length: parties }, (_, i) => i)
    .filter((i) => cut[i])
    .slice(0, most);
  return own.length === 0
    ? null
    : own.map((i) => ({ party: `p${i}`, field: 'tier', labels: tiers, minSize }));
};

describe.each([2, 3, 4, 5, 6, 7, 8, 9, 10])('counts among %i lists', (parties) => {
  const drawn = fc.record({
    lists: listsOf(parties),
    recipes,
    ...base,
    // proofs of a hop for every list and hop: among many, one session in four
    verified: parties < 5 ? fc.boolean() : fc.constantFrom(false, false, false, true),
    privacy: fc.constantFrom(null, exactPolicy, { ...exactPolicy, minCount: 2 }),
    cut: fc.array(fc.boolean(), { minLength: parties, maxLength: parties }),
    minSize: fc.nat(3),
    seed: fc.nat(),
  });

  it(
    'are the plaintext ones: exactly, at least, in at least t, the union, by label; what is withheld says so',
    async () => {
      await fc.assert(
        fc.asyncProperty(drawn, async ({ lists, cut, minSize, seed, ...terms }) => {
          const labels = labelsFor(parties, minSize, cut);
          const played = await play(lists, { ...terms, labels, output: { kind: 'counts' } }, seed);
          const want = plain(played, labels);
          const { numbers, cells, verified } = toldBy(played);
          expect(verified).toBe(terms.verified);
          const least = terms.privacy?.minCount ?? 0;
          const check = (name: string, told: Cell, count: number): void => {
            if (least === 0) return expect(told, name).toBe(count);
            if (typeof told === 'number') expect(told, name).toBe(count);
            else expect(['below-minimum', 'complementary'], name).toContain(told);
          };
          for (const key of ['exactly', 'atLeast', 'inAtLeast'] as const) {
            numbers[key]?.forEach((told, i) => check(`${key} ${i}`, told, want[key][i] as number));
            if (numbers[key]) expect(numbers[key]).toHaveLength(want[key].length);
          }
          expect(cells.length > 0).toBe(labels !== null);
          for (const [name, told] of cells) check(name, told, want.cells.get(name) ?? 0);
          const named = new Set(cells.map(([name]) => name));
          if (labels !== null) for (const name of want.cells.keys()) expect(named, name).toContain(name);
        }),
        { numRuns: parties < 5 ? 2 : 1, endOnFailure: true },
      );
    },
    patientMs,
  );
});

/** How many of all cells were released as 0, 1, …, and as `last` or more. */
const last = 4;
const bins = Array.from({ length: last + 1 }, (_, v) => v);

interface NoisedCell {
  readonly told: number;
  readonly count: number;
  readonly most: number;
}

/**
 * Whether so many cells may have been released as each value, with noise of this scale, cut to 0 … `most`. Cells are
 * independent, not alike: of how many are released as v, the tails beyond the mean are at most those of a binomial with the
 * mean probability (W. Hoeffding, On the distribution of the number of successes in independent trials, 1956). All bins
 * together are wrong by chance less than once in a million.
 */
function mayBe(cells: readonly NoisedCell[], scale: number): boolean {
  const under = 10_000n;
  return bins.every((v) => {
    const isIn = (value: number): boolean => (v === last ? value >= v : value === v);
    const chances = cells.map(({ count, most }) => {
      const at = releasedAt(count, most, 0, scale);
      let chance = 0;
      for (let value = 0; value <= most; value++) if (isIn(value)) chance += at(value);
      return chance;
    });
    const mean = chances.reduce((sum, chance) => sum + chance, 0) / cells.length;
    const seen = cells.filter(({ told }) => isIn(told)).length;
    if (Math.abs(seen - mean * cells.length) < 1) return true;
    const isMore = seen > mean * cells.length;
    const over = BigInt(isMore ? Math.ceil(mean * Number(under)) : Math.floor(mean * Number(under)));
    const tail = isMore
      ? tailAbove(cells.length, { over, under }, seen - 1)
      : tailUpTo(cells.length, { over, under }, seen);
    return !isBelow(tail, oneIn * BigInt(2 * bins.length));
  });
}

describe('counts with noise', () => {
  it(
    'have the stated distribution in every cell, cut at the sizes, and every sum follows from the cells',
    async () => {
      const parties = 8;
      const epsilon = 3;
      const cells: NoisedCell[] = [];
      const drawn = fc.record({ lists: listsOf(parties), ...base, seed: fc.nat() });
      await fc.assert(
        fc.asyncProperty(drawn, async ({ lists, seed, ...terms }) => {
          const privacy = { ...exactPolicy, microEpsilon: epsilon * 1_000_000, identifiersPerRecord: 1 };
          const rest = { labels: null, verified: false, recipes: ['document'] as OracleRecipe[] };
          // a record brings what it is cut to
          const one = lists.map((entries) =>
            entries.map((all) => ({ ...all, documents: all.documents.slice(0, 1) })),
          );
          const played = await play(one, { ...terms, ...rest, privacy, output: { kind: 'counts' } }, seed);
          const want = plain(played, null);
          const { numbers } = toldBy(played);
          const told = (numbers.exactly ?? []) as readonly number[];
          const sizes = played.known.map((party) => identifiersOf(party).size);
          for (const [i, count] of want.exactly.entries()) {
            const most = Math.min(...sizes.filter((_, list) => ((i + 1) >> list) & 1));
            cells.push({ told: told[i] as number, count, most });
          }
          const sum = (of: (mask: number) => boolean): number =>
            told.reduce((total, number, i) => total + (of(i + 1) ? number : 0), 0);
          numbers.inAtLeast?.forEach((number, t) =>
            expect(number).toBe(sum((mask) => mask.toString(2).replaceAll('0', '').length > t)),
          );
          numbers.atLeast?.forEach((number, i) => {
            const mask = i + 1;
            // of one list it is the announced size
            const [list] = sizes.map((_, at) => at).filter((at) => mask === 1 << at);
            expect(number).toBe(list === undefined ? sum((other) => (other & mask) === mask) : sizes[list]);
          });
        }),
        { numRuns: 4, endOnFailure: true },
      );
      expect(cells).toHaveLength(4 * 255);
      // docs/privacy.md: one replaced record moves a full histogram by 4
      const scale = 4 / epsilon;
      expect(mayBe(cells, scale)).toBe(true);
      for (const factor of [1 / 2, 2]) expect(mayBe(cells, scale * factor), `times ${factor}`).toBe(false);
    },
    patientMs,
  );
});

describe('a list without an identifier', () => {
  it(
    'takes no part: the session ends for everybody, whatever was asked, and nobody has an answer',
    async () => {
      const drawn = fc.integer({ min: 2, max: 4 }).chain((parties) =>
        fc.record({
          lists: listsOf(parties),
          empty: fc.nat(parties - 1),
          output: fc.constantFrom<Agreement['output']>(
            { kind: 'counts' },
            { kind: 'matches', to: ['p0'], predicate: parties === 2 ? null : { kind: 'any' }, which: false },
          ),
          verified: fc.boolean(),
          ...base,
          seed: fc.nat(),
        }),
      );
      await fc.assert(
        fc.asyncProperty(drawn, async ({ lists, empty, seed, ...terms }) => {
          const bare = lists.map((entries, i) =>
            i === empty ? entries.map((one) => ({ ...one, documents: [] })) : entries,
          );
          const rest = { labels: null, privacy: null, recipes: ['document'] as OracleRecipe[] };
          const { end, known } = await play(bare, { ...terms, ...rest }, seed);
          expect(identifiersOf(known[empty] as Known).size).toBe(0);
          for (const [id, one] of end.ends) expect(one, id).toBe('list.empty');
          expect([...end.matches.keys()]).toEqual([]);
        }),
        { numRuns: 2, endOnFailure: true },
      );
    },
    patientMs,
  );
});

// --- matches ---------------------------------------------------------------------------------------------------

describe.each([2, 3, 4, 5, 6, 7, 8, 9, 10])('matches among %i lists', (parties) => {
  const ids = Array.from({ length: parties }, (_, i) => `p${i}`);
  const predicate = fc.oneof(
    fc.constant({ kind: 'all' as const }),
    fc.constant({ kind: 'any' as const }),
    fc.integer({ min: 2, max: parties }).map((lists) => ({ kind: 'atLeast' as const, lists })),
  );
  const drawn = fc.record({
    lists: listsOf(parties),
    recipes,
    ...base,
    verified: parties < 5 ? fc.boolean() : fc.constant(false),
    // to one, to some, to all
    to: fc.subarray(ids, { minLength: 1 }),
    predicate: parties === 2 ? fc.constant(null) : predicate,
    which: parties === 2 ? fc.constant(false) : fc.boolean(),
    seed: fc.nat(),
  });

  it(
    'are the plaintext ones: each receiver’s records, by which identifiers, on which lists; nobody else has any',
    async () => {
      await fc.assert(
        fc.asyncProperty(drawn, async ({ lists, to, predicate: wanted, which, seed, ...terms }) => {
          const output = { kind: 'matches' as const, to, predicate: wanted, which };
          const played = await play(lists, { ...terms, labels: null, privacy: null, output }, seed);
          const { end, known } = played;
          const least = wanted?.kind === 'any' ? 2 : wanted?.kind === 'atLeast' ? wanted.lists : parties;
          for (const mine of known) {
            const want = oracleMatchesAmong(mine, known, least);
            const identifiers = new Set([...want.values()].flatMap((one) => [...one.keys()])).size;
            const summary = to.includes(mine.id) ? { identifiers, records: want.size } : null;
            const { verified } = terms;
            expect(end.ends.get(mine.id), mine.id).toEqual({ kind: 'matches', summary, verified });
            const lines = end.matches.get(mine.id);
            expect(lines === undefined).toBe(summary === null);
            if (lines === undefined) continue;
            expect(lines.map(({ id }) => id).sort()).toEqual([...want.keys()].sort());
            for (const { id, matched, matchedOn } of lines) {
              const own = want.get(id) as ReadonlyMap<string, ReadonlySet<string>>;
              expect([...matched].sort(), id).toEqual([...own.keys()].sort());
              const others = which ? matched.map((one) => [...(own.get(one) ?? [])].sort()) : undefined;
              expect(matchedOn?.map((on) => [...on].sort())).toEqual(others);
            }
          }
        }),
        { numRuns: parties < 5 ? 2 : 1, endOnFailure: true },
      );
    },
    patientMs,
  );
});
