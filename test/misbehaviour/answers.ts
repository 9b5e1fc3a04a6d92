/**
 * What parties were told, and the plain answer to it.
 *
 * Purpose: the oracle of the matrix: sets of passport numbers. Does not know: rows.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionDetail } from '@tallystick/node/control';
import type { Stage } from './stage.ts';

interface Exported {
  readonly documents: readonly { readonly number: string }[];
}

/** Of each party: its counts by combination and by label, or the numbers of its own records that matched. */
type Answers = readonly {
  readonly counts: readonly number[];
  /** `alpha high + beta 2`: those that are not zero. */
  readonly cells: readonly string[];
  readonly matches: readonly string[];
}[];

export async function answersOf(
  stage: Stage,
  parties: readonly string[],
  session: string,
  details: readonly SessionDetail[],
): Promise<Answers> {
  const directory = await mkdtemp(join(tmpdir(), 'tallystick-test-'));
  try {
    const answers = [];
    for (const [index, id] of parties.entries()) {
      const counts = (details[index]?.counts ?? []).map((row) => row.exactly ?? -1);
      const matches: string[] = [];
      if (details[index]?.matches != null) {
        const out = join(directory, `${id}.jsonl`);
        await stage.world.node(id).call('session.export', { session, out });
        const lines = (await readFile(out, 'utf8')).split('\n').filter((line) => line !== '');
        for (const line of lines) matches.push((JSON.parse(line) as Exported).documents[0]?.number ?? '');
      }
      const cells = details[index]?.labels?.cells ?? [];
      const told = cells
        .filter(({ exactly }) => exactly !== 0)
        .map(({ in: on, labels, exactly }) => cellText(on, labels, exactly));
      answers.push({ counts, cells: told.toSorted(), matches: matches.toSorted() });
    }
    return answers;
  } finally {
    await rm(directory, { recursive: true });
  }
}

const cellText = (
  lists: readonly string[],
  labels: Readonly<Record<string, string>>,
  count: number | null,
): string => `${lists.map((id) => [id, labels[id] ?? ''].join(' ').trim()).join(' + ')} ${count}`;

/** The cells of a number of names each. */
function plainCells(stage: Stage, parties: readonly string[], labelled: readonly string[]): string[] {
  const cells = new Map<string, number>();
  for (const number of new Set(parties.flatMap((id) => stage.lists[id] ?? []))) {
    const on = parties.filter((id) => stage.lists[id]?.includes(number));
    const own = on.filter((id) => labelled.includes(id)).map((id) => [id, stage.tierOf(id, number)]);
    const cell = JSON.stringify([on, Object.fromEntries(own)]);
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
  }
  return [...cells].map(([cell, count]) => {
    const [on, labels] = JSON.parse(cell) as [string[], Record<string, string>];
    return cellText(on, labels, count);
  });
}

/** Matches here are always of names on all lists. */
export function truthFor(
  stage: Stage,
  parties: readonly string[],
  details: readonly SessionDetail[],
): Answers {
  const holders = new Map<string, number>();
  parties.forEach((id, bit) => {
    for (const one of stage.lists[id] ?? []) holders.set(one, (holders.get(one) ?? 0) | (1 << bit));
  });
  const everybody = (1 << parties.length) - 1;
  return parties.map((id, index) => {
    const counts = Array.from({ length: details[index]?.counts ? everybody : 0 }, () => 0);
    if (counts.length > 0)
      for (const mask of holders.values()) counts[mask - 1] = (counts[mask - 1] ?? 0) + 1;
    const own = details[index]?.matches == null ? [] : (stage.lists[id] ?? []);
    const labelled = details[index]?.labels?.lists.map((list) => list.id);
    const cells = labelled === undefined ? [] : plainCells(stage, parties, labelled).toSorted();
    return { counts, cells, matches: own.filter((one) => holders.get(one) === everybody).toSorted() };
  });
}
