/**
 * What stands in a synthetic list, before it takes a publisher's form.
 *
 * Purpose: the shapes between who is invented and how a format writes it.
 * Assumes: nothing.
 * Does not know: formats.
 */
import type { RecipeName } from '@tallystick/protocol/records';
import type { InventedName } from './pools.ts';

export interface Country {
  readonly name: string;
  readonly alpha2: string;
  readonly alpha3: string;
}

export interface EntryDocument {
  readonly kind: 'passport' | 'national-id' | 'other';
  /** Letters of the series, may be empty; each format writes them to the digits in its own way. */
  readonly series: string;
  readonly digits: string;
  readonly country?: Country;
}

export interface EntryBirth {
  readonly kind: 'day' | 'year' | 'circa' | 'range';
  /** `YYYY-MM-DD` for a day, else `YYYY`. */
  readonly from: string;
  readonly to?: string;
}

export interface Entry {
  readonly id: string;
  readonly subject: 'person' | 'organisation';
  /** A person's name, or the name of an organisation. */
  readonly name: InventedName | string;
  /** The name in its own script, beside the primary one. */
  readonly original?: string;
  readonly aliases: readonly string[];
  readonly weakAliases: readonly string[];
  readonly birth?: EntryBirth;
  readonly documents: readonly EntryDocument[];
  readonly country: Country;
}

/** How two or more lists were given one person, or two who only look like one. */
export type PlantKind =
  | 'order'
  | 'diacritics'
  | 'cyrillic'
  | 'greek'
  | 'alias'
  | 'passport'
  | 'everywhere'
  | 'near: a letter off'
  | 'near: other birth year'
  | 'near: weak alias'
  | 'near: other passport'
  | 'near: a name missing';

export interface Planted {
  readonly kind: PlantKind;
  /** Ids of the lists, in order. */
  readonly lists: readonly string[];
  /** List id → the record's id there. */
  readonly records: Readonly<Record<string, string>>;
  /** Recipes under which these records have an identifier in common; none for most near misses. */
  readonly matchUnder: readonly RecipeName[];
  /** Whether a person would say that they are the same. */
  readonly shouldMatch: boolean;
}

export const countries: readonly Country[] = [
  { name: 'Norway', alpha2: 'NO', alpha3: 'NOR' },
  { name: 'Portugal', alpha2: 'PT', alpha3: 'PRT' },
  { name: 'Uruguay', alpha2: 'UY', alpha3: 'URY' },
  { name: 'Ghana', alpha2: 'GH', alpha3: 'GHA' },
  { name: 'Nepal', alpha2: 'NP', alpha3: 'NPL' },
  { name: 'Iceland', alpha2: 'IS', alpha3: 'ISL' },
  { name: 'Republic of Moldova', alpha2: 'MD', alpha3: 'MDA' },
  { name: 'Senegal', alpha2: 'SN', alpha3: 'SEN' },
  { name: 'Jordan', alpha2: 'JO', alpha3: 'JOR' },
  { name: 'Bulgaria', alpha2: 'BG', alpha3: 'BGR' },
  { name: 'Cyprus', alpha2: 'CY', alpha3: 'CYP' },
  { name: 'New Zealand', alpha2: 'NZ', alpha3: 'NZL' },
];
