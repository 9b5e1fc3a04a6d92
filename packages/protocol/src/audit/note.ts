/**
 * Signed notes (C2SP signed-note).
 *
 * Purpose: text, a blank line, and lines `— name base64(key id ‖ signature)`: the form in which logs and witnesses of
 * other projects sign, so that theirs can read ours.
 * Assumes: Ed25519 only. A signature by a key that the reader does not know is passed over, as the format demands.
 * Does not know: what the text says.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { encodeBase64, parseBase64 } from '../bytes/base64.ts';
import { concatBytes, encodeHex, equalBytes, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { publicKeyBytes } from '../signature/index.ts';

/** Signature type identifiers that this project knows: a note's, and a witness's (C2SP tlog-cosignature). */
export const signatureTypes = { note: 0x01, cosignature: 0x04 } as const;
export type SignatureType = keyof typeof signatureTypes;

/** A key with the name under which it signs. */
export interface NoteKey {
  readonly name: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly type: SignatureType;
}

export interface NoteSignature {
  readonly name: string;
  /** The key id, 4 bytes, and what follows it. */
  readonly keyId: Uint8Array;
  readonly bytes: Uint8Array;
}

export interface SignedNote {
  /** With its last newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const maxNoteLength = 64 * 1024;
const maxSignatures = 64;
const namePattern = /^[^\s+\p{Z}]+$/u;

/** SHA-256(name ‖ newline ‖ type ‖ key), its first 4 bytes. */
export function keyIdOf({ name, publicKey, type }: NoteKey): Uint8Array {
  return sha256(concatBytes(utf8(`${name}\n`), Uint8Array.of(signatureTypes[type]), publicKey)).slice(0, 4);
}

/** `name+hex(key id)+base64(type ‖ key)`: a verifier key, as other tools take it. */
export function encodeVerifierKey(key: NoteKey): string {
  const material = concatBytes(Uint8Array.of(signatureTypes[key.type]), key.publicKey);
  return `${key.name}+${encodeHex(keyIdOf(key))}+${encodeBase64(material)}`;
}

/** Throws `log.note` where it is no verifier key of a type that is known here. */
export function parseVerifierKey(text: string): NoteKey {
  const bad = (): TallyError => new TallyError('log.note', 'verifier key: want name+id+key of Ed25519');
  const [, name = '', id = '', material = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  if (!namePattern.test(name)) throw bad();
  let bytes: Uint8Array;
  try {
    bytes = parseBase64(material);
  } catch {
    throw bad();
  }
  const names = Object.keys(signatureTypes) as SignatureType[];
  const type = names.find((one) => signatureTypes[one] === bytes[0]);
  if (type === undefined || bytes.length !== 1 + publicKeyBytes) throw bad();
  const key = { name, publicKey: bytes.slice(1), type };
  if (encodeHex(keyIdOf(key)) !== id) throw bad();
  return key;
}

/** Throws `log.note` for what is no signed note; signatures are not verified here. */
export function parseNote(note: string): SignedNote {
  const bad = (what: string): TallyError => new TallyError('log.note', `note: ${what}`);
  if (note.length > maxNoteLength) throw bad('too long');
  // oxlint-disable-next-line no-control-regex -- the format forbids them
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note)) throw bad('has control characters');
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) throw bad('want text, a blank line and signatures');
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > maxSignatures) throw bad('too many signatures');
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

/** `— name base64`, without its newline. Throws `log.note`. */
export function parseSignatureLine(line: string): NoteSignature {
  const [dash, name = '', base64 = '', ...more] = line.split(' ');
  const bad = (): TallyError => new TallyError('log.note', 'note: a signature line is malformed');
  if (dash !== '—' || !namePattern.test(name) || more.length > 0) throw bad();
  let bytes: Uint8Array;
  try {
    bytes = parseBase64(base64);
  } catch {
    throw bad();
  }
  if (bytes.length < 5) throw bad();
  return { name, keyId: bytes.slice(0, 4), bytes: bytes.slice(4) };
}

export function encodeSignatureLine({ name, keyId, bytes }: NoteSignature): string {
  return `— ${name} ${encodeBase64(concatBytes(keyId, bytes))}`;
}

/** @param text one or more lines, each with its newline. Throws `log.note` for a text that no note can have. */
export function encodeNote({ text, signatures }: SignedNote): string {
  const note = `${text}\n${signatures.map((one) => `${encodeSignatureLine(one)}\n`).join('')}`;
  if (parseNote(note).text !== text) throw new TallyError('log.note', 'note: its text is none');
  return note;
}

/** Whether a line claims to be this key's. */
export function isOfKey({ name, keyId }: NoteSignature, key: NoteKey): boolean {
  return name === key.name && equalBytes(keyId, keyIdOf(key));
}
