/**
 * The oracle's recipes and plaintext answers.
 *
 * Purpose: sections B5 and B6 of docs/recipes.md, and the answers that a session must reproduce.
 * Assumes: records of the oracle's own shape.
 * Does not know: the product, cryptography.
 */
import type { OracleRecord } from './fields.ts';
import { countryCode, documentNumber, hasForbidden, nameKey } from './text.ts';

export type OracleRecipe = 'document' | 'document+country' | 'name' | 'name+birthyear' | 'name+birthdate';

/** What a recipe reads of a record. */
export type OracleSource = Pick<OracleRecord, 'id' | 'names' | 'birthDates' | 'documents'>;

/**
 * The identifiers of one record under one or more recipes (docs/recipes.md B6).
 *
 * @throws RangeError `text.codepoint` where the record holds a forbidden code point.
 */
export function oracleIdentifiers(
  record: OracleSource,
  recipes: OracleRecipe | readonly OracleRecipe[],
): Set<string> {
  const texts = [record.id, ...record.names.map((n) => n.text)];
  for (const d of record.documents) texts.push(d.number, d.country ?? '');
  if (texts.some(hasForbidden)) throw new RangeError('text.codepoint');
  const out = new Set<string>();
  const keys = new Set<string>();
  for (const name of record.names) {
    const key = name.quality === 'good' ? nameKey(name.text) : undefined;
    if (key !== undefined) keys.add(key);
  }
  for (const recipe of [recipes].flat() as OracleRecipe[]) {
    if (recipe === 'document' || recipe === 'document+country') {
      for (const d of record.documents) {
        const number = d.kind === 'other' ? undefined : documentNumber(d.number);
        if (number === undefined) continue;
        const country = d.country === undefined ? undefined : countryCode(d.country);
        if (recipe === 'document') out.add(`${d.kind}:${number}`);
        else if (country !== undefined) out.add(`${d.kind}:${country}:${number}`);
      }
      continue;
    }
    for (const key of keys) {
      if (recipe === 'name') out.add(`name:${key}`);
      for (const date of record.birthDates) {
        if (recipe === 'name+birthdate' && date.type === 'day') out.add(`name+birthdate:${key}:${date.date}`);
        if (recipe !== 'name+birthyear' || date.type === 'range') continue;
        out.add(`name+birthyear:${key}:${date.type === 'day' ? date.date.slice(0, 4) : date.year}`);
      }
    }
  }
  return out;
}

/** A list as a session sees it: its party's id and each record's identifiers. */
export interface OracleParty {
  id: string;
  records: { id: string; identifiers: ReadonlySet<string> }[];
}

/** The union of the records' identifiers. */
export function identifiersOf(party: OracleParty): Set<string> {
  const all = new Set<string>();
  for (const r of party.records) for (const i of r.identifiers) all.add(i);
  return all;
}

/** Which of `mine` are also in `theirs`: ids of my records that match, and the identifiers in common. */
export function oracleMatches(
  mine: OracleParty,
  theirs: OracleParty,
): { records: Set<string>; identifiers: Set<string> } {
  const other = identifiersOf(theirs);
  const records = new Set<string>();
  const identifiers = new Set<string>();
  for (const r of mine.records) {
    for (const i of r.identifiers) {
      if (!other.has(i)) continue;
      records.add(r.id);
      identifiers.add(i);
    }
  }
  return { records, identifiers };
}

/**
 * Of one list among several: record → its identifiers on at least so many lists, each with the other lists that hold it.
 */
export function oracleMatchesAmong(
  mine: OracleParty,
  parties: readonly OracleParty[],
  least: number,
): Map<string, Map<string, Set<string>>> {
  const others = parties.filter((party) => party.id !== mine.id);
  const held = others.map((party) => ({ id: party.id, identifiers: identifiersOf(party) }));
  const found = new Map<string, Map<string, Set<string>>>();
  for (const record of mine.records) {
    for (const identifier of record.identifiers) {
      const on = held.filter(({ identifiers }) => identifiers.has(identifier)).map(({ id }) => id);
      if (on.length + 1 < least) continue;
      const own = found.get(record.id) ?? new Map<string, Set<string>>();
      found.set(record.id, own.set(identifier, new Set(on)));
    }
  }
  return found;
}

/** How many identifiers are on at least one list, on at least two, … on all. The first is the union. */
export function oracleInAtLeast(parties: readonly OracleParty[]): number[] {
  const lists = parties.map(identifiersOf);
  const all = new Set(lists.flatMap((list) => [...list]));
  return lists.map(
    (_, t) => [...all].filter((one) => lists.filter((list) => list.has(one)).length > t).length,
  );
}

/** One combination of parties, in their order. */
export interface OracleCount {
  in: string[];
  /** Identifiers on those lists and no others. */
  exactly: number;
  /** Identifiers on those lists and maybe more. */
  atLeast: number;
}

/**
 * Counts for every non-empty combination of two to ten parties, in order of the bit pattern (party 0 is bit 0).
 *
 * @throws RangeError for another number of parties.
 */
export function oracleCounts(parties: readonly OracleParty[]): OracleCount[] {
  if (parties.length < 2 || parties.length > 10) throw new RangeError('parties: want 2 to 10');
  const where = new Map<string, number>();
  parties.forEach((party, p) => {
    for (const i of identifiersOf(party)) where.set(i, (where.get(i) ?? 0) | (1 << p));
  });
  const patterns = [...where.values()];
  const counts: OracleCount[] = [];
  for (let mask = 1; mask < 1 << parties.length; mask++) {
    counts.push({
      in: parties.filter((_, p) => (mask >> p) & 1).map((party) => party.id),
      exactly: patterns.filter((w) => w === mask).length,
      atLeast: patterns.filter((w) => (w & mask) === mask).length,
    });
  }
  return counts;
}

export type OracleOutput = { kind: 'matches'; to: readonly string[] } | { kind: 'counts' };

/** The answer that a session over these lists must give. `matches` is null for a party that receives none. */
export interface OracleAnswer {
  matches: Record<string, { records: Set<string>; identifiers: Set<string> } | null>;
  counts: OracleCount[] | null;
}

/**
 * The plaintext answer: matches for each receiver of two parties, or counts for two to ten.
 *
 * @throws RangeError for a number of parties that the output does not allow.
 */
export function plaintextAnswer(lists: readonly OracleParty[], output: OracleOutput): OracleAnswer {
  const matches: OracleAnswer['matches'] = {};
  for (const party of lists) matches[party.id] = null;
  if (output.kind === 'counts') return { matches, counts: oracleCounts(lists) };
  const [a, b] = lists;
  if (!a || !b || lists.length !== 2) throw new RangeError('parties: want 2 for matches');
  if (output.to.includes(a.id)) matches[a.id] = oracleMatches(a, b);
  if (output.to.includes(b.id)) matches[b.id] = oracleMatches(b, a);
  return { matches, counts: null };
}
