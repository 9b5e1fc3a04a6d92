/**
 * Looks for planted secrets in bytes, in every form in which a careless program would write them.
 *
 * Purpose: many needles, much hay, one pass.
 * Assumes: a needle has at least 8 bytes in every form, so that none turns up by chance. What is compressed or
 * encrypted under a known key is not seen.
 * Does not know: where the bytes come from.
 */

export interface Sighting {
  /** Label of the secret, never the secret. */
  readonly what: string;
  /** The form in which it stood there: `utf16le`, `hex, reversed`. */
  readonly form: string;
}

interface Needle extends Sighting {
  readonly bytes: Buffer;
}

const shortest = 8;

/**
 * What of a base64 text does not depend on what stands before and after: one form for each place in a group of three.
 * (RFC 4648 §4, §5)
 */
function base64Forms(bytes: Buffer): [string, Buffer][] {
  return (['base64', 'base64url'] as const).flatMap((alphabet) =>
    [0, 1, 2].map((before): [string, Buffer] => {
      const text = Buffer.concat([Buffer.alloc(before), bytes])
        .toString(alphabet)
        .replace(/=+$/, '');
      const first = Math.ceil((before * 8) / 6);
      const whole = Math.floor(((before + bytes.length) * 8) / 6);
      return [`${alphabet} at ${before}`, Buffer.from(text.slice(first, whole))];
    }),
  );
}

/** Raw, hex and base64, in both orders. */
function byteForms(bytes: Buffer): [string, Buffer][] {
  return [bytes, Buffer.from(bytes.toReversed())].flatMap((one, order) => {
    const forms: [string, Buffer][] = [
      ['raw', one],
      ['hex', Buffer.from(one.toString('hex'))],
      ['HEX', Buffer.from(one.toString('hex').toUpperCase())],
      ...base64Forms(one),
    ];
    return forms.map(([form, form_]): [string, Buffer] => [order === 0 ? form : `${form}, reversed`, form_]);
  });
}

/** As it is and in either case: UTF-8, UTF-16 of both orders, and each of these as bytes are written. */
function textForms(text: string): [string, Buffer][] {
  const texts = new Set([text, text.toLowerCase(), text.toUpperCase()]);
  return [...texts].flatMap((one) => {
    const little = Buffer.from(one, 'utf16le');
    const encodings: [string, Buffer][] = [
      ['utf8', Buffer.from(one)],
      ['utf16le', little],
      ['utf16be', Buffer.from(little).swap16()],
    ];
    return encodings.flatMap(([encoding, bytes]) =>
      byteForms(bytes).map(([form, form_]): [string, Buffer] => [
        form === 'raw' ? encoding : `${encoding}, ${form}`,
        form_,
      ]),
    );
  });
}

export class Needles {
  /** Whether some needle begins with these three bytes. */
  readonly #starts = new Uint8Array(1 << 24);
  readonly #byStart = new Map<number, Needle[]>();

  addText(what: string, text: string): void {
    for (const [form, bytes] of textForms(text)) this.#add({ what, form, bytes });
  }

  addBytes(what: string, bytes: Uint8Array): void {
    for (const [form, form_] of byteForms(Buffer.from(bytes))) this.#add({ what, form, bytes: form_ });
  }

  #add(needle: Needle): void {
    const { bytes, what } = needle;
    if (bytes.length < shortest) throw new Error(`${what}: too short to look for`);
    const start = bytes.readUIntBE(0, 3);
    this.#starts[start] = 1;
    const same = this.#byStart.get(start);
    if (same === undefined) this.#byStart.set(start, [needle]);
    else same.push(needle);
  }

  /** Each secret in each of its forms once, however often it occurs. */
  search(hay: Uint8Array): Sighting[] {
    const bytes = Buffer.from(hay.buffer, hay.byteOffset, hay.byteLength);
    const seen = new Map<string, Sighting>();
    let start = 0;
    for (let i = 0; i < bytes.length; i++) {
      start = ((start << 8) | (bytes[i] as number)) & 0xffffff;
      if (this.#starts[start] === 0 || i < 2) continue;
      for (const { what, form, bytes: needle } of this.#byStart.get(start) ?? []) {
        if (
          bytes.compare(needle, 0, needle.length, i - 2, Math.min(bytes.length, i - 2 + needle.length)) === 0
        )
          seen.set(`${what}/${form}`, { what, form });
      }
    }
    return [...seen.values()];
  }
}
