/** Generated lists import whole, hold what the manifest says, and nothing in common besides. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ImportEvent, importList, type ListFormat } from '@tallystick/node/lists';
import { deriveIdentifiers, nameKey, type RecipeName, recipeNames } from '@tallystick/protocol/records';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateLists, matchesUnder, type SyntheticLists, writeLists } from './index.ts';
import { inOrder, inOwnScript, inventName, pools, withoutDiacritics } from './pools.ts';
import { SeededChoice } from './prng.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallystick-synthetic-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** List id → record id → identifiers. */
type Derived = Map<string, Map<string, Set<string>>>;

async function importAll(
  generated: SyntheticLists,
  into: string,
): Promise<{ events: Map<string, ImportEvent[]>; derived: (recipe: RecipeName) => Derived }> {
  const events = new Map<string, ImportEvent[]>();
  for (const list of generated.lists) {
    const all: ImportEvent[] = [];
    for await (const event of importList(join(into, list.folder, list.main))) all.push(event);
    events.set(list.id, all);
  }
  const derived = (recipe: RecipeName): Derived =>
    new Map(
      [...events].map(([id, all]) => [
        id,
        new Map(
          all
            .filter((event) => event.type === 'record')
            .map(({ record }) => [record.id, new Set(deriveIdentifiers(record, [recipe]).identifiers)]),
        ),
      ]),
    );
  return { events, derived };
}

const formatSets: ListFormat[][] = [
  ['ofac-sdn', 'un-consolidated', 'ftm'],
  ['csv', 'ftm', 'un-consolidated', 'ofac-sdn'],
  ['csv', 'csv'],
];

describe('generateLists', () => {
  it('gives the same for the same seed and another for another', () => {
    expect(generateLists({ seed: 'one' })).toEqual(generateLists({ seed: 'one' }));
    expect(generateLists({ seed: 'one' }).files).not.toEqual(generateLists({ seed: 'two' }).files);
  });

  it('holds what the manifest says, whatever the seed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.constantFrom(...formatSets), async (seed, formats) => {
        const into = await mkdtemp(join(folder, 'run-'));
        const generated = await writeLists(into, { seed, formats, people: 120 });
        const { events, derived } = await importAll(generated, into);
        for (const list of generated.lists) {
          const all = events.get(list.id) ?? [];
          const rejected = all.filter((event) => event.type === 'rejected');
          expect(rejected.map(({ file, line, reason }) => ({ file, line, reason }))).toEqual([list.spoilt]);
          expect(all.filter((event) => event.type === 'record')).toHaveLength(list.records);
          expect(all.at(-1)).toMatchObject({ type: 'meta', format: list.format });
        }
        for (const recipe of recipeNames) {
          const byList = derived(recipe);
          const expected = new Set<string>();
          for (const planted of generated.planted) {
            const matches = matchesUnder(planted, [recipe]);
            planted.lists.forEach((a, n) => {
              for (const b of planted.lists.slice(n + 1)) {
                const mine = byList.get(a)?.get(planted.records[a] as string) as Set<string>;
                const theirs = byList.get(b)?.get(planted.records[b] as string) as Set<string>;
                const common = [...mine].some((identifier) => theirs.has(identifier));
                expect(common, `${planted.kind} in ${a} and ${b} under ${recipe}`).toBe(matches);
                if (matches) expected.add([a, planted.records[a], b, planted.records[b]].join(' '));
              }
            });
          }
          expect(commonPairs(byList)).toEqual(expected);
        }
      }),
      { numRuns: 12 },
    );
  });

  it('plants every kind between every two lists', () => {
    const { planted, lists } = generateLists({ seed: 'kinds', people: 300 });
    const kinds = new Set(planted.map(({ kind }) => kind));
    expect(kinds.size).toBe(12);
    for (const kind of kinds) {
      if (kind === 'everywhere') continue;
      const pairs = new Set(planted.filter((one) => one.kind === kind).map((one) => one.lists.join()));
      expect(pairs.size).toBe((lists.length * (lists.length - 1)) / 2);
    }
  });

  it('writes files that others cannot read, and never over another', async () => {
    const { files } = await writeLists(folder, { seed: 'mode' });
    for (const { name } of files) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    await expect(writeLists(folder, { seed: 'mode' })).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it.each([{ people: 99 }, { people: 1.5 }, { people: Number.NaN }, { formats: ['csv' as const] }])(
    'refuses %j',
    (options) => {
      expect(() => generateLists({ seed: '', ...options })).toThrow(
        expect.objectContaining({ code: 'argument.invalid' }),
      );
    },
  );
});

/** All pairs of records on different lists that share an identifier. */
function commonPairs(byList: Derived): Set<string> {
  const pairs = new Set<string>();
  const lists = [...byList];
  lists.forEach(([a, mine], n) => {
    const holders = new Map<string, string[]>();
    for (const [id, identifiers] of mine) {
      for (const identifier of identifiers) holders.set(identifier, [...(holders.get(identifier) ?? []), id]);
    }
    for (const [b, theirs] of lists.slice(n + 1)) {
      for (const [id, identifiers] of theirs) {
        for (const identifier of identifiers) {
          for (const holder of holders.get(identifier) ?? []) pairs.add([a, holder, b, id].join(' '));
        }
      }
    }
  });
  return pairs;
}

describe('spellings that the recipes make the same', () => {
  const choice = new SeededChoice('spellings');
  it.each(['slavic', 'greek'] as const)('%s in its own script', (culture) => {
    for (const given of pools[culture].given) {
      for (let n = 0; n < 40; n++) {
        const name = { ...inventName(choice, culture), given, culture };
        const own = inOrder(inOwnScript(name));
        expect(own).not.toMatch(/[A-Za-z]/);
        expect(nameKey(own), own).toBe(nameKey(inOrder(name)));
      }
    }
  });
  it.each(['nordic', 'iberian', 'sahel'] as const)('%s without diacritics', (culture) => {
    for (let n = 0; n < 300; n++) {
      const name = inventName(choice, culture);
      const plain = inOrder(withoutDiacritics(name));
      expect(plain).toMatch(/^[A-Za-z ]+$/);
      expect(nameKey(plain), plain).toBe(nameKey(inOrder(name)));
    }
  });
});
