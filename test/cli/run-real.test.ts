/**
 * `run` on the real lists: OFAC persons against UN persons, every recipe, both outputs, as the second implementation
 * has it. Skips, saying so, where ../shared/data is absent. Failures name numbers only.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { recipeNames, type RecipeName } from '@tallystick/protocol/records';
import { type Answer, answer, type House, openHouse } from '../../packages/cli/src/local/index.ts';
import { createBoard } from '../../packages/cli/src/progress/index.ts';
import { parseScenario, type Scenario } from '../../packages/cli/src/scenario/index.ts';
import {
  oracleCounts,
  oracleIdentifiers,
  oracleMatches,
  type OracleParty,
  type OracleRecord,
  oracleRecords,
} from '../oracle/index.ts';
import { silent } from './helpers.ts';

// Real lists on what may be a busy machine: the limit is for what hangs, not for what is slow.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const data = new URL('../../../shared/data/', import.meta.url);
const absent = !existsSync(data);
if (absent) console.warn('skipped: runs on the real lists (../shared/data) are absent');

const lists = { ofac: 'ofac/sdn.csv', un: 'un/consolidated.xml' };

describe.skipIf(absent)('run on the real lists', () => {
  const people = new Map<string, readonly OracleRecord[]>();
  const board = createBoard({ out: silent, quiet: true, nowMs: Date.now });
  const scenarioOf = (recipe: RecipeName, output: object): Promise<Scenario> => {
    const parties = Object.entries(lists).map(([id, list]) => ({ id, list }));
    return parseScenario(
      Buffer.from(JSON.stringify({ parties, subject: 'person', recipe, output })),
      fileURLToPath(data),
    );
  };
  let house: House;
  beforeAll(async () => {
    const { parties } = await scenarioOf('name', { kind: 'counts' });
    house = await openHouse({ parties, env: process.env, signal: new AbortController().signal });
    const read = (path: string): Uint8Array => readFileSync(new URL(path, data));
    const ofac = { main: read(lists.ofac), alt: read('ofac/alt.csv'), add: read('ofac/add.csv') };
    const isPerson = ({ subject }: OracleRecord): boolean => subject === 'person';
    people.set('ofac', oracleRecords('ofac-sdn', ofac).records.filter(isPerson));
    people.set('un', oracleRecords('un-consolidated', { main: read(lists.un) }).records.filter(isPerson));
  });
  afterAll(() => house.close());

  const plain = (recipe: RecipeName): [OracleParty, OracleParty] => {
    const party = (id: string): OracleParty => ({
      id,
      records: (people.get(id) ?? []).map((one) => ({
        id: one.id,
        identifiers: oracleIdentifiers(one, recipe),
      })),
    });
    return [party('ofac'), party('un')];
  };

  /** As the command `run` does it, but with processes that stay for all of it: each reads its list once. */
  async function run(recipe: RecipeName, output: object): Promise<Answer> {
    return answer(house, await scenarioOf(recipe, output), undefined, board);
  }

  it.each(recipeNames)('%s: matches', async (recipe) => {
    const { result, texts } = await run(recipe, { kind: 'matches', to: ['ofac', 'un'] });
    const [ofac, un] = plain(recipe);
    for (const [mine, theirs] of [
      [ofac, un],
      [un, ofac],
    ] as const) {
      const want = oracleMatches(mine, theirs);
      const got = result.parties.find((party) => party.id === mine.id);
      expect(got?.records).toBe(mine.records.length);
      expect(got?.matches).toEqual({ records: want.records.size, identifiers: want.identifiers.size });
      const lines = (texts.get(mine.id) ?? '').trimEnd().split('\n');
      const ids = lines.map((line) => (JSON.parse(line) as { id: string }).id);
      expect(ids.length).toBe(want.records.size);
      expect(ids.filter((id) => !want.records.has(id)).length).toBe(0);
      if (mine === un && recipe === 'document') expect(ids.length).toBeGreaterThan(100);
      if (mine === un && recipe === 'name') expect(ids.length).toBeGreaterThan(450);
    }
  });

  it.each(recipeNames)('%s: counts', async (recipe) => {
    const { result } = await run(recipe, { kind: 'counts' });
    expect(result.counts).toEqual(oracleCounts(plain(recipe)));
  });
});
