/**
 * Proof that one entry stands in a log (C2SP tlog-proof).
 *
 * Purpose: shows one entry to somebody who may not see the others: the entry, its place, the path of hashes, and a
 * signed checkpoint with its cosignatures, as text.
 * Assumes: the station's key is known by another way. Does not know: files.
 */
import { encodeBase64, parseBase64 } from '../bytes/base64.ts';
import { concatBytes } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { publicKeyBytes } from '../signature/index.ts';
import { type Checkpoint, isCheckpointSigned, parseCheckpoint } from './checkpoint.ts';
import { type AuditEntry, encodeEntry, parseEntry } from './entry.ts';
import { isIncluded } from './proof.ts';
import { hashBytes, leafHash, type MerkleTree } from './tree.ts';

const headLine = 'c2sp.org/tlog-proof@v1';

/** An entry, and what shows that it stands in the log of the checkpoint. */
export interface EntryProof {
  readonly entry: AuditEntry;
  /** Of the station; says nothing until its fingerprint was compared. */
  readonly publicKey: Uint8Array;
  readonly path: readonly Uint8Array[];
  readonly checkpoint: Checkpoint;
}

/** Whether a text claims to be one. */
export function isProofText(text: string): boolean {
  return text.startsWith(`${headLine}\n`);
}

export interface ProofParts extends Pick<EntryProof, 'entry' | 'publicKey'> {
  readonly tree: MerkleTree;
  /** A note over at least this entry. */
  readonly checkpoint: string;
}

/** Throws `log.note`, `argument.invalid`. */
export function encodeProof({ entry, publicKey, tree, checkpoint }: ProofParts): string {
  const { size } = parseCheckpoint(checkpoint);
  const path = tree.inclusion(entry.index, size).map(encodeBase64);
  const extra = encodeBase64(concatBytes(publicKey, encodeEntry(entry)));
  const lines = [headLine, `extra ${extra}`, `index ${entry.index}`, ...path];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** Throws `log.note`, `log.entry`; nothing is verified here. */
export function parseProof(text: string): EntryProof {
  const bad = (what: string): TallyError => new TallyError('log.note', `proof: ${what}`);
  const split = text.indexOf('\n\n');
  const [head, extra = '', index = '', ...hashes] = text.slice(0, Math.max(0, split)).split('\n');
  if (head !== headLine || !extra.startsWith('extra ') || !/^index (?:0|[1-9][0-9]{0,9})$/.test(index)) {
    throw bad('want an entry and its index');
  }
  if (hashes.length > 63) throw bad('too many hashes');
  let known: Uint8Array;
  let path: Uint8Array[];
  try {
    known = parseBase64(extra.slice('extra '.length));
    path = hashes.map(parseBase64);
  } catch {
    throw bad('want base64');
  }
  if (path.some((hash) => hash.length !== hashBytes)) throw bad('want hashes of 32 bytes');
  const entry = parseEntry(known.slice(publicKeyBytes));
  if (`index ${entry.index}` !== index) throw bad('its index is not that of its entry');
  const publicKey = known.slice(0, publicKeyBytes);
  return { entry, publicKey, path, checkpoint: parseCheckpoint(text.slice(split + 2)) };
}

/** Whether its key signed a head under which the entry stands in its place. Never throws. */
export function isProved({ entry, publicKey, path, checkpoint }: EntryProof): boolean {
  return (
    isCheckpointSigned(checkpoint, publicKey) &&
    isIncluded(leafHash(encodeEntry(entry)), entry.index, checkpoint, path)
  );
}
