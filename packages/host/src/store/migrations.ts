/**
 * The store's tables, version by version.
 *
 * Purpose: bring a file of any earlier version to the present one, in one transaction; refuse a later one.
 * Assumes: a migration that was released is never changed. Does not know: what is stored.
 */
import { TallyError } from '@tallystick/protocol/errors';
import type { Database } from 'node-sqlite3-wasm';

/** `tlly`: says whose file it is (PRAGMA application_id). */
const applicationId = 0x746c6c79;

/** `migrations[v]` leads from version v to v + 1. */
const migrations: readonly string[] = [
  `CREATE TABLE documents (
     collection TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (collection, key)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE chunks (
     collection TEXT NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL, bytes BLOB NOT NULL,
     PRIMARY KEY (collection, key, position)
   ) STRICT;`,
];

const pragma = (db: Database, name: string): number => Number(db.get(`PRAGMA ${name}`)?.[name] ?? 0);

/** @throws TallyError `store.corrupt` for another program's file or one of a later version. */
export function migrate(db: Database): void {
  const version = pragma(db, 'user_version');
  const owner = pragma(db, 'application_id');
  const tables = Number(db.get('SELECT count(*) AS n FROM sqlite_schema')?.['n'] ?? 0);
  const fresh = version === 0 && owner === 0 && tables === 0;
  if (!fresh && owner !== applicationId)
    throw new TallyError('store.corrupt', 'store: not a file of Tallystick');
  if (version > migrations.length) {
    throw new TallyError('store.corrupt', `store: want version at most ${migrations.length}, got ${version}`);
  }
  if (version === migrations.length) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const step of migrations.slice(version)) db.exec(step);
    db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
