/**
 * Synthetic watchlists with known answers.
 *
 * Purpose: lists for the demonstration, examples and tests, in publishers' own formats, from a printed seed.
 * Assumes: the people exist nowhere; the randomness is repeatable and for demonstration only.
 * Does not know: the protocol; what a session will say.
 */
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListFormat } from '@tallystick/node/lists';
import { TallyError } from '@tallystick/protocol/errors';
import type { RecipeName } from '@tallystick/protocol/records';
import type { Entry, Planted } from './entries.ts';
import { type Plant, pairPlanters, plantEverywhere, type ScriptPlace } from './plant.ts';
import { SeededChoice } from './prng.ts';
import { type NewEntry, World } from './world.ts';
import type { ListFileText, SpoiltRow, WrittenList } from './write.ts';
import { writeCsv } from './write-csv.ts';
import { writeFtm } from './write-ftm.ts';
import { writeOfac } from './write-ofac.ts';
import { writeUn } from './write-un.ts';

export interface GenerateOptions {
  readonly seed: string;
  /** People on each list, 100 to 100,000; organisations come on top, one to twenty people. */
  readonly people?: number;
  /** One list each, 2 to 5; a format that comes again gets a numbered id. */
  readonly formats?: readonly ListFormat[];
  /** ISO 8601: what lists that state their date state. */
  readonly listDate?: string;
}

export interface SyntheticList {
  /** `ofac`, `un`, `ftm` or `csv`, numbered from the second on: `csv-2`. */
  readonly id: string;
  readonly format: ListFormat;
  /** Folder of its own under the target folder. */
  readonly folder: string;
  /** The file that an importer is given, within `folder`. */
  readonly main: string;
  readonly files: readonly ListFileText[];
  readonly spoilt: SpoiltRow;
  readonly records: number;
}

export interface SyntheticLists {
  readonly lists: readonly SyntheticList[];
  /** All files of all lists, by their path under the target folder. */
  readonly files: readonly ListFileText[];
  readonly planted: readonly Planted[];
}

const minPeople = 100;
const maxPeople = 100_000;
const defaultFormats: readonly ListFormat[] = ['ofac-sdn', 'un-consolidated', 'ftm'];
const shortNames: Readonly<Record<ListFormat, string>> = {
  'ofac-sdn': 'ofac',
  'un-consolidated': 'un',
  ftm: 'ftm',
  csv: 'csv',
};
const firstIds: Readonly<Record<ListFormat, number>> = {
  'ofac-sdn': 20_001,
  'un-consolidated': 6_900_001,
  ftm: 1,
  csv: 1,
};
const scriptPlaces: Readonly<Record<ListFormat, ScriptPlace>> = {
  'ofac-sdn': 'alias',
  'un-consolidated': 'beside',
  ftm: 'primary',
  csv: 'primary',
};

/**
 * The same options give the same texts.
 * @throws TallyError argument.invalid (people or formats out of bounds).
 */
export function generateLists(options: GenerateOptions): SyntheticLists {
  const people = options.people ?? 300;
  const formats = options.formats ?? defaultFormats;
  if (!Number.isInteger(people) || people < minPeople || people > maxPeople) {
    throw new TallyError('argument.invalid', `people: want ${minPeople} to ${maxPeople}, got ${people}`);
  }
  if (formats.length < 2 || formats.length > 5) {
    throw new TallyError('argument.invalid', `formats: want 2 to 5, got ${formats.length}`);
  }
  const world = new World(new SeededChoice(options.seed));
  const names = numbered(formats.map((format) => shortNames[format]));
  const { shelves, plants } = fillShelves(world, formats, people);
  const ids = new Map<NewEntry, string>();
  const lists = shelves.map((shelf, n): SyntheticList => {
    const format = formats[n] as ListFormat;
    const id = names[n] as string;
    const entries = world.choice.shuffled(shelf).map((entry, at): Entry => {
      const entryId = format === 'ftm' ? `demo-${firstIds[format] + at}` : String(firstIds[format] + at);
      ids.set(entry, entryId);
      return { ...entry, id: entryId };
    });
    const written = write(format, entries, options.listDate ?? '2025-01-01T00:00:00Z');
    return { id, format, folder: id, records: entries.length, ...written };
  });
  return {
    lists,
    files: lists.flatMap(({ folder, files }) =>
      files.map(({ name, text }) => ({ name: `${folder}/${name}`, text })),
    ),
    planted: plants.map((placed) => describe(placed, names, ids)),
  };
}

/** Whether a plant shows under any of these recipes. */
export function matchesUnder(planted: Planted, recipes: readonly RecipeName[]): boolean {
  return planted.matchUnder.some((recipe) => recipes.includes(recipe));
}

/**
 * Writes all files under a folder, which is made; files have mode 0600 and must not exist yet.
 * @returns what generateLists gives.
 * @throws TallyError argument.invalid; file system errors as they are.
 */
export async function writeLists(folder: string, options: GenerateOptions): Promise<SyntheticLists> {
  const generated = generateLists(options);
  for (const list of generated.lists) {
    await mkdir(join(folder, list.folder), { recursive: true, mode: 0o700 });
  }
  for (const { name, text } of generated.files) {
    const handle = await open(join(folder, name), 'wx', 0o600);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  }
  return generated;
}

interface PlacedPlant {
  readonly plant: Plant;
  /** Index of the list of each entry. */
  readonly places: readonly number[];
}

interface Shelves {
  readonly shelves: NewEntry[][];
  readonly plants: PlacedPlant[];
}

function fillShelves(world: World, formats: readonly ListFormat[], people: number): Shelves {
  const shelves: NewEntry[][] = formats.map(() => []);
  const plants: PlacedPlant[] = [];
  const place = (plant: Plant, places: readonly number[]): void => {
    plants.push({ plant, places });
    plant.entries.forEach((entry, n) => shelves[places[n] as number]?.push(entry));
  };
  const everyList = formats.map((_, n) => n);
  const pairs = everyList.flatMap((a) => everyList.slice(a + 1).map((b) => [a, b] as const));
  // A third of a list is planted at most, or one round of pairs, whichever is more.
  const perRound = pairPlanters.length * (formats.length - 1) + 1;
  const rounds = Math.max(1, Math.floor(people / 3 / perRound));
  for (let round = 0; round < rounds; round++) {
    for (const [a, b] of pairs) {
      for (const planter of pairPlanters) {
        const scripts = [
          scriptPlaces[formats[a] as ListFormat],
          scriptPlaces[formats[b] as ListFormat],
        ] as const;
        place(planter(world, { scripts }), [a, b]);
      }
    }
    place(plantEverywhere(world, formats.length), everyList);
  }
  for (const shelf of shelves) {
    while (shelf.length < people) shelf.push(world.filler());
    for (let n = 0; n < people / 20; n++) shelf.push(world.organisation());
  }
  return { shelves, plants };
}

function describe(
  { plant, places }: PlacedPlant,
  names: readonly string[],
  ids: ReadonlyMap<NewEntry, string>,
): Planted {
  const lists = places.map((place) => names[place] as string);
  const records = Object.fromEntries(
    plant.entries.map((entry, n) => [lists[n] as string, ids.get(entry) as string]),
  );
  return { kind: plant.kind, lists, records, matchUnder: plant.matchUnder, shouldMatch: plant.shouldMatch };
}

function write(format: ListFormat, entries: readonly Entry[], listDate: string): WrittenList {
  switch (format) {
    case 'ofac-sdn':
      return writeOfac(entries);
    case 'un-consolidated':
      return writeUn(entries, listDate);
    case 'ftm':
      return writeFtm(entries);
    case 'csv':
      return writeCsv(entries);
  }
}

function numbered(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return names.map((name) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  });
}
