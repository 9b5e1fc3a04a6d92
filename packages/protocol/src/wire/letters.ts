/**
 * Letters: one question, one answer or a code, between two stations that pin each other.
 *
 * Purpose: schemas and strict parsing. A letter is RFC 8785 JSON byte for byte, so a key that stands twice, a number
 * or a text in another spelling is refused before anybody reads what it says.
 * Assumes: a greeted channel. Does not know: what kinds there are, who answers, when.
 */
import { z } from 'zod';
import { TallyError } from '../errors/index.ts';
import { canonicalBytes } from './canonical.ts';

/** Longest letter in bytes: one frame of a channel. */
export const maxLetterBytes = 1 << 20;

const maxDepth = 64;

/** Of its sender on this channel, from 1, increasing by one. */
const number = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** `room.matter`, as `membership.push`. */
const kindPattern = /^[a-z]{1,32}(?:\.[a-z]{1,32})?$/;

const letterSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ask'), number, kind: z.string().regex(kindPattern), body: z.unknown() }),
  z.strictObject({ type: z.literal('answer'), number, body: z.unknown() }),
  /** Nothing but the wire number of an error code. */
  z.strictObject({ type: z.literal('failure'), number, code: z.number().int().min(1).max(999) }),
]);

export type Letter = z.infer<typeof letterSchema>;

/** Throws `wire.length` over the limit, `argument.invalid` where the body is no plain JSON. */
export function encodeLetter(letter: Letter): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = canonicalBytes(letterSchema.parse(letter));
  } catch {
    throw new TallyError('argument.invalid', 'letter: want a kind and a plain JSON body');
  }
  if (bytes.length > maxLetterBytes) {
    throw new TallyError('wire.length', `letter: want at most ${maxLetterBytes} bytes, got ${bytes.length}`);
  }
  return bytes;
}

/** Whoever reads a body may recurse. Assumes that JSON.parse took the text. */
function isShallow(text: string): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length && depth <= maxDepth; i++) {
    const char = text[i];
    if (inText && char === '\\') i += 1;
    else if (char === '"') inText = !inText;
    else if (inText) continue;
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') depth -= 1;
  }
  return depth <= maxDepth;
}

/** Throws `wire.length`, `wire.frame` where it is no canonical JSON, `wire.message` where fields do not match. */
export function parseLetter(bytes: Uint8Array): Letter {
  if (bytes.length > maxLetterBytes) {
    throw new TallyError('wire.length', `letter: want at most ${maxLetterBytes} bytes, got ${bytes.length}`);
  }
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(text);
    const canonical = isShallow(text) ? canonicalBytes(value) : new Uint8Array(0);
    if (canonical.length !== bytes.length || canonical.some((byte, i) => byte !== bytes[i]))
      value = undefined;
  } catch {
    value = undefined;
  }
  if (value === undefined) throw new TallyError('wire.frame', 'letter: no canonical JSON');
  const { success, data } = letterSchema.safeParse(value);
  if (!success) throw new TallyError('wire.message', 'letter: fields do not match');
  return data;
}
