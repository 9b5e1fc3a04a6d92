/**
 * From a record to its identifiers (docs/recipes.md B6).
 *
 * Purpose: the recipes, by name; the same record gives the same bytes on every node.
 * Assumes: checkUnicode has passed on this engine.
 * Does not know: lists, files, sessions; what happens to an identifier.
 */
import { TallyError } from '../errors/index.ts';
import { resolveCountry } from './countries.ts';
import { documentNumber, nameKey } from './names.ts';
import {
  type Derivation,
  type DerivationNote,
  type RecipeName,
  recipeNames,
  type WatchlistRecord,
} from './types.ts';
import { hasForbidden } from './unicode.ts';

/**
 * @param value a recipe's name, or a non-empty array of names.
 * @returns the names without repetition, in the order of `recipeNames`, so that equal choices are equal values.
 * @throws TallyError recipe.unknown
 */
export function parseRecipes(value: unknown): RecipeName[] {
  const asked: unknown[] = Array.isArray(value) ? value : [value];
  if (asked.length === 0) throw new TallyError('recipe.unknown', 'recipe: want at least one name, got none');
  asked.forEach((name, n) => {
    if (!recipeNames.includes(name as RecipeName)) {
      const field = Array.isArray(value) ? `recipe[${n}]` : 'recipe';
      throw new TallyError(
        'recipe.unknown',
        `${field}: want one of ${recipeNames.join(', ')}, got another value`,
      );
    }
  });
  return recipeNames.filter((name) => asked.includes(name));
}

/** The first field whose text holds a forbidden code point (docs/recipes.md B1); undefined where none does. */
export function forbiddenField(record: WatchlistRecord): string | undefined {
  if (hasForbidden(record.id)) return 'id';
  for (let n = 0; n < record.names.length; n++) {
    if (hasForbidden(record.names[n]?.text ?? '')) return `names[${n}]`;
  }
  for (let n = 0; n < record.documents.length; n++) {
    const document = record.documents[n];
    if (hasForbidden(document?.number ?? '')) return `documents[${n}].number`;
    if (hasForbidden(document?.country ?? '')) return `documents[${n}].country`;
  }
  return undefined;
}

/**
 * All identifiers of a record under the recipes, each once. What gave none is named in `notes`, by field and reason.
 * @throws TallyError text.codepoint where an id, name, number or country holds a forbidden code point.
 */
export function deriveIdentifiers(record: WatchlistRecord, recipes: readonly RecipeName[]): Derivation {
  const forbidden = forbiddenField(record);
  if (forbidden !== undefined) {
    throw new TallyError(
      'text.codepoint',
      `${forbidden}: holds a code point that Unicode 15.1 does not assign`,
    );
  }
  const identifiers = new Set<string>();
  const notes: DerivationNote[] = [];
  const note = noteInto(notes);
  let keys: string[] | undefined;
  for (const recipe of recipes) {
    switch (recipe) {
      case 'document':
      case 'document+country':
        deriveDocuments(record, recipe, identifiers, note);
        break;
      case 'name':
        keys ??= nameKeys(record, note);
        for (const key of keys) identifiers.add(`name:${key}`);
        break;
      case 'name+birthyear':
      case 'name+birthdate': {
        keys ??= nameKeys(record, note);
        const dates = birthKeys(record, recipe, note);
        for (const key of keys) for (const date of dates) identifiers.add(`${recipe}:${key}:${date}`);
        break;
      }
    }
  }
  return { identifiers: [...identifiers], notes };
}

type Note = (field: string, reason: string) => void;

/** Notes the first reason of each field. */
function noteInto(notes: DerivationNote[]): Note {
  const noted = new Set<string>();
  return (field, reason) => {
    if (noted.has(field)) return;
    noted.add(field);
    notes.push({ field, reason });
  };
}

function deriveDocuments(
  record: WatchlistRecord,
  recipe: 'document' | 'document+country',
  identifiers: Set<string>,
  note: Note,
): void {
  record.documents.forEach((document, n) => {
    const field = `documents[${n}]`;
    if (document.kind === 'other') return note(field, 'document.kind');
    const number = documentNumber(document.number);
    if (number === undefined) return note(field, 'document.short');
    if (recipe === 'document') {
      identifiers.add(`${document.kind}:${number}`);
      return;
    }
    const country = document.country === undefined ? undefined : resolveCountry(document.country);
    if (country === undefined) {
      note(`${field}.country`, document.country === undefined ? 'country.missing' : 'country.unknown');
    } else identifiers.add(`${document.kind}:${country}:${number}`);
  });
}

function nameKeys(record: WatchlistRecord, note: Note): string[] {
  const keys = new Set<string>();
  record.names.forEach((name, n) => {
    if (name.quality === 'low') return note(`names[${n}]`, 'name.low-quality');
    const key = nameKey(name.text);
    if (key === undefined) note(`names[${n}]`, 'name.short');
    else keys.add(key);
  });
  return [...keys];
}

/** Years (`name+birthyear`) or days (`name+birthdate`) of birth; a range gives neither. */
function birthKeys(
  record: WatchlistRecord,
  recipe: 'name+birthyear' | 'name+birthdate',
  note: Note,
): Set<string> {
  const keys = new Set<string>();
  if (record.birthDates.length === 0) note('birthDates', 'date.missing');
  record.birthDates.forEach((date, n) => {
    if (date.kind === 'range') note(`birthDates[${n}]`, 'date.range');
    else if (recipe === 'name+birthyear') keys.add(date.from.slice(0, 4));
    else if (date.kind === 'day') keys.add(date.from);
    else note(`birthDates[${n}]`, 'date.no-day');
  });
  return keys;
}
