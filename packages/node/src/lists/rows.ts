/**
 * What all importers do alike to a row.
 *
 * Purpose: squeeze texts; put the faults of a row in their order; refuse what recipes could not take.
 * Assumes: docs/recipes.md A1, A9.
 * Does not know: formats.
 */
import {
  forbiddenField,
  type RecordDocument,
  type RecordName,
  type WatchlistRecord,
} from '@tallystick/protocol/records';
import type { CompanionEvent, RejectedEvent, RejectReason, RowEvent } from './events.ts';

const wideSpace = /[^\S ]|\s\s/;

/** Trims, and makes every run of white space one space. */
export function squeeze(text: string): string {
  const trimmed = text.trim();
  return wideSpace.test(trimmed) ? trimmed.replace(/\s+/g, ' ') : trimmed;
}

/** A row's place, from which its outcome is made. */
export interface RowPlace {
  readonly line: number;
  readonly file: string;
}

export function rejected(place: RowPlace, reason: RejectReason, field: string): RejectedEvent {
  return { type: 'rejected', line: place.line, file: place.file, reason, field };
}

export function companion(place: RowPlace): CompanionEvent {
  return { type: 'companion', line: place.line, file: place.file };
}

/** U+FFFD: what an earlier conversion leaves where it lost a character. */
function isDamaged(text: string): boolean {
  return text.includes('\uFFFD');
}

/** A good name, or a low one where the text is damaged or the publisher says so; undefined where it is empty. */
export function readName(text: string, quality: RecordName['quality'] = 'good'): RecordName | undefined {
  const squeezed = squeeze(text);
  if (squeezed === '') return undefined;
  return { text: squeezed, quality: isDamaged(squeezed) ? 'low' : quality };
}

/** A document; undefined where the number is empty or damaged. */
export function readDocument(
  kind: RecordDocument['kind'],
  numberText: string,
  countryText: string,
): RecordDocument | undefined {
  const number = squeeze(numberText);
  if (number === '' || isDamaged(number)) return undefined;
  const country = squeeze(countryText);
  return country === '' || isDamaged(country) ? { kind, number } : { kind, number, country };
}

/** What a record is labelled with: squeezed, each once, empty ones left out; nothing where nothing is left. */
export function readLabels(
  fields: Readonly<Record<string, readonly string[]>>,
): Pick<WatchlistRecord, 'labels'> {
  const labels = Object.entries(fields).flatMap(([field, texts]) => {
    const values = [...new Set(texts.map(squeeze))].filter((text) => text !== '');
    return values.length === 0 ? [] : [[field, values] as const];
  });
  return labels.length === 0 ? {} : { labels: Object.fromEntries(labels) };
}

/**
 * The outcome of a row of which everything but the last checks is known: repeated id, no name, damage, a bad date,
 * a forbidden code point, in this order. Adds the id to `seen` where the row becomes a record.
 * @param badDate the field with the date that the grammar refuses, if there is one.
 */
export function settle(
  place: RowPlace,
  record: WatchlistRecord,
  seen: Set<string>,
  badDate: string | undefined,
): RowEvent {
  if (seen.has(record.id)) return rejected(place, 'row.id-repeated', 'id');
  if (record.names.length === 0) return rejected(place, 'row.no-name', 'name');
  if (isDamaged(record.id)) return rejected(place, 'row.encoding', 'id');
  if (record.names.every((name) => isDamaged(name.text))) return rejected(place, 'row.encoding', 'name');
  if (badDate !== undefined) return rejected(place, 'row.date', badDate);
  const forbidden = forbiddenField(record);
  if (forbidden !== undefined) return rejected(place, 'row.codepoint', forbidden);
  seen.add(record.id);
  return { type: 'record', line: place.line, record };
}
