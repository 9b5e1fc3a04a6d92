/**
 * How a chunk of sorted tags travels: differences in a Golomb–Rice code, at a length that says nothing of them.
 *
 * Purpose: sorted hashes are redundant: of t bits a tag about log2 n say only that they are sorted. The first tag of a
 * chunk stands whole, so that a chunk is read without the one before; every other one is its difference from the tag
 * before, less one, in a Rice code whose parameter follows from the announced size (Rice, Plaunt 1971). What is read is
 * strictly increasing by construction.
 * The length is a function of public numbers: tags of two lists that hold the same identifiers are the same, so lengths
 * that depended on them would tell a relay which lists are alike. Zero bits fill up what the code leaves free.
 * Assumes: honest tags are spread like hashes. Does not know: streams, sessions.
 */
import { TallyError } from '../errors/index.ts';

/** What both ends know before the first tag. */
export interface TagCoding {
  /** Bytes of a tag in the session. */
  readonly tagBytes: number;
  /** Tags in the whole list, sentinels included. */
  readonly total: number;
}

/** Bits that hold n: the least b with n < 2^b. */
function bitsOf(n: number): number {
  return n.toString(2).length;
}

/** Low bits of a difference that stand as they are: the mean difference is between 2^k and 2^(k+1). */
function riceBits({ tagBytes, total }: TagCoding): number {
  return 8 * tagBytes - bitsOf(total);
}

/**
 * Unary ones that a chunk has room for. Never more than the whole space holds; else the mean, and ten deviations and 80
 * more: honest tags go beyond with a probability below 2^-56 (Bernstein's bound for sums of exponential gaps).
 */
function unaryRoom(count: number, { total }: TagCoding): number {
  const gaps = count - 1;
  const cells = 2 ** bitsOf(total);
  const mean =
    Math.ceil((gaps * cells) / total) - Math.floor(gaps / 2) + Math.ceil((gaps * total) / (12 * cells));
  const slack = Math.ceil(((10 * Math.ceil(Math.sqrt(gaps)) + 80) * cells) / total);
  return Math.min(cells - 1, mean + slack);
}

/** Bytes of a coded chunk of `count` tags, at least one. */
export function codedTagsBytes(count: number, coding: TagCoding): number {
  if (count === 1) return coding.tagBytes;
  const bits = (count - 1) * (riceBits(coding) + 1) + unaryRoom(count, coding);
  return coding.tagBytes + Math.ceil(bits / 8);
}

/**
 * @param tags a chunk's tags, joined, strictly increasing
 * @throws `chain.sorted` where they are not, or are not spread like hashes
 */
export function encodeTags(tags: Uint8Array, coding: TagCoding): Uint8Array {
  const { tagBytes } = coding;
  const count = tags.length / tagBytes;
  const out = new Uint8Array(codedTagsBytes(count, coding));
  out.set(tags.subarray(0, tagBytes));
  const low = riceBits(coding);
  const [lowBytes, lowRest] = [low >> 3, low & 7];
  const gap = new Uint8Array(tagBytes);
  const end = out.length * 8;
  let at = tagBytes * 8;
  for (let i = 1; i < count; i++) {
    subtractNext(gap, tags, i * tagBytes, tagBytes);
    let quotient = 0;
    for (let byte = 0; byte < tagBytes - lowBytes; byte++) quotient = quotient * 256 + (gap[byte] as number);
    quotient = Math.floor(quotient / 2 ** lowRest);
    if (quotient + 1 + low > end - at)
      throw new TallyError('chain.sorted', 'tags: want strictly increasing ones, spread like hashes');
    for (const stop = at + quotient; at < stop; at++)
      out[at >> 3] = (out[at >> 3] as number) | (0x80 >> (at & 7));
    at += 1; // the zero that ends the ones
    if (lowRest > 0) {
      putBits(out, at, (gap[tagBytes - lowBytes - 1] as number) & ((1 << lowRest) - 1), lowRest);
      at += lowRest;
    }
    for (let byte = tagBytes - lowBytes; byte < tagBytes; byte++, at += 8)
      putBits(out, at, gap[byte] as number, 8);
  }
  return out;
}

/**
 * The tags of a chunk, joined: total, in time linear in the bytes. There is one coding of given tags, and no other bytes
 * are taken.
 * @throws `chain.count` (another length, or too few tags in it), `chain.sorted` (beyond the largest tag), `chain.tag`
 * (bits after the last tag)
 */
export function parseTags(bytes: Uint8Array, count: number, coding: TagCoding): Uint8Array {
  const { tagBytes } = coding;
  const want = codedTagsBytes(count, coding);
  if (bytes.length !== want)
    throw new TallyError('chain.count', `tags: want ${want} bytes, got ${bytes.length}`);
  const out = new Uint8Array(count * tagBytes);
  out.set(bytes.subarray(0, tagBytes));
  const low = riceBits(coding);
  const [lowBytes, lowRest] = [low >> 3, low & 7];
  const gap = new Uint8Array(tagBytes);
  const end = bytes.length * 8;
  let at = tagBytes * 8;
  for (let i = 1; i < count; i++) {
    let quotient = 0;
    while (at < end && takeBits(bytes, at, 1) === 1) [quotient, at] = [quotient + 1, at + 1];
    at += 1;
    if (low > end - at) throw new TallyError('chain.count', `tags: want ${count}, got ${i}`);
    gap.fill(0);
    const top = tagBytes - lowBytes;
    // Above the whole bytes: the quotient on top of the rest of the low bits. The bits that fill the last byte leave
    // room for a quotient of 2^b or more, so for a difference beyond the largest tag: `carry` is then left over.
    let carry = quotient * 2 ** lowRest + (lowRest > 0 ? takeBits(bytes, at, lowRest) : 0);
    at += lowRest;
    for (let byte = top - 1; byte >= 0; byte--, carry = Math.floor(carry / 256)) gap[byte] = carry % 256;
    for (let byte = top; byte < tagBytes; byte++, at += 8) gap[byte] = takeBits(bytes, at, 8);
    if (carry > 0 || !addNext(out, i * tagBytes, gap))
      throw new TallyError('chain.sorted', 'tags: beyond the largest');
  }
  for (; at < end; at++) {
    if (takeBits(bytes, at, 1) === 1) throw new TallyError('chain.tag', 'tags: bits after the last one');
  }
  return out;
}

/** gap = tags[at…] − (the tag before) − 1, modulo 2^t. */
function subtractNext(gap: Uint8Array, tags: Uint8Array, at: number, tagBytes: number): void {
  let borrow = 1;
  for (let byte = tagBytes - 1; byte >= 0; byte--) {
    const difference = (tags[at + byte] as number) - (tags[at + byte - tagBytes] as number) - borrow;
    gap[byte] = difference & 0xff;
    borrow = difference < 0 ? 1 : 0;
  }
}

/** out[at…] = (the tag before) + gap + 1; false where that is 2^t or more. */
function addNext(out: Uint8Array, at: number, gap: Uint8Array): boolean {
  let carry = 1;
  for (let byte = gap.length - 1; byte >= 0; byte--) {
    const sum = (out[at + byte - gap.length] as number) + (gap[byte] as number) + carry;
    out[at + byte] = sum & 0xff;
    carry = sum >> 8;
  }
  return carry === 0;
}

/** Writes up to 8 bits, high bit first, into bytes that are zero there. */
function putBits(out: Uint8Array, at: number, value: number, bits: number): void {
  const shifted = value << (16 - bits - (at & 7));
  out[at >> 3] = (out[at >> 3] as number) | (shifted >> 8);
  if ((at & 7) + bits > 8) out[(at >> 3) + 1] = shifted & 0xff;
}

/** Reads up to 8 bits, high bit first; all of them within the bytes. */
function takeBits(bytes: Uint8Array, at: number, bits: number): number {
  const two = ((bytes[at >> 3] as number) << 8) | (bytes[(at >> 3) + 1] ?? 0);
  return (two >> (16 - bits - (at & 7))) & ((1 << bits) - 1);
}
