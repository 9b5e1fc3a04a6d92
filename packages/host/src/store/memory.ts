/**
 * The store in memory: for tests, examples and runs that keep nothing.
 *
 * Purpose: the same behaviour as SQLite without a file. Assumes: small contents (a transaction copies the
 * index, not the bytes). Does not know: durability.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { collections, type Collection, type Json, type Store } from './types.ts';

interface Shelf {
  readonly documents: Map<string, string>;
  readonly blobs: Map<string, readonly Uint8Array[]>;
}

const copyShelf = ({ documents, blobs }: Shelf): Shelf => ({
  documents: new Map(documents),
  blobs: new Map(blobs),
});

export function memoryStore(): Store {
  let shelves = new Map<Collection, Shelf>(
    collections.map((name) => [name, { documents: new Map(), blobs: new Map() }]),
  );
  let open = true;
  let inTransaction = false;
  const shelf = (collection: Collection): Shelf => {
    if (!open) throw new TallyError('internal.bug', 'store: used after close');
    const found = shelves.get(collection);
    if (found === undefined) throw new TallyError('internal.bug', 'store: unknown collection');
    return found;
  };
  const store: Store = {
    get(collection, key) {
      const text = shelf(collection).documents.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as Json);
    },
    put: (collection, key, value) => void shelf(collection).documents.set(key, JSON.stringify(value)),
    insert(collection, key, value) {
      if (shelf(collection).documents.has(key)) return false;
      store.put(collection, key, value);
      return true;
    },
    delete(collection, key) {
      const { documents, blobs } = shelf(collection);
      const hadDocument = documents.delete(key);
      return blobs.delete(key) || hadDocument;
    },
    list(collection, { prefix = '', after, limit = Number.POSITIVE_INFINITY } = {}) {
      const floor = after === undefined ? undefined : Buffer.from(after);
      return [...shelf(collection).documents]
        .map(([key, text]) => ({ key, order: Buffer.from(key), text }))
        .filter(
          ({ key, order }) =>
            key.startsWith(prefix) && (floor === undefined || Buffer.compare(order, floor) > 0),
        )
        .sort((a, b) => Buffer.compare(a.order, b.order))
        .slice(0, limit)
        .map(({ key, text }) => ({ key, value: JSON.parse(text) as Json }));
    },
    appendChunk(collection, key, bytes) {
      const { blobs } = shelf(collection);
      const chunks = blobs.get(key) ?? [];
      blobs.set(key, [...chunks, bytes.slice()]);
      return chunks.length;
    },
    chunk: (collection, key, index) => shelf(collection).blobs.get(key)?.[index]?.slice(),
    chunkCount: (collection, key) => shelf(collection).blobs.get(key)?.length ?? 0,
    deleteChunks(collection, key) {
      const count = store.chunkCount(collection, key);
      shelf(collection).blobs.delete(key);
      return count;
    },
    transaction(fn) {
      shelf('meta');
      if (inTransaction) throw new TallyError('internal.bug', 'store: transactions do not nest');
      const before = new Map([...shelves].map(([name, content]) => [name, copyShelf(content)]));
      inTransaction = true;
      try {
        const result = fn();
        if (result instanceof Promise)
          throw new TallyError('internal.bug', 'store: a transaction cannot wait');
        return result;
      } catch (error) {
        shelves = before;
        throw error;
      } finally {
        inTransaction = false;
      }
    },
    scrub() {
      shelf('meta');
      if (inTransaction) throw new TallyError('internal.bug', 'store: no scrubbing in a transaction');
    },
    close() {
      open = false;
      shelves.clear();
    },
  };
  return store;
}
