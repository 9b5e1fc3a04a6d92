/**
 * The port of the store: documents and blobs, by collection and key.
 *
 * Purpose: what a node remembers between starts, behind an interface small enough for two adapters (SQLite,
 * memory) and one contract.
 * Assumes: one process owns the store. What must not be read from disk is sealed before it comes here.
 * Does not know: what documents mean; seals.
 *
 * Every write outside `transaction` is durable when the call returns; inside, when `transaction` returns.
 */

/** The shelves: a write to another name does not compile. */
export const collections = [
  'meta',
  'identity',
  'peers',
  'lists',
  'sessions',
  'ledgers',
  'audit',
  'agreements',
  'used',
  'emergencies',
  'members',
  'verdicts',
  'outbox',
  'requests',
  'redress',
  'drafts',
] as const;
export type Collection = (typeof collections)[number];

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

export interface ListQuery {
  /** Only keys that start with this. */
  readonly prefix?: string;
  /** Only keys after this one, for paging. */
  readonly after?: string;
  /** At most so many. */
  readonly limit?: number;
}

export interface Store {
  /** The document, or `undefined`. A fresh copy: changing it changes nothing. */
  get(collection: Collection, key: string): Json | undefined;
  /** Creates or replaces. */
  put(collection: Collection, key: string, value: Json): void;
  /** Creates only: `false` where the key is taken, and nothing is changed. */
  insert(collection: Collection, key: string, value: Json): boolean;
  /** Removes the document and its blob; `false` where there was neither. */
  delete(collection: Collection, key: string): boolean;
  /** In increasing order of the keys' UTF-8 bytes. */
  list(collection: Collection, query?: ListQuery): { key: string; value: Json }[];
  /** Appends a chunk to the key's blob (which starts empty); returns its index from 0. */
  appendChunk(collection: Collection, key: string, bytes: Uint8Array): number;
  /** The chunk in an array of its own, or `undefined` past the end. */
  chunk(collection: Collection, key: string, index: number): Uint8Array | undefined;
  chunkCount(collection: Collection, key: string): number;
  /** Removes the key's blob and leaves its document; returns the number of chunks there were. */
  deleteChunks(collection: Collection, key: string): number;
  /** All of `fn`'s writes or, where it throws, none. Not nested, not asynchronous. */
  transaction<T>(fn: () => T): T;
  /**
   * What was deleted or replaced is in none of the store's files any more when it returns. Not in a transaction.
   * What a file system or a disk keeps of a file's earlier blocks is beyond it. @throws TallyError `store.write`.
   */
  scrub(): void;
  /** Idempotent; any other call afterwards throws `internal.bug`. */
  close(): void;
}
