/**
 * The demonstration's lists, scenarios and planted truth.
 *
 * Purpose: who the agencies are, what they compare, and which records the generator knows to be the same.
 * Assumes: the generator's manifest is the whole truth. Does not know: sessions.
 */
import { join } from 'node:path';
import { writePrivateFile } from '@tallystick/host/files';
import type { RecipeName } from '@tallystick/protocol/records';
import type { MatchedRecord } from '../oracle/index.ts';
import type { Scenario, ScenarioParty } from '../scenario/types.ts';
import { matchesUnder, type Planted, type SyntheticLists, writeLists } from '../synthetic/index.ts';

export const agencies = ['agency-a', 'agency-b', 'agency-c'] as const;
const formats = ['ofac-sdn', 'un-consolidated', 'ftm'] as const;
export const demoRecipes: readonly RecipeName[] = ['document', 'name+birthyear'];

export interface DemoLists {
  readonly parties: readonly ScenarioParty[];
  readonly generated: SyntheticLists;
  /** By the generator's own list id. */
  readonly agencyOf: ReadonlyMap<string, string>;
}

/** Writes the lists and a scenario for each session into the directory. */
export async function makeDemoLists(directory: string, seed: string, people: number): Promise<DemoLists> {
  const generated = await writeLists(directory, { seed, people, formats });
  const agencyOf = new Map(generated.lists.map((list, i) => [list.id, agencies[i] as string]));
  const parties = generated.lists.map((list, i) => ({
    id: agencies[i] as string,
    list: join(directory, list.folder, list.main),
  }));
  const lists = { parties, generated, agencyOf };
  await writeScenario(join(directory, 'matches.json'), directOf(lists), generated);
  await writeScenario(join(directory, 'counts.json'), sealedOf(lists), generated);
  return lists;
}

const shared = {
  subject: 'person' as const,
  recipe: demoRecipes,
  recipes: demoRecipes,
  purpose: 'demonstration with synthetic lists',
  verified: true,
};

/** The first session: two agencies, both learn which of their own records the other has. */
export function directOf(lists: DemoLists): Scenario {
  const parties = lists.parties.slice(0, 2);
  return { ...shared, parties, output: { kind: 'matches', to: parties.map((party) => party.id) } };
}

/** The second session: all agencies, numbers only. */
export function sealedOf(lists: DemoLists): Scenario {
  return { ...shared, parties: lists.parties, output: { kind: 'counts' } };
}

async function writeScenario(path: string, scenario: Scenario, generated: SyntheticLists): Promise<void> {
  const parties = scenario.parties.map(({ id }, i) => {
    const list = generated.lists[i];
    return { id, list: `${list?.folder ?? ''}/${list?.main ?? ''}` };
  });
  const { subject, recipe, output, verified, purpose } = scenario;
  await writePrivateFile(
    path,
    `${JSON.stringify({ parties, subject, recipe, output, verified, purpose }, null, 2)}\n`,
  );
}

/** A planted pair (or the planted everywhere) as the agencies see it. */
export interface PlantedPair {
  readonly kind: Planted['kind'];
  readonly matches: boolean;
  /** Agency → its record's id. */
  readonly records: ReadonlyMap<string, string>;
}

/** What was planted between these agencies. */
export function plantedBetween(lists: DemoLists, ids: readonly string[]): PlantedPair[] {
  return lists.generated.planted
    .map((planted) => ({
      kind: planted.kind,
      matches: matchesUnder(planted, demoRecipes),
      records: new Map(
        Object.entries(planted.records).map(([list, record]) => [lists.agencyOf.get(list) ?? list, record]),
      ),
    }))
    .filter((pair) => ids.every((id) => pair.records.has(id)));
}

export interface PlantedCheck {
  readonly pairs: readonly PlantedPair[];
  readonly differences: readonly string[];
}

/** The planted people, all of them and nobody else, must be what the receivers got. */
export function checkPlanted(
  lists: DemoLists,
  matched: ReadonlyMap<string, readonly MatchedRecord[]>,
): PlantedCheck {
  const pairs = plantedBetween(lists, [...matched.keys()]);
  const differences: string[] = [];
  for (const [id, records] of matched) {
    const want = new Set(pairs.filter((pair) => pair.matches).map((pair) => pair.records.get(id)));
    const got = new Set(records.map((record) => record.id));
    const missing = [...want].filter((record) => record !== undefined && !got.has(record)).length;
    const surplus = [...got].filter((record) => !want.has(record)).length;
    if (missing > 0) differences.push(`${id}: ${missing} planted records did not match`);
    if (surplus > 0) differences.push(`${id}: ${surplus} records match that were not planted`);
  }
  return { pairs, differences };
}
