/**
 * Whole sessions in memory and what the oracle says of them: random lists as files, and both answers side by side.
 *
 * Purpose: importer, recipes, vault, protocol and collector together give what two independent programs work out from
 * the files alone. Lists are tiny and full of coincidences: the same person in several records, on several lists, on all;
 * lists that are alike.
 * Assumes: oracle and recipes have passed their own tests. Does not know: which terms are drawn.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openInline } from '@tallystick/node/compute';
import type { Agreement } from '@tallystick/protocol/agreement';
import { cellSpace } from '@tallystick/protocol/privacy';
import fc from 'fast-check';
import { expect } from 'vitest';
import {
  type LabelledParty,
  oracleCells,
  oracleCounts,
  oracleIdentifiers,
  oracleInAtLeast,
  type OracleParty,
  type OracleRecipe,
  oracleRecords,
} from './index.ts';
import { type ListFile, playSession, type SessionEnd, type Terms } from './ring.testkit.ts';

/** For a machine that has other things to do: ten parties with proofs are hundreds of signatures and proofs. */
export const patientMs = 600_000;

// --- what is drawn -------------------------------------------------------------------------------------------

export interface Entry {
  readonly names: readonly string[];
  readonly documents: readonly string[];
  readonly tiers: readonly string[];
}

export const tiers = ['high', 'medium', 'low', 'unlabelled'];

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
export const listsOf = (parties: number): fc.Arbitrary<readonly (readonly Entry[])[]> =>
  fc
    .tuple(
      fc.array(list, { minLength: parties, maxLength: parties }),
      fc.array(fc.nat(3), { minLength: parties, maxLength: parties }),
    )
    .map(([lists, copies]) =>
      lists.map((one, i) => (copies[i] === 0 ? (lists[0] as readonly Entry[]) : one)),
    );

export const recipes = fc.constantFrom<OracleRecipe[]>(['document'], ['document', 'name'], ['name']);
export const base = {
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

export interface Known extends OracleParty {
  readonly labelled: LabelledParty['records'];
}

async function write(folder: string, id: string, entries: readonly Entry[], recipe: readonly OracleRecipe[]) {
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

export interface Played {
  readonly end: SessionEnd;
  readonly known: readonly Known[];
}

export interface OracleWorld {
  /** One session on these lists, called p0, p1, …; `seed` orders the links. */
  play(lists: readonly (readonly Entry[])[], terms: Terms, seed: number): Promise<Played>;
  close(): Promise<void>;
}

export async function openOracleWorld(): Promise<OracleWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'tallystick-sessions-'));
  const compute = await openInline();
  return {
    async play(lists, terms, seed) {
      const written = await Promise.all(
        lists.map((entries, i) => write(folder, `p${i}`, entries, terms.recipes as OracleRecipe[])),
      );
      const paths = new Map(written.map(({ file, known }) => [known.id, file]));
      let state = seed;
      const order = (count: number): number => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return (state >>> 8) % count;
      };
      const end = await playSession(compute, paths, terms, order);
      return { end, known: written.map(({ known }) => known) };
    },
    async close() {
      await compute.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// --- counts ----------------------------------------------------------------------------------------------------

export type Cell = number | string;

/** Which numbers a session told, of whichever form. */
export function toldBy({ end, known }: Played) {
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
export function plain({ end, known }: Played, labels: Agreement['labels']) {
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

export const exactPolicy = {
  minCount: 0,
  microEpsilon: null,
  deltaExponent: null,
  identifiersPerRecord: 20,
  mechanism: 'laplace' as const,
};
