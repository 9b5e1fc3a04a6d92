/** The contract of `Store`. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../store/index.ts';

export function storeContract(
  name: string,
  makeStore: () => Promise<{ store: Store; dispose(): Promise<void> }>,
): void {
  describe(`store contract: ${name}`, () => {
    let store: Store;
    let dispose: () => Promise<void>;
    beforeEach(async () => {
      ({ store, dispose } = await makeStore());
    });
    afterEach(() => dispose());

    it('keeps documents by collection and key', () => {
      expect(store.get('peers', 'a')).toBeUndefined();
      store.put('peers', 'a', { n: 1, deep: [true, null, 'ä'] });
      expect(store.get('peers', 'a')).toEqual({ n: 1, deep: [true, null, 'ä'] });
      expect(store.get('meta', 'a')).toBeUndefined();
      store.put('peers', 'a', 2);
      expect(store.get('peers', 'a')).toBe(2);
      expect(store.insert('peers', 'a', 3)).toBe(false);
      expect(store.insert('peers', 'b', 3)).toBe(true);
      expect([store.get('peers', 'a'), store.get('peers', 'b')]).toEqual([2, 3]);
    });

    it('hands out copies', () => {
      store.put('meta', 'a', { list: [1] });
      (store.get('meta', 'a') as { list: number[] }).list.push(2);
      expect(store.get('meta', 'a')).toEqual({ list: [1] });
      const bytes = Uint8Array.of(1, 2);
      store.appendChunk('lists', 'a', bytes);
      bytes.fill(0);
      const got = store.chunk('lists', 'a', 0);
      got?.fill(9);
      expect(store.chunk('lists', 'a', 0)).toEqual(Uint8Array.of(1, 2));
    });

    it('lists in the order of bytes, by prefix, page by page', () => {
      const keys = ['b', 'a/2', 'a/10', 'a', 'B', 'é', '\u{1f600}', '\uffee', 'a%', 'a_', ''].filter(
        (key) => key !== '',
      );
      for (const key of keys) store.put('sessions', key, key);
      const sorted = [...keys].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
      expect(store.list('sessions').map(({ key }) => key)).toEqual(sorted);
      expect(store.list('sessions', { prefix: 'a/' })).toEqual([
        { key: 'a/10', value: 'a/10' },
        { key: 'a/2', value: 'a/2' },
      ]);
      expect(store.list('sessions', { prefix: 'a%' }).map(({ key }) => key)).toEqual(['a%']);
      const paged: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = store.list('sessions', { limit: 2, ...(after === undefined ? {} : { after }) });
        if (page.length === 0) break;
        for (const { key } of page) paged.push(key);
        after = paged.at(-1);
      }
      expect(paged).toEqual(sorted);
    });

    it('keeps chunks in order, byte for byte', () => {
      const chunks = [0, 1, 4096, 100_000].map((size) => new Uint8Array(randomBytes(size)));
      for (const [index, bytes] of chunks.entries())
        expect(store.appendChunk('lists', 'l', bytes)).toBe(index);
      expect(store.chunkCount('lists', 'l')).toBe(chunks.length);
      for (const [index, bytes] of chunks.entries()) {
        expect(Buffer.compare(store.chunk('lists', 'l', index) ?? new Uint8Array(7), bytes)).toBe(0);
      }
      expect(store.chunk('lists', 'l', chunks.length)).toBeUndefined();
      expect(store.chunkCount('lists', 'm')).toBe(0);
      expect(store.deleteChunks('lists', 'l')).toBe(chunks.length);
      expect(store.chunkCount('lists', 'l')).toBe(0);
    });

    it('deletes a document with its blob', () => {
      store.put('lists', 'l', 1);
      store.appendChunk('lists', 'l', Uint8Array.of(1));
      store.appendChunk('lists', 'only', Uint8Array.of(1));
      expect(store.delete('lists', 'l')).toBe(true);
      expect(store.delete('lists', 'l')).toBe(false);
      expect(store.delete('lists', 'only')).toBe(true);
      expect([store.get('lists', 'l'), store.chunkCount('lists', 'l')]).toEqual([undefined, 0]);
    });

    it('does all of a transaction or nothing', () => {
      store.put('meta', 'a', 1);
      expect(
        store.transaction(() => {
          store.put('meta', 'b', 1);
          store.appendChunk('lists', 'l', Uint8Array.of(1));
          return store.delete('meta', 'a');
        }),
      ).toBe(true);
      const fail = (): void =>
        store.transaction(() => {
          store.put('meta', 'b', 2);
          store.delete('lists', 'l');
          store.insert('meta', 'c', 1);
          throw new Error('no');
        });
      expect(fail).toThrow('no');
      expect([store.get('meta', 'a'), store.get('meta', 'b'), store.get('meta', 'c')]).toEqual([
        undefined,
        1,
        undefined,
      ]);
      expect(store.chunkCount('lists', 'l')).toBe(1);
      store.put('meta', 'd', 1);
      expect(store.get('meta', 'd')).toBe(1);
    });

    it('refuses transactions that nest or wait, and any use after close', () => {
      const bug = expect.objectContaining({ code: 'internal.bug' });
      expect(() => store.transaction(() => store.transaction(() => 1))).toThrow(bug);
      expect(() => store.transaction(async () => store.put('meta', 'late', 1))).toThrow(bug);
      expect(store.get('meta', 'late')).toBeUndefined();
      store.close();
      store.close();
      expect(() => store.get('meta', 'a')).toThrow(bug);
      expect(() => store.transaction(() => 1)).toThrow(bug);
    });
  });
}
