/**
 * The keys of a log, one after the other.
 *
 * Purpose: a station that changes its key says so in its log, signed with the key before: so a log has one chain of keys,
 * from its first entry on, and each head is signed with the key of its size.
 * Assumes: entries follow each other (verify.ts, host/audit). Does not know: why a key was changed, who accepted it.
 */
import { TallyError } from '../errors/index.ts';
import { signValue, verifyValue, type Sign } from '../wire/canonical.ts';
import { encodeHex } from '../bytes/index.ts';
import { logOrigin } from './checkpoint.ts';
import type { AuditEntry, EntryBody } from './entry.ts';

/** A key, hex, and the least size of a head that it signs. */
export interface LogKey {
  readonly publicKey: string;
  readonly from: number;
}

export interface KeyChain {
  /** The first, and every one that the key before it signed. */
  readonly keys: readonly LogKey[];
  /** The first entry that names a key without the word of the key before; null: there is none. */
  readonly wrong: number | null;
}

/** What the key before signs: which log, the place of the entry, the new key. */
const statement = (origin: string, index: number, publicKey: string) => ({ log: origin, index, publicKey });

/** The entry with which a log goes over to another key. @param index its place. @param sign with the key before */
export function keyChange(
  { station, origin, index }: { readonly station: string; readonly origin: string; readonly index: number },
  publicKey: Uint8Array,
  sign: Sign,
): EntryBody {
  const next = encodeHex(publicKey);
  return {
    type: 'key',
    by: station,
    session: null,
    agreement: null,
    request: null,
    publicKey: next,
    signature: encodeHex(signValue('log-key', statement(origin, index, next), sign)),
  };
}

/** @param entries of the whole log, in order, or the first of them */
export function keyChainOf(station: string, entries: readonly AuditEntry[]): KeyChain {
  const [open] = entries;
  if (open?.type !== 'open') return { keys: [], wrong: null };
  const origin = logOrigin(station, open.log);
  const keys: LogKey[] = [{ publicKey: open.publicKey, from: 0 }];
  for (const entry of entries) {
    if (entry.type !== 'key') continue;
    const { index, publicKey, signature } = entry;
    try {
      verifyValue('log-key', statement(origin, index, publicKey), signature, keyAt(keys, index));
    } catch {
      return { keys, wrong: index };
    }
    keys.push({ publicKey, from: index + 1 });
  }
  return { keys, wrong: null };
}

/** The key, hex, for heads of this size. @throws TallyError `argument.invalid` of no keys. */
export function keyAt(keys: readonly LogKey[], size: number): string {
  const key = keys.findLast(({ from }) => from <= size);
  if (key === undefined) throw new TallyError('argument.invalid', 'keys: want one at least');
  return key.publicKey;
}
