/**
 * The store on SQLite (node-sqlite3-wasm).
 *
 * Purpose: durable documents and blobs in one file of mode 0600.
 * Assumes: one process owns the data directory: it holds the control socket, and says so with
 * `ownerVerified`. Only then is the lock of a killed predecessor cleared.
 * Does not know: seals.
 *
 * Journal: write-ahead log in exclusive locking mode, and no other. This build of SQLite takes its own lock
 * directory for another process's when it looks for a hot rollback journal, so in the default journal mode
 * a transaction that kill -9 cut in the middle stays half applied (`store/kill.slow.test.ts` shows it). Recovery
 * from the log does not ask, and needs no shared memory while the lock is exclusive.
 */
import { chmodSync, closeSync, existsSync, openSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TallyError } from '@tallystick/protocol/errors';
import sqlite, { type Database, type Statement } from 'node-sqlite3-wasm';
import { fileError } from '../files/index.ts';
import type { Json, Store } from './types.ts';
import { migrate } from './migrations.ts';

export const storeFileName = 'tallystick.db';

export interface OpenStoreOptions {
  /** The caller holds the data directory's control socket: a lock that is still there is a dead process's. */
  readonly ownerVerified: boolean;
  /** Refuse (`file.missing`) instead of creating the file. */
  readonly mustExist?: boolean;
}

/** A whole check of every page at the start, where that takes less than about a second. */
const checkedBytes = 64 * 1024 * 1024;

/** SQLite's refusal as a coded error; never its text, which can quote values. */
function storeError(thrown: unknown): TallyError {
  if (thrown instanceof TallyError) return thrown;
  const text = thrown instanceof Error ? thrown.message.toLowerCase() : '';
  const cause = { cause: thrown };
  if (text.includes('locked') || text.includes('busy'))
    return new TallyError('store.locked', 'store: locked by another process', cause);
  if (text.includes('malformed') || text.includes('not a database') || text.includes('corrupt'))
    return new TallyError('store.corrupt', 'store: not an intact database', cause);
  if (text.includes('full') || text.includes('i/o') || text.includes('readonly'))
    return new TallyError('store.write', 'store: the disk takes no writes', cause);
  if (text.includes('unable to open'))
    return new TallyError('file.unreadable', 'store: does not open', cause);
  return new TallyError('internal.bug', 'store: statement failed', cause);
}

function attempt<T>(fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    throw storeError(error);
  }
}

/** The file exists afterwards, mode 0600, and can be written. */
function prepareFile(path: string, mustExist: boolean): void {
  try {
    if (mustExist && !existsSync(path)) throw new TallyError('file.missing', `${path}: not found`);
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    if (!statSync(path).isFile()) throw new TallyError('file.unreadable', `${path}: want a regular file`);
  } catch (error) {
    throw fileError(error, path);
  }
}

function clearStaleLock(path: string): void {
  try {
    rmdirSync(`${path}.lock`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileError(error, `${path}.lock`);
  }
}

/**
 * Opens or creates the store in a directory that exists.
 * @throws TallyError `store.locked` while another process has it, `store.corrupt`, `file.*`, `store.write`.
 */
export function openStore(directory: string, options: OpenStoreOptions): Store {
  const path = join(directory, storeFileName);
  prepareFile(path, options.mustExist === true);
  if (options.ownerVerified) clearStaleLock(path);
  let db: Database;
  try {
    db = new sqlite.Database(path);
  } catch (error) {
    throw storeError(error);
  }
  try {
    // The order matters: the lock must be exclusive before the log is first touched.
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    const mode = db.get('PRAGMA journal_mode = WAL')?.['journal_mode'];
    if (mode !== 'wal') throw new TallyError('store.corrupt', 'store: want journal mode wal');
    db.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY');
    if (statSync(path).size <= checkedBytes && db.get('PRAGMA quick_check(1)')?.['quick_check'] !== 'ok') {
      throw new TallyError('store.corrupt', 'store: the check of its pages failed');
    }
    migrate(db);
    return sqliteStore(db);
  } catch (error) {
    db.close();
    throw storeError(error);
  }
}

const statements = {
  get: 'SELECT body FROM documents WHERE collection = ? AND key = ?',
  put: 'INSERT INTO documents (collection, key, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
  insert: 'INSERT INTO documents (collection, key, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  delete: 'DELETE FROM documents WHERE collection = ? AND key = ?',
  list: `SELECT key, body FROM documents WHERE collection = ?1 AND key > ?2 AND substr(key, 1, length(?3)) = ?3
    ORDER BY key LIMIT ?4`,
  append: 'INSERT INTO chunks (collection, key, position, bytes) VALUES (?, ?, ?, ?)',
  chunk: 'SELECT bytes FROM chunks WHERE collection = ? AND key = ? AND position = ?',
  count: 'SELECT count(*) AS n FROM chunks WHERE collection = ? AND key = ?',
  deleteChunks: 'DELETE FROM chunks WHERE collection = ? AND key = ?',
} as const;

type Name = keyof typeof statements;

function sqliteStore(db: Database): Store {
  const prepared = new Map<Name, Statement>();
  let inTransaction = false;
  const use = (name: Name): Statement => {
    if (!db.isOpen) throw new TallyError('internal.bug', 'store: used after close');
    let statement = prepared.get(name);
    if (statement === undefined) {
      statement = db.prepare(statements[name]);
      prepared.set(name, statement);
    }
    return statement;
  };
  const finalizeAll = (): void => {
    for (const statement of prepared.values()) statement.finalize();
    prepared.clear();
  };
  const parse = (body: unknown): Json => {
    try {
      return JSON.parse(body as string) as Json;
    } catch {
      throw new TallyError('store.corrupt', 'store: a document is not JSON');
    }
  };
  const store: Store = {
    get(collection, key) {
      const row = attempt(() => use('get').get([collection, key]));
      return row === null ? undefined : parse(row['body']);
    },
    put: (collection, key, value) =>
      void attempt(() => use('put').run([collection, key, JSON.stringify(value)])),
    insert: (collection, key, value) =>
      attempt(() => use('insert').run([collection, key, JSON.stringify(value)]).changes > 0),
    delete(collection, key) {
      const remove = (): boolean =>
        attempt(() => {
          const chunks = use('deleteChunks').run([collection, key]).changes;
          return use('delete').run([collection, key]).changes + chunks > 0;
        });
      return inTransaction ? remove() : store.transaction(remove);
    },
    list(collection, { prefix = '', after = '', limit = -1 } = {}) {
      const rows = attempt(() => use('list').all([collection, after, prefix, limit]));
      return rows.map((row) => ({ key: row['key'] as unknown as string, value: parse(row['body']) }));
    },
    appendChunk(collection, key, bytes) {
      return attempt(() => {
        const index = store.chunkCount(collection, key);
        use('append').run([collection, key, index, bytes]);
        return index;
      });
    },
    chunk(collection, key, index) {
      const row = attempt(() => use('chunk').get([collection, key, index]));
      return row === null ? undefined : Uint8Array.from(row['bytes'] as Uint8Array);
    },
    chunkCount: (collection, key) => attempt(() => Number(use('count').get([collection, key])?.['n'] ?? 0)),
    deleteChunks: (collection, key) => attempt(() => use('deleteChunks').run([collection, key]).changes),
    transaction(fn) {
      use('get');
      if (inTransaction) throw new TallyError('internal.bug', 'store: transactions do not nest');
      attempt(() => db.exec('BEGIN IMMEDIATE'));
      inTransaction = true;
      try {
        const result = fn();
        if (result instanceof Promise)
          throw new TallyError('internal.bug', 'store: a transaction cannot wait');
        attempt(() => db.exec('COMMIT'));
        return result;
      } catch (error) {
        if (db.isOpen && db.inTransaction) db.exec('ROLLBACK');
        throw error;
      } finally {
        inTransaction = false;
      }
    },
    scrub() {
      use('get');
      if (inTransaction) throw new TallyError('internal.bug', 'store: no scrubbing in a transaction');
      // A statement that was read halfway holds its page, and the log with it.
      finalizeAll();
      // Freed places of pages are zeroed when they are freed (secure_delete); earlier pages are still in the log.
      const done = attempt(() => db.get('PRAGMA wal_checkpoint(TRUNCATE)'));
      if (Number(done?.['busy'] ?? 1) !== 0)
        throw new TallyError('store.write', 'store: its log could not be emptied');
    },
    close() {
      if (!db.isOpen) return;
      finalizeAll();
      db.close();
    },
  };
  return store;
}
