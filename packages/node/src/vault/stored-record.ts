/**
 * Records as they are kept in a list's pieces: arrays without names of fields.
 *
 * Purpose: a session opens every record of its list; without the names parsing takes little more than half the time.
 * Assumes: what is unpacked was packed here: pieces are sealed by this vault. Does not know: pieces, recipes.
 */
import type { BirthDate, RecordDocument, RecordName, WatchlistRecord } from '@tallystick/protocol/records';

type Flat = readonly (string | null)[];

/** Id, subject, names by two (text, quality), dates by three (kind, from, to), documents by three (kind, number, country), labels. */
export type StoredRecord = readonly [
  id: string,
  subject: string,
  names: Flat,
  birthDates: Flat,
  documents: Flat,
  labels?: WatchlistRecord['labels'],
];

/** A field that a record gains must be packed too: this does not compile where one is forgotten. */
function nothingElse(_rest: Record<string, never>): void {}

export function packRecord(record: WatchlistRecord): StoredRecord {
  const { id, subject, names, birthDates, documents, labels, ...rest } = record;
  nothingElse(rest);
  const flatNames = names.flatMap(({ text, quality, ...other }) => {
    nothingElse(other);
    return [text, quality];
  });
  const flatDates = birthDates.flatMap(({ kind, from, to, ...other }) => {
    nothingElse(other);
    return [kind, from, to ?? null];
  });
  const flatDocuments = documents.flatMap(({ kind, number, country, ...other }) => {
    nothingElse(other);
    return [kind, number, country ?? null];
  });
  const stored = [id, subject, flatNames, flatDates, flatDocuments] as const;
  return labels === undefined ? stored : [...stored, labels];
}

export function unpackRecord(stored: StoredRecord): WatchlistRecord {
  const [id, subject, flatNames, flatDates, flatDocuments, labels] = stored;
  const names: unknown[] = [];
  for (let i = 0; i < flatNames.length; i += 2) names.push({ text: flatNames[i], quality: flatNames[i + 1] });
  const birthDates: unknown[] = [];
  for (let i = 0; i < flatDates.length; i += 3) {
    const [kind, from, to] = [flatDates[i], flatDates[i + 1], flatDates[i + 2]];
    birthDates.push(to === null ? { kind, from } : { kind, from, to });
  }
  const documents: unknown[] = [];
  for (let i = 0; i < flatDocuments.length; i += 3) {
    const [kind, number, country] = [flatDocuments[i], flatDocuments[i + 1], flatDocuments[i + 2]];
    documents.push(country === null ? { kind, number } : { kind, number, country });
  }
  const record = {
    id,
    subject: subject as WatchlistRecord['subject'],
    names: names as RecordName[],
    birthDates: birthDates as BirthDate[],
    documents: documents as RecordDocument[],
  };
  return labels === undefined ? record : { ...record, labels };
}
