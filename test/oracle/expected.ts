/**
 * Identifiers written out by hand, for the oracle's tests and the product's.
 *
 * Purpose: one place that reads expected-identifiers.json and says what its fields mean.
 * Assumes: the file is well-formed.
 * Does not know: any implementation; `expectedIdentifiers` is data.
 */
import { readFileSync } from 'node:fs';
import type { OracleRecipe, OracleSource } from './answers.ts';
import type { OracleDate } from './fields.ts';

/** One record of the file. `names` are good, `low` are low; `documents` are [kind, number, country?]. */
export type ExpectedIdentifiers = {
  id: string;
  why: string;
  names: string[];
  low?: string[];
  born?: ({ day: string } | { year: number } | { circa: number } | { range: [number, number] })[];
  documents?: (
    | ['passport' | 'national-id' | 'other', string]
    | ['passport' | 'national-id' | 'other', string, string]
  )[];
} & ({ fails: string } | { expect: Partial<Record<OracleRecipe, string[]>> });

/** The records of expected-identifiers.json. A recipe that is absent from `expect` gives no identifier. */
export const expectedIdentifiers: readonly ExpectedIdentifiers[] = JSON.parse(
  readFileSync(new URL('./expected-identifiers.json', import.meta.url), 'utf8'),
).records;

function dateOf(born: NonNullable<ExpectedIdentifiers['born']>[number]): OracleDate {
  if ('day' in born) return { type: 'day', date: born.day };
  if ('year' in born) return { type: 'year', year: born.year };
  if ('circa' in born) return { type: 'circa', year: born.circa };
  return { type: 'range', from: born.range[0], to: born.range[1] };
}

/** A vector as a record of the oracle. */
export function oracleRecordOf(vector: ExpectedIdentifiers): OracleSource {
  return {
    id: vector.id,
    names: [
      ...vector.names.map((text) => ({ text, quality: 'good' as const })),
      ...(vector.low ?? []).map((text) => ({ text, quality: 'low' as const })),
    ],
    birthDates: (vector.born ?? []).map(dateOf),
    documents: (vector.documents ?? []).map(([kind, number, country]) =>
      country === undefined ? { kind, number } : { kind, number, country },
    ),
  };
}
