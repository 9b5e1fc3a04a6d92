import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, encodeU32 } from '../bytes/index.ts';
import { TagMerge } from './merge.ts';

const tagBytes = 4;
const windowChunks = 3;

interface Merged {
  readonly seen: readonly (readonly [value: number, mask: number])[];
  /** The most that the merge held at once, in bytes. */
  readonly peakBytes: number;
}

/** Lists through a merge, in chunks, each as far ahead as its window allows; `pick` chooses who sends next. */
function mergeAll(
  lists: readonly (readonly number[])[],
  chunk: number,
  pick: (among: number) => number,
): Merged {
  const seen: [number, number][] = [];
  const sent = lists.map(() => 0);
  const consumed = lists.map(() => 0);
  const merge = new TagMerge(
    lists.map((list) => list.length),
    tagBytes,
    {
      onTag: (tag, mask) => seen.push([new DataView(tag.buffer, tag.byteOffset).getUint32(0), mask]),
      onConsumed: (list) => {
        consumed[list] = (consumed[list] as number) + 1;
      },
    },
  );
  const held = (): number =>
    (merge as unknown as { lanes: { chunks: Uint8Array[] }[] }).lanes
      .flatMap((lane) => lane.chunks)
      .reduce((sum, bytes) => sum + bytes.length, 0);
  let peakBytes = 0;
  for (;;) {
    const able = lists
      .map((_, list) => list)
      .filter((list) => {
        const at = sent[list] as number;
        return at * chunk < (lists[list]?.length ?? 0) && at < (consumed[list] as number) + windowChunks;
      });
    if (able.length === 0) break;
    const list = able[pick(able.length)] as number;
    const at = sent[list] as number;
    sent[list] = at + 1;
    const part = (lists[list] as number[]).slice(at * chunk, (at + 1) * chunk);
    merge.push(list, concatBytes(...part.map(encodeU32)));
    peakBytes = Math.max(peakBytes, held());
  }
  expect(merge.complete).toBe(true);
  expect(held()).toBe(0);
  return { seen, peakBytes };
}

function plain(lists: readonly (readonly number[])[]): [number, number][] {
  const masks = new Map<number, number>();
  lists.forEach((list, i) => {
    for (const value of list) masks.set(value, (masks.get(value) ?? 0) | (1 << i));
  });
  return [...masks].sort(([a], [b]) => a - b);
}

describe('the merge', () => {
  it('shows every tag once, in order, with its lists, in whatever order chunks come (oracle: sets)', () => {
    const list = fc
      .uniqueArray(fc.nat(60), { minLength: 1, maxLength: 30 })
      .map((values) => values.toSorted((a, b) => a - b));
    const many = fc.array(list, { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(
        many,
        fc.integer({ min: 1, max: 7 }),
        fc.infiniteStream(fc.nat(4)),
        (lists, chunk, picks) => {
          const pick = (among: number): number => (picks.next().value ?? 0) % among;
          expect(mergeAll(lists, chunk, pick).seen).toEqual(plain(lists));
        },
      ),
      { numRuns: 100, endOnFailure: true },
    );
  });

  it('holds no more than the windows, however long the lists are and whoever is first', () => {
    const chunk = 5;
    for (const length of [100, 10_000]) {
      // In common, far apart, and one that is through before the others begin.
      const lists = [
        Array.from({ length }, (_, i) => 2 * i),
        Array.from({ length }, (_, i) => 3 * i),
        Array.from({ length }, (_, i) => 3 * length + i),
      ];
      for (const pick of [() => 0, (among: number) => among - 1]) {
        const { seen, peakBytes } = mergeAll(lists, chunk, pick);
        expect(seen.length).toBe(plain(lists).length);
        expect(peakBytes).toBeLessThanOrEqual(lists.length * windowChunks * chunk * tagBytes);
      }
    }
  });
});
