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

/** Of each party: its counts by combination, or the numbers of its own records that matched. */
type Answers = readonly { readonly counts: readonly number[]; readonly matches: readonly string[] }[];

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
      answers.push({ counts, matches: matches.toSorted() });
    }
    return answers;
  } finally {
    await rm(directory, { recursive: true });
  }
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
    return { counts, matches: own.filter((one) => holders.get(one) === everybody).toSorted() };
  });
}
