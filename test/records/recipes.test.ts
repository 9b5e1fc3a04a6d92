/** Recipes against the hand-written vectors and against the laws that docs/recipes.md states. */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countryRows } from '../../packages/protocol/src/records/country-table.ts';
import { countryRowsFrom } from '../../scripts/country-rows.ts';
import {
  type BirthDate,
  checkUnicode,
  deriveIdentifiers,
  documentNumber,
  explainIdentifiers,
  foldTokens,
  hasForbidden,
  nameKey,
  parseRecipes,
  pinnedUnicode,
  type RecipeName,
  type RecordDocument,
  recipeNames,
  recipeVersion,
  resolveCountry,
  unassignedRanges,
  type WatchlistRecord,
} from '@tallystick/protocol/records';

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

interface Vectors {
  readonly version: number;
  readonly nameKeys: readonly { text: string; key: string | null }[];
  readonly numbers: readonly { text: string; number: string | null }[];
  readonly countries: readonly { text: string; code: string | null }[];
  readonly records: readonly { record: WatchlistRecord; identifiers: Record<RecipeName, string[]> }[];
}

const vectors = read('../../packages/protocol/vectors/recipes.json') as Vectors;
const person = (parts: Partial<WatchlistRecord>): WatchlistRecord => ({
  id: '1',
  subject: 'person',
  names: [{ text: 'Maria Lind', quality: 'good' }],
  birthDates: [],
  documents: [],
  ...parts,
});

describe('vectors/recipes.json', () => {
  it('is of this version', () => expect(vectors.version).toBe(recipeVersion));
  it.each(vectors.nameKeys)('B3 name key of $text', ({ text, key }) => {
    expect(nameKey(text) ?? null).toBe(key);
  });
  it.each(vectors.numbers)('B5 number of $text', ({ text, number }) => {
    expect(documentNumber(text) ?? null).toBe(number);
  });
  it.each(vectors.countries)('B4 country of $text', ({ text, code }) => {
    expect(resolveCountry(text) ?? null).toBe(code);
  });
  it.each(vectors.records)('B6 identifiers of record $record.id', ({ record, identifiers }) => {
    for (const recipe of recipeNames) {
      expect(deriveIdentifiers(record, [recipe]).identifiers.sort(), recipe).toEqual(
        identifiers[recipe].sort(),
      );
    }
    const all = deriveIdentifiers(record, recipeNames).identifiers;
    expect(all.sort()).toEqual(recipeNames.flatMap((recipe) => identifiers[recipe]).sort());
  });
});

interface HandWritten {
  readonly id: string;
  readonly why: string;
  readonly names?: readonly string[];
  readonly low?: readonly string[];
  readonly born?: readonly (
    | { day: string }
    | { year: string }
    | { circa: string }
    | { range: [string, string] }
  )[];
  readonly documents?: readonly [RecordDocument['kind'], string, string?][];
  readonly expect?: Partial<Record<RecipeName, string[]>>;
  readonly fails?: string;
}

function handWrittenRecord(entry: HandWritten): WatchlistRecord {
  const birthDates = (entry.born ?? []).map((born): BirthDate => {
    if ('range' in born) return { kind: 'range', from: String(born.range[0]), to: String(born.range[1]) };
    const [[kind, from]] = Object.entries(born) as [['day' | 'year' | 'circa', string]];
    return { kind, from: String(from) };
  });
  return {
    id: entry.id,
    subject: 'person',
    names: [
      ...(entry.names ?? []).map((text) => ({ text, quality: 'good' as const })),
      ...(entry.low ?? []).map((text) => ({ text, quality: 'low' as const })),
    ],
    birthDates,
    documents: (entry.documents ?? []).map(([kind, number, country]) =>
      country === undefined ? { kind, number } : { kind, number, country },
    ),
  };
}

const handWrittenPath = '../oracle/expected-identifiers.json';

describe.skipIf(!existsSync(new URL(handWrittenPath, import.meta.url)))('records written out by hand', () => {
  const { records } = read(handWrittenPath) as { records: HandWritten[] };
  it.each(records)('$id: $why', (entry) => {
    const record = handWrittenRecord(entry);
    for (const recipe of recipeNames) {
      if (entry.fails !== undefined) {
        expect(() => deriveIdentifiers(record, [recipe])).toThrow(
          expect.objectContaining({ code: entry.fails }),
        );
      } else {
        const { identifiers } = deriveIdentifiers(record, [recipe]);
        expect(identifiers.sort(), recipe).toEqual([...(entry.expect?.[recipe] ?? [])].sort());
      }
    }
  });
});

describe('parseRecipes', () => {
  it('takes a name or names, without repetition and in one order', () => {
    expect(parseRecipes('name')).toEqual(['name']);
    expect(parseRecipes(['name', 'document', 'name'])).toEqual(['document', 'name']);
  });
  it.each([[undefined], [null], [''], ['names'], [[]], [['name', 7]], [{}], ['__proto__']])(
    'refuses %j with recipe.unknown',
    (value) => {
      expect(() => parseRecipes(value)).toThrow(expect.objectContaining({ code: 'recipe.unknown' }));
    },
  );
  it('does not repeat what it was given', () => {
    expect(() => parseRecipes('sesame')).toThrow(expect.not.stringContaining('sesame'));
  });
});

describe('B1 pinned Unicode', () => {
  it.each(['15.1', '15.1.0', '16.0', '17.0'])('takes %s', (version) =>
    expect(() => checkUnicode(version)).not.toThrow(),
  );
  it.each(['15.0', '14.0', '9.9', '', 'x', '15'])('refuses %j', (version) => {
    expect(() => checkUnicode(version)).toThrow(expect.objectContaining({ code: 'recipe.unicode' }));
  });
  it('has the table of the document beside it', () => {
    const lines = readFileSync(new URL('../../docs/unicode-15.1-unassigned.txt', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const ranges = lines.map((line) => {
      const [first, last] = line.split('-').map((hex) => Number.parseInt(hex, 16));
      return [first, last ?? first];
    });
    expect(pinnedUnicode).toBe('15.1');
    expect(unassignedRanges()).toEqual(ranges);
  });
  it('never forbids what the engine of 15.1 or newer does not know', () => {
    // Every code point that a newer engine still calls unassigned was unassigned in 15.1 too.
    const gap = /\p{Cn}/u;
    for (let point = 0; point <= 0x10ffff; point += 7) {
      const text = String.fromCodePoint(point);
      if (gap.test(text)) expect(hasForbidden(text), point.toString(16)).toBe(true);
    }
  });
  it.each([
    ['unassigned', '\u{378}'],
    ['assigned in 16.0', '\u{1C89}'],
    ['noncharacter', '\uFFFF'],
    ['private use', '\uE000'],
    ['lone surrogate', '\uD800'],
    ['control', '\u0007'],
    ['delete', '\u007F'],
  ])('refuses %s code points, naming the field and nothing else', (_, text) => {
    const record = person({
      names: [
        { text: 'Maria', quality: 'good' },
        { text: `Li${text}nd`, quality: 'low' },
      ],
    });
    expect(() => deriveIdentifiers(record, ['document'])).toThrow(
      expect.objectContaining({ code: 'text.codepoint', message: expect.stringMatching(/^names\[1\]: /) }),
    );
    expect(explainIdentifiers(record, ['name'])).toEqual([
      { recipe: 'name', field: 'names[1]', step: 'refused', text: 'text.codepoint' },
    ]);
  });
  it.each(['\t', '\n', '\u0085', '\u00A0', '😀', '\u{1F9FF}', '𠀀'])('takes %j', (text) => {
    expect(hasForbidden(text)).toBe(false);
  });
});

describe('laws', () => {
  it('a name key does not depend on order, case or spacing', () => {
    const word = fc.stringMatching(/^[a-zßéøжλ]{2,8}$/);
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.nat(4)),
        (words, picks) => {
          const shuffled = [...words].sort(() => ((picks.next().value as number) > 2 ? 1 : -1));
          expect(nameKey(shuffled.join('  ').toUpperCase())).toBe(nameKey(words.join(' ')));
        },
      ),
    );
  });
  it('the quick way for ASCII gives what the long way gives', () => {
    const ascii = fc.string({
      unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)),
    });
    fc.assert(
      fc.property(ascii, (text) => {
        // U+200B is removed as a format character, and sends the text the long way.
        expect(foldTokens(`${text}\u200B`)).toEqual(foldTokens(text));
        expect(documentNumber(`${text}\u200B`)).toBe(documentNumber(text));
      }),
    );
  });
  it('identifiers are ASCII and without repetition, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.string({ unit: 'grapheme' }),
        (text, number) => {
          const record = person({
            names: [
              { text, quality: 'good' },
              { text, quality: 'good' },
            ],
            birthDates: [{ kind: 'day', from: '1970-01-01' }],
            documents: [
              { kind: 'passport', number, country: text },
              { kind: 'passport', number, country: 'SE' },
            ],
          });
          fc.pre(!hasForbidden(text) && !hasForbidden(number));
          const { identifiers } = deriveIdentifiers(record, recipeNames);
          expect(new Set(identifiers).size).toBe(identifiers.length);
          for (const identifier of identifiers) expect(identifier).toMatch(/^[A-Za-z0-9 :+-]+$/);
        },
      ),
    );
  });
  it('explains exactly the identifiers that are derived', () => {
    for (const { record } of vectors.records) {
      for (const recipe of recipeNames) {
        const explained = explainIdentifiers(record, [recipe])
          .filter((step) => step.step === 'identifier')
          .map((step) => step.text);
        expect([...new Set(explained)].sort()).toEqual(
          deriveIdentifiers(record, [recipe]).identifiers.sort(),
        );
      }
    }
  });
  it('says why a field gave nothing', () => {
    const record = vectors.records[0]?.record as WatchlistRecord;
    expect(deriveIdentifiers(record, recipeNames).notes).toEqual(
      expect.arrayContaining([
        { field: 'names[2]', reason: 'name.low-quality' },
        { field: 'documents[3]', reason: 'document.kind' },
        { field: 'documents[4]', reason: 'document.short' },
        { field: 'documents[1].country', reason: 'country.missing' },
        { field: 'birthDates[2]', reason: 'date.range' },
        { field: 'birthDates[1]', reason: 'date.no-day' },
      ]),
    );
  });
  it('the country table is that of the installed package', () => {
    expect(countryRows).toEqual(countryRowsFrom());
  });
});
