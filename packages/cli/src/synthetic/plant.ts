/**
 * Overlaps and near misses between lists.
 *
 * Purpose: for every kind, the entries that two or all lists get, and what a true comparison says of them.
 * Assumes: what a World invents is nobody else's.
 * Does not know: formats, except where a list can hold names in other scripts than Latin.
 */
import type { RecipeName } from '@tallystick/protocol/records';
import type { PlantKind } from './entries.ts';
import { inOrder, type InventedName, inOwnScript, withoutDiacritics } from './pools.ts';
import type { NewEntry, World } from './world.ts';

/** Entries for the lists of one plant, in the order of the lists. */
export interface Plant {
  readonly kind: PlantKind;
  readonly entries: readonly NewEntry[];
  readonly matchUnder: readonly RecipeName[];
  readonly shouldMatch: boolean;
}

const byName: readonly RecipeName[] = ['name', 'name+birthyear', 'name+birthdate'];
const byDocument: readonly RecipeName[] = ['document', 'document+country'];

/** Where a list can hold a name in its own script: as the primary one, beside the primary one, as an alias only. */
export type ScriptPlace = 'primary' | 'beside' | 'alias';

interface PlantPlace {
  readonly scripts: readonly [ScriptPlace, ScriptPlace];
}

type Planter = (world: World, place: PlantPlace) => Plant;

/** Same person, names in another order; each format writes the order in its own way. */
const order: Planter = (world) => {
  const name = world.freshName('levant');
  const birth = world.birthDay();
  const turned = { ...name, given: name.family, family: name.given };
  return {
    kind: 'order',
    entries: [world.plain(name, birth), world.plain(turned, birth)],
    matchUnder: byName,
    shouldMatch: true,
  };
};

const diacritics: Planter = (world) => {
  const name = world.freshName(world.choice.chance(50) ? 'nordic' : 'iberian');
  const birth = world.birthDay();
  return {
    kind: 'diacritics',
    entries: [world.plain(withoutDiacritics(name), birth), world.plain(name, birth)],
    matchUnder: byName,
    shouldMatch: true,
  };
};

const ownScript =
  (kind: 'cyrillic' | 'greek'): Planter =>
  (world, { scripts }) => {
    const culture = kind === 'cyrillic' ? 'slavic' : 'greek';
    const name = world.freshName(culture);
    const birth = world.birthDay();
    const own = inOwnScript({ ...name, culture });
    const latin = world.plain(name, birth);
    const inScript = (where: ScriptPlace): NewEntry => {
      if (where === 'primary') return world.plain(own, birth);
      // The primary name is spelt otherwise in Latin letters; the true spelling stands beside it.
      const other = { ...name, family: `${name.family}f` };
      world.claimName(other);
      const entry = world.plain(other, birth);
      return where === 'beside'
        ? { ...entry, original: inOrder(own) }
        : { ...entry, aliases: [inOrder(own)] };
    };
    const [first, second] = scripts;
    const entries =
      second === 'alias' && first !== 'alias' ? [inScript(first), latin] : [latin, inScript(second)];
    return { kind, entries, matchUnder: byName, shouldMatch: true };
  };

const alias: Planter = (world) => {
  const name = world.freshName();
  const birth = world.birthDay();
  const second = { ...world.plain(world.freshName(name.culture), birth), aliases: [inOrder(name)] };
  return {
    kind: 'alias',
    entries: [world.plain(name, birth), second],
    matchUnder: byName,
    shouldMatch: true,
  };
};

const passport: Planter = (world) => {
  const country = world.country();
  const document = world.freshDocument('passport', country);
  const entries = [0, 1].map(() => ({
    ...world.plain(world.freshName(), world.birthDay()),
    documents: [document],
    country,
  }));
  return { kind: 'passport', entries, matchUnder: byDocument, shouldMatch: true };
};

const letterOff: Planter = (world) => {
  const birth = world.birthDay();
  for (;;) {
    const name = world.freshName('sahel');
    const off = { ...name, family: `${name.family}w` };
    if (world.claimName(off)) return nearMiss('near: a letter off', [name, off], world, birth);
  }
};

const nameMissing: Planter = (world) => {
  const birth = world.birthDay();
  for (;;) {
    const name = world.freshName('himalaya');
    if (name.middle === undefined) continue;
    const short: InventedName = { culture: name.culture, given: name.given, family: name.family };
    return nearMiss('near: a name missing', [name, short], world, birth);
  }
};

function nearMiss(
  kind: PlantKind,
  names: readonly InventedName[],
  world: World,
  birth: ReturnType<World['birthDay']>,
): Plant {
  return { kind, entries: names.map((name) => world.plain(name, birth)), matchUnder: [], shouldMatch: false };
}

const otherBirthYear: Planter = (world) => {
  const name = world.freshName();
  const birth = world.birthDay();
  const other = { ...birth, from: String(Number(birth.from.slice(0, 4)) + 7) + birth.from.slice(4) };
  return {
    kind: 'near: other birth year',
    entries: [world.plain(name, birth), world.plain(name, other)],
    matchUnder: ['name'],
    shouldMatch: false,
  };
};

const weakAlias: Planter = (world) => {
  const name = world.freshName();
  const birth = world.birthDay();
  const second = { ...world.plain(world.freshName(name.culture), birth), weakAliases: [inOrder(name)] };
  return {
    kind: 'near: weak alias',
    entries: [world.plain(name, birth), second],
    matchUnder: [],
    shouldMatch: false,
  };
};

const otherPassport: Planter = (world) => {
  const country = world.country();
  const document = world.freshDocument('passport', country);
  const papers = [document, world.neighbour(document)];
  const entries = papers.map((paper) => ({
    ...world.plain(world.freshName(), world.birthDay()),
    documents: [paper],
    country,
  }));
  return { kind: 'near: other passport', entries, matchUnder: [], shouldMatch: false };
};

/** Each is planted between every two lists. */
export const pairPlanters: readonly Planter[] = [
  order,
  diacritics,
  ownScript('cyrillic'),
  ownScript('greek'),
  alias,
  passport,
  letterOff,
  otherBirthYear,
  weakAlias,
  otherPassport,
  nameMissing,
];

/** The same person on every list, with the same passport. */
export function plantEverywhere(world: World, lists: number): Plant {
  const name = world.freshName();
  const birth = world.birthDay();
  const country = world.country();
  const documents = [world.freshDocument('passport', country)];
  return {
    kind: 'everywhere',
    entries: Array.from({ length: lists }, () => ({ ...world.plain(name, birth), documents, country })),
    matchUnder: [...byDocument, ...byName],
    shouldMatch: true,
  };
}
