/**
 * Checkpoints: signed heads of a log (C2SP tlog-checkpoint), and cosignatures of witnesses (C2SP tlog-cosignature).
 *
 * Purpose: origin, size and root as text, signed by the log, cosigned by those who saw that it continues every head
 * they had seen before.
 * Assumes: a station signs its log and cosigns others' with one key: the texts differ from the first byte on, and from
 * everything else that it signs (`tallystick-v1-sign-…`). Does not know: when a witness may cosign.
 */
import { encodeBase64, parseBase64 } from '../bytes/base64.ts';
import { concatBytes, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { signatureBytes, verifyEd25519 } from '../signature/index.ts';
import type { Sign } from '../wire/canonical.ts';
import { encodeNote, isOfKey, keyIdOf, type NoteKey, type NoteSignature, parseNote } from './note.ts';
import { hashBytes, type TreeHead } from './tree.ts';

export interface Checkpoint extends TreeHead {
  /** Which log: `tallystick/<station>/<log id>` for ours. */
  readonly origin: string;
  /** The note's text, which signatures cover. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A log's name in its checkpoints; stays when the station's key changes. */
export function logOrigin(station: string, log: string): string {
  return `tallystick/${station}/${log}`;
}

/** The key that signs a log's checkpoints. */
export function logKey(origin: string, publicKey: Uint8Array): NoteKey {
  return { name: origin, publicKey, type: 'note' };
}

/** The key with which a station cosigns others' checkpoints. */
export function witnessKey(station: string, publicKey: Uint8Array): NoteKey {
  return { name: `tallystick/${station}/witness`, publicKey, type: 'cosignature' };
}

/** Signs a head; throws `log.note` for an origin that no note can carry. */
export function signCheckpoint(origin: string, head: TreeHead, publicKey: Uint8Array, sign: Sign): string {
  const text = `${origin}\n${head.size}\n${encodeBase64(head.root)}\n`;
  const key = logKey(origin, publicKey);
  return encodeNote({ text, signatures: [{ name: origin, keyId: keyIdOf(key), bytes: sign(utf8(text)) }] });
}

/** Throws `log.note`; signatures are not verified here. */
export function parseCheckpoint(note: string): Checkpoint {
  const { text, signatures } = parseNote(note);
  const bad = (): TallyError => new TallyError('log.note', 'checkpoint: want origin, size and root');
  const [origin = '', sizeText = '', rootText = '', ...rest] = text.slice(0, -1).split('\n');
  if (origin === '' || !/^(?:0|[1-9][0-9]{0,15})$/.test(sizeText) || rest.includes('')) throw bad();
  const size = Number(sizeText);
  if (!Number.isSafeInteger(size)) throw bad();
  let root: Uint8Array;
  try {
    root = parseBase64(rootText);
  } catch {
    throw bad();
  }
  if (root.length !== hashBytes) throw bad();
  return { origin, size, root, text, signatures };
}

/** Whether the log's own key signed it: one line of the key, and every line of it verifies. Never throws. */
export function isCheckpointSigned({ origin, text, signatures }: Checkpoint, publicKey: Uint8Array): boolean {
  const own = signatures.filter((one) => isOfKey(one, logKey(origin, publicKey)));
  return own.length > 0 && own.every(({ bytes }) => verifyEd25519(publicKey, utf8(text), bytes));
}

const timeBytes = 8;

function cosignedBytes(text: string, seconds: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${seconds}\n${text}`);
}

/** A witness's line under a checkpoint. @param atMs when; kept in whole seconds */
export function cosign(checkpoint: Checkpoint, key: NoteKey, atMs: number, sign: Sign): NoteSignature {
  const seconds = Math.floor(atMs / 1000);
  const time = new Uint8Array(timeBytes);
  new DataView(time.buffer).setBigUint64(0, BigInt(seconds));
  const bytes = concatBytes(time, sign(cosignedBytes(checkpoint.text, seconds)));
  return { name: key.name, keyId: keyIdOf(key), bytes };
}

/**
 * When this witness cosigned, in milliseconds; the latest where it did twice. Undefined: it did not, or a line of its
 * key does not verify. Never throws.
 */
export function cosignedAtMs({ text, signatures }: Checkpoint, key: NoteKey): number | undefined {
  let latest: number | undefined;
  for (const line of signatures) {
    if (!isOfKey(line, key)) continue;
    const { bytes } = line;
    if (bytes.length !== timeBytes + signatureBytes) return undefined;
    const seconds = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
    if (!Number.isSafeInteger(seconds * 1000)) return undefined;
    const message = cosignedBytes(text, seconds);
    if (!verifyEd25519(key.publicKey, message, bytes.slice(timeBytes))) return undefined;
    latest = Math.max(latest ?? 0, seconds * 1000);
  }
  return latest;
}

/** Who may have cosigned a log, by the key of its station, 32 bytes. */
export interface Witness {
  readonly station: string;
  readonly publicKey: Uint8Array;
}

/** When the last of these cosigned, in milliseconds; null: none did, or its line does not verify. Never throws. */
export function witnessedAtMs(checkpoint: Checkpoint, witnesses: readonly Witness[]): number | null {
  const times = witnesses.flatMap(
    ({ station, publicKey }) => cosignedAtMs(checkpoint, witnessKey(station, publicKey)) ?? [],
  );
  return times.length === 0 ? null : Math.max(...times);
}

/** The checkpoint's note with these lines beside those that it has; one line of a key. */
export function withSignatures(checkpoint: Checkpoint, lines: readonly NoteSignature[]): string {
  const idOf = ({ name, keyId }: NoteSignature): string => `${name} ${keyId.join()}`;
  const newer = new Set(lines.map(idOf));
  const kept = checkpoint.signatures.filter((line) => !newer.has(idOf(line)));
  return encodeNote({ text: checkpoint.text, signatures: [...kept, ...lines] });
}
