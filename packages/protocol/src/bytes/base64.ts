/**
 * Base64 (RFC 4648 §4), with padding and one spelling only.
 *
 * Purpose: the text form of hashes and signatures in signed notes, where no `Buffer` is.
 * Assumes: short, public bytes. Does not know: what they mean.
 */
import { TallyError } from '../errors/index.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const triple = (a << 16) | (b << 8) | c;
    const left = bytes.length - at;
    text += alphabet[triple >> 18] as string;
    text += alphabet[(triple >> 12) & 63] as string;
    text += left > 1 ? alphabet[(triple >> 6) & 63] : '=';
    text += left > 2 ? alphabet[triple & 63] : '=';
  }
  return text;
}

/** Throws `wire.message` for anything but the one spelling that `encodeBase64` gives; never names the contents. */
export function parseBase64(text: string): Uint8Array {
  const bad = (): TallyError => new TallyError('wire.message', 'base64: want canonical text with padding');
  if (text.length % 4 !== 0) throw bad();
  const pads = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const out = new Uint8Array((text.length / 4) * 3 - pads);
  for (let at = 0, to = 0; at < text.length; at += 4, to += 3) {
    let triple = 0;
    for (let i = at; i < at + 4; i++) {
      const digit = i >= text.length - pads ? 0 : alphabet.indexOf(text[i] as string);
      if (digit < 0) throw bad();
      triple = (triple << 6) | digit;
    }
    for (let i = 0; i < 3 && to + i < out.length; i++) out[to + i] = (triple >> (16 - 8 * i)) & 255;
  }
  if (encodeBase64(out) !== text) throw bad();
  return out;
}
