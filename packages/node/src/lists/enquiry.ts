/**
 * A person's own data as a record: a list of one.
 *
 * Purpose: the same readers of names, dates and documents as for lists, over a small JSON text.
 * Assumes: nothing. Does not know: who the person is said to be, recipes.
 */
import { TallyError } from '@tallystick/protocol/errors';
import type { WatchlistRecord } from '@tallystick/protocol/records';
import { z } from 'zod';
import { readBirthDate } from './dates.ts';
import { kindOfLabel } from './document-kinds.ts';
import { readDocument, readName, squeeze } from './rows.ts';

const text = z.string().min(1).max(500);
const schema = z.strictObject({
  names: z.array(text).max(64).optional(),
  birthDates: z.array(text).max(16).optional(),
  documents: z
    .array(z.strictObject({ kind: text.optional(), country: text.optional(), number: text }))
    .max(64)
    .optional(),
});

/** A person's data are a few lines; more is no enquiry. */
export const maxEnquiryBytes = 64 * 1024;

/** Throws `list.format` naming the field, never what stands there. */
export function parseEnquiry(json: string): WatchlistRecord {
  const refuse = (field: string, why: string): never => {
    throw new TallyError('list.format', `enquiry.${field}: ${why}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return refuse('', 'want JSON with names, birthDates, documents');
  }
  const checked = schema.safeParse(value);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    return refuse(issue?.path.join('.') ?? '', issue?.code ?? 'invalid');
  }
  const { names = [], birthDates = [], documents = [] } = checked.data;
  return {
    id: 'enquiry',
    subject: 'person',
    names: names.map((one, i) => readName(one) ?? refuse(`names.${i}`, 'not a name')),
    birthDates: birthDates.map(
      (one, i) => readBirthDate(squeeze(one)) ?? refuse(`birthDates.${i}`, 'not a date of birth'),
    ),
    documents: documents.map(({ kind, number, country }, i) => {
      const label = squeeze(kind ?? 'passport');
      const read = readDocument(kindOfLabel(label), number, country ?? '');
      return read ?? refuse(`documents.${i}.number`, 'not a document number');
    }),
  };
}
