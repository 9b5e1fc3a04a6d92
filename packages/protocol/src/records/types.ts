/**
 * What a watchlist record is to the recipes, and the names the recipes go by.
 *
 * Purpose: the one shape that importers produce, the vault keeps and recipes read; plain JSON.
 * Assumes: texts are as the publisher wrote them, after the list's own escapes are undone; nothing is normalised.
 * Does not know: file formats, line numbers, where the record came from, who asks.
 */

export type RecordSubject = 'person' | 'organisation' | 'vessel' | 'aircraft' | 'other';

/** What a session or a check looks at; vessels, aircraft and the rest only under `any`. */
export type Subject = 'person' | 'organisation' | 'any';

export const subjects: readonly Subject[] = ['person', 'organisation', 'any'];

/** `low`: the publisher itself calls the name weak; it is kept for the eye and never becomes an identifier. */
export interface RecordName {
  readonly text: string;
  readonly quality: 'good' | 'low';
}

/**
 * One stated date of birth (docs/recipes.md A3). `day`: `from` is `YYYY-MM-DD`; `year` and `circa`: `YYYY`;
 * `range`: from year `from` to year `to`, both `YYYY`, `to` not before `from`. Proleptic Gregorian, 1800 to 2100.
 */
export interface BirthDate {
  readonly kind: 'day' | 'year' | 'circa' | 'range';
  readonly from: string;
  readonly to?: string;
}

export interface RecordDocument {
  readonly kind: 'passport' | 'national-id' | 'other';
  /** As the publisher wrote it, separators and all. */
  readonly number: string;
  /** Issuing country as the publisher wrote it: a name or a code. Absent where unknown. */
  readonly country?: string;
}

/** One entry of a watchlist. */
export interface WatchlistRecord {
  /** The publisher's own id of the entry; unique within a list. */
  readonly id: string;
  readonly subject: RecordSubject;
  readonly names: readonly RecordName[];
  readonly birthDates: readonly BirthDate[];
  readonly documents: readonly RecordDocument[];
  /** By field: what the list says of the entry and a count may be cut by (docs/recipes.md A11); absent: nothing. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
}

export type RecipeName = 'document' | 'document+country' | 'name' | 'name+birthyear' | 'name+birthdate';

/** Version of the recipes: identifiers of two versions are never compared. Stands in every agreement. */
export const recipeVersion = 1;

export const recipeNames: readonly RecipeName[] = [
  'document',
  'document+country',
  'name',
  'name+birthyear',
  'name+birthdate',
];

/** Why a field gave no identifier. `field` is a path such as `names[2]`; `reason` a code; never contents. */
export interface DerivationNote {
  readonly field: string;
  readonly reason: string;
}

/** Identifiers of one record, without repetition, in the order of the recipes and then of the fields. */
export interface Derivation {
  readonly identifiers: string[];
  readonly notes: DerivationNote[];
}

/** One line of `tallystick list explain`: holds contents; for the owner's own eyes only. */
export interface DerivationStep {
  readonly recipe: RecipeName;
  readonly field: string;
  /** What was done: `nfkc`, `casefold`, `transliterate`, `honorifics`, `sort`, … */
  readonly step: string;
  /** The text after the step; or why it stopped here. */
  readonly text: string;
}

export function isRecordOf(record: WatchlistRecord, subject: Subject): boolean {
  return subject === 'any' || record.subject === subject;
}
