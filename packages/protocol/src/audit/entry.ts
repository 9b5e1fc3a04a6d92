/**
 * One entry of the audit log: schema and encoding.
 *
 * Purpose: the leaf of the tree. Canonical JSON (RFC 8785), one spelling for one entry; each entry names its place and
 * the head of the log before it, so that whoever reads an export can say which entry is wrong.
 * Assumes: nothing. Does not know: trees, stores, when entries are written.
 */
import { z } from 'zod';
import { equalBytes } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { canonicalBytes } from '../wire/canonical.ts';
import { agreementEntries } from './entry-agreement.ts';
import { keepingEntries } from './entry-keeping.ts';
import { sessionEntries } from './entry-session.ts';
import { hex16, hex32, instant, stationId, whole } from './fields.ts';

/** Facts by type. To add a type, add a row in one of the three files. */
const facts = { ...sessionEntries, ...agreementEntries, ...keepingEntries } as const;
export type EntryType = keyof typeof facts;

export const entryTypes = Object.keys(facts) as readonly EntryType[];

/** What every entry has, beside its place and time. */
const about = {
  /** Whose doing it is: this station's or another's. */
  by: stationId,
  session: hex16.nullable(),
  /** Id of the standing agreement; null without one. */
  agreement: hex32.nullable(),
  request: hex32.nullable(),
};
/** Its place, from 0, and the root of the tree of all entries before it. */
const place = { index: whole(0, 0x7fff_ffff), before: hex32, atMs: instant };

type Shape = typeof facts;
type Values<S> = { [K in keyof S]: S[K] extends z.ZodType ? z.infer<S[K]> : never };
type EntryOf<T extends EntryType> = Values<typeof place & typeof about & Shape[T]> & { type: T };
/** An entry, discriminated by `type`. */
export type AuditEntry = { [T in EntryType]: EntryOf<T> }[EntryType];
type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;
/** What is to be appended: the log adds place and time. */
export type EntryBody = Without<AuditEntry, keyof typeof place>;

const schemas = Object.fromEntries(
  entryTypes.map((type) => [
    type,
    z.strictObject({ type: z.literal(type), ...place, ...about, ...facts[type] }),
  ]),
) as unknown as { [T in EntryType]: z.ZodType<EntryOf<T>> };

const isType = (type: unknown): type is EntryType => typeof type === 'string' && Object.hasOwn(schemas, type);

/** The leaf's bytes. Throws `log.entry` for what its schema refuses, naming the field. */
export function encodeEntry(entry: AuditEntry): Uint8Array {
  return canonicalBytes(checkEntry(entry));
}

/** The entry behind a leaf's bytes. Throws `log.entry`: not JSON, not canonical, or refused by the schema. */
export function parseEntry(bytes: Uint8Array): AuditEntry {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new TallyError('log.entry', 'entry: not JSON');
  }
  const entry = checkEntry(value);
  if (!equalBytes(canonicalBytes(entry), bytes)) {
    throw new TallyError('log.entry', 'entry: want canonical JSON (RFC 8785)');
  }
  return entry;
}

function checkEntry(value: unknown): AuditEntry {
  const type = (value as { type?: unknown } | null)?.type;
  if (!isType(type)) throw new TallyError('log.entry', 'entry.type: none that this version knows');
  const checked = schemas[type].safeParse(value);
  if (checked.success) return checked.data as AuditEntry;
  const at = checked.error.issues[0]?.path.join('.') ?? '';
  throw new TallyError('log.entry', `entry.${at}: refused by the schema of ${type}`);
}
