/**
 * The vault's flat structures against plain JavaScript ones.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdentifierSet } from './identifier-set.ts';
import { applyOrder, isStrictlyIncreasing, sortedOrder } from './order.ts';
import { TagTable } from './tag-table.ts';

describe('identifier set', () => {
  const lists = fc.array(fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 8 }), { maxLength: 5 }), {
    maxLength: 60,
  });

  it('keeps every different identifier once and every record that has it', () => {
    fc.assert(
      fc.property(lists, fc.nat(), (records, seed) => {
        const set = new IdentifierSet(seed);
        const plain = new Map<string, number[]>();
        for (const [record, identifiers] of records.entries()) {
          for (const identifier of identifiers) {
            const wellFormed = identifier; // graphemes have no half pairs
            if (plain.get(wellFormed)?.includes(record)) continue;
            set.add(wellFormed, record);
            plain.set(wellFormed, [...(plain.get(wellFormed) ?? []), record]);
          }
        }
        set.seal();
        const texts = Array.from({ length: set.count }, (_, i) => set.textOf(i));
        expect(texts).toEqual([...plain.keys()]);
        expect(set.pairs).toBe([...plain.values()].flat().length);

        const marked = Uint8Array.from(texts, (_, i) => i % 2);
        const expected = new Map<number, Set<string>>();
        for (const [i, text] of texts.entries()) {
          if (marked[i] === 0) continue;
          for (const record of plain.get(text) ?? [])
            expected.set(record, (expected.get(record) ?? new Set()).add(text));
        }
        const got: [number, Set<string>][] = [];
        set.eachMarked(marked, (record, own) => got.push([record, new Set(own.map((i) => set.textOf(i)))]));
        expect(got).toEqual([...expected].sort(([a], [b]) => a - b));
      }),
      { numRuns: 60 },
    );
  });

  it('grows past its first table and cuts batches anywhere', () => {
    const set = new IdentifierSet(1);
    const texts = Array.from({ length: 5000 }, (_, i) => `identifier ${i}`);
    for (const [i, text] of texts.entries()) set.add(text, i);
    for (const [i, text] of texts.entries()) set.add(text, i + texts.length);
    expect(set.count).toBe(texts.length);
    for (const [from, to] of [
      [0, 0],
      [0, 1],
      [17, 19],
      [4990, 5000],
      [5000, 5000],
    ] as const) {
      const { text, ends } = set.batch(from, to);
      const starts = [0, ...ends];
      const cut = [...ends].map((end, i) => new TextDecoder().decode(text.subarray(starts[i], end)));
      expect(cut).toEqual(texts.slice(from, to));
    }
  });

  it('leaves nothing of itself behind', () => {
    const set = new IdentifierSet(1);
    set.add('secret', 1);
    const { text } = set.batch(0, 1);
    set.wipe();
    expect(text).toEqual(new Uint8Array(text.length));
    expect(set.count).toBe(0);
  });
});

describe('order of flat items', () => {
  // few different first bytes, so that whole items must be compared too
  const items = (width: number) =>
    fc.array(fc.array(fc.constantFrom(0, 1, 255), { minLength: width, maxLength: width }), {
      maxLength: 300,
    });

  it('sorts by bytes, whatever the width', () => {
    for (const width of [1, 3, 5, 32]) {
      fc.assert(
        fc.property(items(width), (list) => {
          const flat = Uint8Array.from(list.flat());
          const order = sortedOrder(flat, width);
          expect([...order].sort((a, b) => a - b)).toEqual(list.map((_, i) => i));
          const expected = [...list].map((item) => Buffer.from(item)).sort(Buffer.compare);
          expect([...order].map((i) => Buffer.from(list[i] as number[]))).toEqual(expected);
          applyOrder(flat, width, order);
          expect(Buffer.from(flat)).toEqual(Buffer.concat(expected));
          const isIncreasing = expected.every(
            (item, i) => i === 0 || item.compare(expected[i - 1] as Buffer) > 0,
          );
          expect(isStrictlyIncreasing(flat, width)).toBe(isIncreasing);
        }),
        { numRuns: 30 },
      );
    }
  });
});

describe('tag table', () => {
  it('finds what is in it and nothing else', () => {
    const tag = fc.array(fc.nat(3), { minLength: 4, maxLength: 4 });
    const tags = fc.uniqueArray(tag, { selector: String, maxLength: 80 });
    fc.assert(
      fc.property(tags, tags, fc.nat(), (held, asked, seed) => {
        const table = new TagTable(Uint8Array.from(held.flat()), 4, seed);
        const others = Uint8Array.from(asked.flat());
        for (const [i, one] of asked.entries()) {
          expect(table.find(others, i)).toBe(held.findIndex((other) => String(other) === String(one)));
        }
      }),
      { numRuns: 60 },
    );
  });
});
