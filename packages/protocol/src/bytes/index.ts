/**
 * Small helpers over byte arrays.
 *
 * Purpose: concatenation, comparison and hexadecimal text, once for the whole project.
 * Assumes: nothing. Does not know: what the bytes mean. `compareBytes` and `equalBytes` are for public bytes:
 * they take time that depends on the contents.
 */
import { TallyError } from '../errors/index.ts';

const encoder = new TextEncoder();

/** The UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Lexicographic order of two byte ranges of one length: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}

const digits = '0123456789abcdef';

export function encodeHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += (digits[byte >> 4] as string) + (digits[byte & 15] as string);
  return text;
}

/** Bytes of lower-case hexadecimal text; throws `wire.message` naming the length, never the contents. */
export function parseHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) {
    throw new TallyError('wire.message', `hex: want an even number of 0-9a-f, got ${text.length} characters`);
  }
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return out;
}

/** A number as 4 bytes, big-endian (I2OSP of RFC 8017 §4.1). */
export function encodeU32(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}
