/**
 * What OFAC writes into the remarks of an entry (docs/recipes.md A5).
 *
 * Purpose: weak aliases, dates of birth and documents out of one text.
 * Assumes: items are separated by `;`.
 * Does not know: rows, companions.
 */
import type { BirthDate, RecordDocument, RecordName } from '@tallystick/protocol/records';
import { readBirthDate } from './dates.ts';
import { bareNumber } from './document-kinds.ts';
import { readDocument, readName, squeeze } from './rows.ts';

const aliasForm = /^[afn]\.k\.a\. (['"])(.*)\1$/i;
const countryForm = / \(([^()]*)\)(?=$| issued| expires| expired)/g;

const documentForms: readonly { readonly kind: RecordDocument['kind']; readonly form: RegExp }[] = [
  { kind: 'passport', form: /^(?:[A-Z][A-Za-z.]* ){0,4}Passport\b(?: Booklet| No\.| Number)?:? ?/ },
  { kind: 'national-id', form: /^(?:Tazkira )?National ID(?: Card)?(?: No\.)?:? / },
  { kind: 'national-id', form: /^Cedula No\.:? / },
  { kind: 'national-id', form: /^D\.N\.I\.:? / },
  { kind: 'national-id', form: /^(?:[A-Z][a-z]+ )?Personal ID(?: Card)?(?: No\.)?:? / },
  { kind: 'national-id', form: /^(?!(?:Tax|Refugee|Voter|Military|Student) )[A-Z][a-z]+ ID No\.:? / },
  { kind: 'national-id', form: /^Citizen's Card Number:? / },
  { kind: 'national-id', form: /^(?:Turkish )?Identific(?:i)?ation Number:? / },
];

/** OFAC cuts remarks at this length, in UTF-16 units, within a number or anything else. */
const cutAt = 1000;

/** Remarks that nothing continues, without the item that was cut; a whole remark ends with a full stop. */
export function dropCutItem(remarks: string): string {
  if (remarks.length !== cutAt || remarks.trimEnd().endsWith('.')) return remarks;
  return remarks.slice(0, remarks.lastIndexOf(';') + 1);
}

export interface Remarks {
  readonly names: readonly RecordName[];
  readonly birthDates: readonly BirthDate[];
  readonly documents: readonly RecordDocument[];
  /** Whether a `DOB` item holds what the grammar refuses. */
  readonly badDate: boolean;
}

/** @param person whether dates of birth and documents are looked for. */
export function readRemarks(remarks: string, person: boolean): Remarks {
  const names: RecordName[] = [];
  const birthDates: BirthDate[] = [];
  const documents: RecordDocument[] = [];
  let badDate = false;
  for (const piece of remarks.split(';')) {
    const item = squeeze(
      squeeze(piece)
        .replace(/\.$/, '')
        .replace(/^alt\. /i, ''),
    );
    if (item === '') continue;
    const alias = aliasForm.exec(item)?.[2];
    if (alias !== undefined) {
      const name = readName(alias, 'low');
      if (name !== undefined) names.push(name);
    } else if (!person) continue;
    else if (item.startsWith('DOB ')) {
      const date = readBirthDate(squeeze(item.slice(4)));
      if (date === undefined) badDate = true;
      else birthDates.push(date);
    } else {
      const document = readPaper(item);
      if (document !== undefined) documents.push(document);
    }
  }
  return { names, birthDates, documents, badDate };
}

function readPaper(item: string): RecordDocument | undefined {
  for (const { kind, form } of documentForms) {
    const match = form.exec(item);
    if (match === null) continue;
    const tail = item.slice(match[0].length);
    const country = [...tail.matchAll(countryForm)].at(-1);
    const bare = bareNumber(country === undefined ? tail : tail.slice(0, country.index));
    return bare === undefined ? undefined : readDocument(kind, bare.number, country?.[1] ?? '');
  }
  return undefined;
}
