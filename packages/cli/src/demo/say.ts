/**
 * What the demonstration says.
 *
 * Purpose: the lists, what is planted, each answer with examples and why, near misses, who learned what.
 * Assumes: every list is synthetic, so both sides of a match may be shown; a real party sees its own side only.
 * Does not know: how answers come about.
 */
import type { StandingAgreement } from '@tallystick/protocol/agreement';
import { deriveIdentifiers, type WatchlistRecord } from '@tallystick/protocol/records';
import type { Answer } from '../local/index.ts';
import type { PlainList } from '../oracle/index.ts';
import {
  count,
  numberText,
  renderCost,
  renderCounts,
  renderLearned,
  renderMatches,
  renderVerification,
  safe,
  type Style,
  table,
} from '../render/index.ts';
import { type DemoLists, demoRecipes, type PlantedCheck, type PlantedPair } from './lists.ts';

const what: Readonly<Record<PlantedPair['kind'], string>> = {
  order: 'names in another order',
  diacritics: 'with and without diacritics',
  cyrillic: 'in Cyrillic and in Latin letters',
  greek: 'in Greek and in Latin letters',
  alias: 'under an alias',
  passport: 'only a passport in common',
  everywhere: 'the same on all lists',
  'near: a letter off': 'a letter off',
  'near: other birth year': 'same name, another birth year',
  'near: weak alias': 'a weak alias, which is never a key',
  'near: other passport': 'another passport number',
  'near: a name missing': 'a middle name missing',
};

export function sayLists(lists: DemoLists, style: Style): string {
  const rows = lists.generated.lists.map((list) => [
    lists.agencyOf.get(list.id) ?? list.id,
    list.format,
    list.files.map((file) => file.name).join(', '),
    numberText(list.records),
  ]);
  const kinds = byKind(lists.generated.planted);
  const planted = [...kinds].map(([kind, all]) => {
    const matches = all.some((one) => one.matchUnder.some((recipe) => demoRecipes.includes(recipe)));
    return [what[kind], numberText(all.length), matches ? 'must match' : style.dim('must not match')];
  });
  return [
    style.bold('Three synthetic lists; nobody on them exists'),
    ...table(['agency', 'format', 'files', 'records'], rows, ['left', 'left', 'left', 'right'], style),
    '',
    style.bold('Planted between them'),
    ...table(['a person', 'times', ''], planted, ['left', 'right', 'left'], style),
    `  Compared are passports and national identity documents, and names with the year of birth`,
    `  (recipes ${demoRecipes.join(', ')}).`,
    '',
    '',
  ].join('\n');
}

export function sayDirect(
  done: Answer,
  plain: readonly PlainList[],
  planted: PlantedCheck,
  style: Style,
  columns: number,
): string {
  const [a, b] = done.result.parties.map((party) => party.id) as [string, string];
  const records = new Map(plain.map((list) => [list.id, list.byId]));
  return [
    style.bold(`1. Which of its own records does ${a} have in common with ${b}, and ${b} with ${a}?`),
    ...renderMatches(done.result, style),
    '',
    `  One example of each kind, both sides of which only this demonstration can show:`,
    ...examples(planted.pairs, [a, b], records, done, style),
    '',
    '  Near misses, none of which matched:',
    ...nearMisses(planted.pairs, [a, b], records, done, style),
    '',
    style.bold('  Who learned what'),
    ...renderLearned(done.result, style, columns),
    '',
    `  ${renderCost(done.result)}`,
    ...renderVerification(done.result, columns - 2).map((line) => `  ${line}`),
    '',
    '',
  ].join('\n');
}

type Records = ReadonlyMap<string, ReadonlyMap<string, WatchlistRecord>>;

function examples(
  pairs: readonly PlantedPair[],
  [a, b]: readonly [string, string],
  records: Records,
  done: Answer,
  style: Style,
): string[] {
  const rows = firstOfEachKind(pairs.filter((pair) => pair.matches)).map((pair) => {
    const mine = done.matched.get(a)?.find((record) => record.id === pair.records.get(a));
    const through = mine?.matched[0];
    const names = [nameIn(records, a, pair, through), nameIn(records, b, pair, through)];
    return [...names, what[pair.kind], through ?? style.bad('did not match')];
  });
  return table([a, b, 'planted', 'matched through'], rows, ['left', 'left', 'left', 'left'], style);
}

function nearMisses(
  pairs: readonly PlantedPair[],
  [a, b]: readonly [string, string],
  records: Records,
  done: Answer,
  style: Style,
): string[] {
  const rows = firstOfEachKind(pairs.filter((pair) => !pair.matches)).map((pair) => {
    const matched = done.matched.get(a)?.some((record) => record.id === pair.records.get(a)) ?? false;
    return [
      nameIn(records, a, pair),
      nameIn(records, b, pair),
      what[pair.kind],
      matched ? style.bad('MATCHED') : '',
    ];
  });
  return table([a, b, 'planted', ''], rows, ['left', 'left', 'left', 'left'], style);
}

function byKind<T extends { readonly kind: PlantedPair['kind'] }>(all: readonly T[]): Map<T['kind'], T[]> {
  const groups = new Map<T['kind'], T[]>();
  for (const one of all) groups.set(one.kind, [...(groups.get(one.kind) ?? []), one]);
  return groups;
}

function firstOfEachKind(pairs: readonly PlantedPair[]): PlantedPair[] {
  return [...byKind(pairs).values()].map((all) => all[0] as PlantedPair);
}

const longestName = 30;

/** The name that gave the identifier; the first one where none did. */
function nameIn(records: Records, agency: string, pair: PlantedPair, through?: string): string {
  const record = records.get(agency)?.get(pair.records.get(agency) ?? '');
  if (record === undefined) return '?';
  const giving = record.names.find(
    (name) =>
      through !== undefined &&
      deriveIdentifiers({ ...record, names: [name], documents: [] }, demoRecipes).identifiers.includes(
        through,
      ),
  );
  return safe((giving ?? record.names[0])?.text ?? '?', longestName);
}

export function saySealed(done: Answer, style: Style, columns: number): string {
  const everywhere = done.result.counts?.at(-1);
  return [
    style.bold('2. How many identifiers are on each combination of the three lists?'),
    ...renderCounts(done.result, style),
    `  ${count(everywhere?.exactly ?? 0, 'identifier')} on all three; which, nobody has learned.`,
    '',
    style.bold('  Who learned what'),
    ...renderLearned(done.result, style, columns),
    '',
    `  ${renderCost(done.result)}`,
    ...renderVerification(done.result, columns - 2).map((line) => `  ${line}`),
    '',
    '',
  ].join('\n');
}

export function sayAgreement(
  { title, parties, oversight }: StandingAgreement,
  id: string,
  style: Style,
): string {
  return [
    style.bold('An agreement, signed by everybody'),
    `  ${title}; id ${id.slice(0, 16)}…`,
    `  by ${[...parties, ...oversight].map((one) => one.id).join(', ')}, with this run's own keys: it shows what an`,
    `  agreement permits, it is nobody's consent. Nothing below runs that it does not permit.`,
    '',
    '',
  ].join('\n');
}

/** @param lines of `denialLines`; undefined: it was not denied. */
export function sayDenied(lines: readonly string[] | undefined, style: Style): string {
  return [
    style.bold('3. The same two lists again, for mass screening?'),
    ...(lines ?? [style.bad('  it was NOT denied')]),
    ...(lines === undefined
      ? []
      : ['  Nothing was asked of anybody, and nothing derived from a list has left.']),
    '',
    '',
  ].join('\n');
}

export function sayVerdict(equal: boolean, style: Style): string {
  return equal
    ? `${style.good('Both answers equal the plaintext answers; the planted people matched, all and no others; every log verifies.')}\n`
    : `${style.bad('The answers DIFFER from the plaintext answers.')}\n`;
}
