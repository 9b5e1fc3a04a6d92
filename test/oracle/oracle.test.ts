/**
 * The oracle against identifiers written out by hand, and against what must hold for any text.
 *
 * Purpose: an oracle that is wrong would bless a product that is wrong; this file is what it answers to.
 * Assumes: expected-identifiers.json was written from docs/recipes.md, not from a program's output.
 * Does not know: the product.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedIdentifiers, oracleRecordOf } from './expected.ts';
import {
  countryCode,
  documentNumber,
  hasForbidden,
  nameKey,
  type OracleParty,
  type OracleRecipe,
  oracleCounts,
  oracleIdentifiers,
  oracleMatches,
  plaintextAnswer,
} from './index.ts';

const recipes: OracleRecipe[] = ['document', 'document+country', 'name', 'name+birthyear', 'name+birthdate'];

describe('identifiers written out by hand', () => {
  it('has a hundred records or more, each with its own id', () => {
    expect(expectedIdentifiers.length).toBeGreaterThanOrEqual(100);
    expect(new Set(expectedIdentifiers.map((v) => v.id)).size).toBe(expectedIdentifiers.length);
  });
  for (const vector of expectedIdentifiers) {
    it(`${vector.id}: ${vector.why}`, () => {
      const record = oracleRecordOf(vector);
      for (const recipe of recipes) {
        if ('fails' in vector) {
          expect(() => oracleIdentifiers(record, recipe)).toThrow(vector.fails);
          continue;
        }
        expect([...oracleIdentifiers(record, recipe)].sort(), recipe).toEqual(
          [...(vector.expect[recipe] ?? [])].sort(),
        );
      }
    });
  }
  it('gives the union for several recipes', () => {
    for (const vector of expectedIdentifiers) {
      if ('fails' in vector) continue;
      const all = Object.values(vector.expect).flat();
      expect(oracleIdentifiers(oracleRecordOf(vector), recipes)).toEqual(new Set(all));
    }
  });
});

describe('what holds for any text', () => {
  const letters = fc.constantFrom(...'aBzÉßİıŁøñЯжъёΣςώعبةאל王김やｱ한ﬁ0٣');
  const word = fc.string({ unit: letters, minLength: 1, maxLength: 6 });
  const words = fc.array(word, { minLength: 1, maxLength: 5 });
  const assigned = fc.string({ unit: 'binary', maxLength: 20 }).filter((s) => !hasForbidden(s));

  it('order of tokens never matters', () => {
    fc.assert(
      fc.property(
        words.chain((w) => fc.tuple(fc.constant(w), fc.shuffledSubarray(w, { minLength: w.length }))),
        ([w, shuffled]) => {
          expect(nameKey(shuffled.join(' '))).toBe(nameKey(w.join(' ')));
        },
      ),
    );
  });
  it('case never matters', () => {
    fc.assert(
      fc.property(assigned, (s) => {
        expect(nameKey(s.toUpperCase())).toBe(nameKey(s));
        expect(documentNumber(s.toUpperCase())).toBe(documentNumber(s));
      }),
    );
  });
  it('case of words in many scripts never matters', () => {
    fc.assert(
      fc.property(words, (w) => {
        expect(nameKey(w.join(' ').toUpperCase())).toBe(nameKey(w.join(' ')));
        expect(nameKey(w.join(' ').toLowerCase())).toBe(nameKey(w.join(' ')));
      }),
    );
  });
  it('composition and compatibility never matter', () => {
    fc.assert(
      fc.property(words, (w) => {
        const s = w.join(' ');
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const) {
          expect(nameKey(s.normalize(form))).toBe(nameKey(s));
          expect(documentNumber(s.normalize(form))).toBe(documentNumber(s));
        }
      }),
    );
  });
  it('separators are alike and their number never matters', () => {
    const separator = fc.string({
      unit: fc.constantFrom(...' -.,;"()/\t\u00a0–“'),
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(words, separator, (w, s) => {
        expect(nameKey(s + w.join(s) + s)).toBe(nameKey(w.join(' ')));
      }),
    );
  });
  it('a key is its own key, and is ASCII', () => {
    fc.assert(
      fc.property(assigned, (s) => {
        const key = nameKey(s);
        if (key === undefined) return;
        expect(key).toMatch(/^[a-z0-9]+( [a-z0-9]+)*$/);
        if (!/[^\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\P{L}]/u.test(s))
          expect(nameKey(key)).toBe(key);
      }),
    );
  });
  it('a document number is its own number, at least five of A-Z and 0-9', () => {
    fc.assert(
      fc.property(assigned, (s) => {
        const number = documentNumber(s);
        if (number === undefined) return;
        expect(number).toMatch(/^[A-Z0-9]{5,}$/);
        expect(documentNumber(number)).toBe(number);
      }),
    );
  });
  it('the aliases of countries are those of the document', () => {
    const text = readFileSync(new URL('../../docs/recipes.md', import.meta.url), 'utf8');
    const table = text.slice(text.indexOf('Aliases (already'), text.indexOf('## B5'));
    const aliases = [...table.matchAll(/`([^`]+)` \| ([A-Z]{3})/g)];
    expect(aliases.length).toBeGreaterThan(50);
    for (const [, key, code] of aliases) expect(countryCode(key ?? ''), key).toBe(code);
  });
  it('country codes resolve to themselves in either case', () => {
    for (const code of ['AFG', 'PRK', 'XKX', 'COD']) {
      expect(countryCode(code)).toBe(code);
      expect(countryCode(code.toLowerCase())).toBe(code);
    }
  });
});

describe('code points', () => {
  it('every code point that this runtime does not know is forbidden', () => {
    for (let cp = 0; cp <= 0x10ffff; cp++) {
      const c = String.fromCodePoint(cp);
      if (/[\p{gc=Cn}\p{gc=Co}\p{gc=Cs}]/u.test(c) && !hasForbidden(c)) throw new Error(cp.toString(16));
    }
  });
  it('the table is that of 15.1: the ideographs of 15.1 are in it, the letters of 16.0 are not', () => {
    expect(hasForbidden('\u{2ebf0}\u{2ee5d}\u2ffc')).toBe(false); // added in 15.1
    expect(hasForbidden('\u{11f00}')).toBe(false); // Kawi, 15.0
    for (const later of ['\ua7cb', '\u{105c0}', '\u{10d40}', '\u1c89'])
      expect(hasForbidden(later)).toBe(true); // 16.0
  });
  it('the table is increasing and has as many code points as its head says', () => {
    const text = readFileSync(new URL('../../docs/unicode-15.1-unassigned.txt', import.meta.url), 'utf8');
    let before = -1;
    let total = 0;
    for (const line of text.split('\n').filter((l) => l !== '' && !l.startsWith('#'))) {
      const [first = 0, last = first] = line.split('-').map((h) => Number.parseInt(h, 16));
      expect(first).toBeGreaterThan(before + 1);
      expect(last).toBeGreaterThanOrEqual(first);
      before = last;
      total += last - first + 1;
    }
    expect(text).toContain(`${total.toLocaleString('en')} code points`);
  });
});

describe('plaintext answers', () => {
  const party = (id: string, ...records: string[][]): OracleParty => ({
    id,
    records: records.map((identifiers, i) => ({ id: `${id}${i}`, identifiers: new Set(identifiers) })),
  });
  const a = party('a', ['p', 'q'], ['q', 'r'], []);
  const b = party('b', ['q'], ['s']);
  const c = party('c', ['p', 'q', 's', 't']);

  it('matches: my records and the identifiers in common', () => {
    expect(oracleMatches(a, b)).toEqual({ records: new Set(['a0', 'a1']), identifiers: new Set(['q']) });
    expect(oracleMatches(b, a)).toEqual({ records: new Set(['b0']), identifiers: new Set(['q']) });
  });
  it('counts: every combination, in order of the bit pattern', () => {
    expect(oracleCounts([a, b, c])).toEqual([
      { in: ['a'], exactly: 1, atLeast: 3 }, // r
      { in: ['b'], exactly: 0, atLeast: 2 },
      { in: ['a', 'b'], exactly: 0, atLeast: 1 },
      { in: ['c'], exactly: 1, atLeast: 4 }, // t
      { in: ['a', 'c'], exactly: 1, atLeast: 2 }, // p
      { in: ['b', 'c'], exactly: 1, atLeast: 2 }, // s
      { in: ['a', 'b', 'c'], exactly: 1, atLeast: 1 }, // q
    ]);
  });
  it('answers a session', () => {
    const answer = plaintextAnswer([a, b], { kind: 'matches', to: ['b'] });
    expect(answer).toEqual({ matches: { a: null, b: oracleMatches(b, a) }, counts: null });
    expect(plaintextAnswer([a, b, c], { kind: 'counts' }).counts).toEqual(oracleCounts([a, b, c]));
    expect(() => plaintextAnswer([a, b, c], { kind: 'matches', to: [] })).toThrow(RangeError);
    expect(() => oracleCounts([a])).toThrow(RangeError);
  });
  it('atLeast is the sum of exactly over the larger combinations, for up to ten parties', () => {
    const lists = fc.array(fc.array(fc.nat(20), { maxLength: 12 }), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(lists, (ls) => {
        const counts = oracleCounts(ls.map((l, i) => party(String(i), l.map(String))));
        expect(counts.length).toBe(2 ** ls.length - 1);
        for (const one of counts) {
          const larger = counts.filter((other) => one.in.every((p) => other.in.includes(p)));
          expect(one.atLeast).toBe(larger.reduce((sum, other) => sum + other.exactly, 0));
        }
      }),
      { numRuns: 15 },
    );
  });
});
