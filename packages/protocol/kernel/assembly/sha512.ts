// SHA-512 (FIPS 180-4) of two messages side by side, one to a lane, and what the suite makes of it: uniform bytes
// (expand_message_xmd of RFC 9380 §5.3.1, to 64 bytes) and tags.
//
// A block is worked on in two steps: schedule() makes 80 words of 16, rounds() takes them. Blocks that are the same for
// every message are scheduled once: all of Z_pad, and what follows b_0 in the input of b_1.
// Lengths decide about branches and addresses, contents never do.
// Assumes: the host has checked lengths. Does not know: elements; what is hashed.
import {
  ENDS, HASH_B0, HASH_IV, HASH_K, HASH_MIDSTATE, HASH_STATE, HASH_TAIL, HASH_W, INPUT, LANE, LANE_BYTES,
  OUTPUT, SUFFIX, SUFFIX_BYTES, TERM, TEXT,
} from './layout';

/** Bytes of a block, and of its 80 scheduled words. */
const BYTES: usize = 128;
const WORDS: usize = 80 * 16;

@inline function plus(a: v128, b: v128): v128 {
  return i64x2.add(a, b);
}

@inline function rotate(x: v128, n: i32): v128 {
  return v128.or(i64x2.shr_u(x, n), i64x2.shl(x, 64 - n));
}

@inline function xor3(a: v128, b: v128, c: v128): v128 {
  return v128.xor(v128.xor(a, b), c);
}

/** Σ1 and Ch of §4.1.3: h + Σ1(e) + Ch(e, f, g) + K + W. */
@inline function first(h: v128, e: v128, f: v128, g: v128, w: v128): v128 {
  const choice = v128.xor(g, v128.and(e, v128.xor(f, g)));
  return plus(plus(plus(h, w), choice), xor3(rotate(e, 14), rotate(e, 18), rotate(e, 41)));
}

/** Σ0 and Maj of §4.1.3: t + Σ0(a) + Maj(a, b, c). */
@inline function second(t: v128, a: v128, b: v128, c: v128): v128 {
  const majority = v128.or(v128.and(a, b), v128.and(c, v128.or(a, b)));
  return plus(plus(t, majority), xor3(rotate(a, 28), rotate(a, 34), rotate(a, 39)));
}

/** Words 16 … 79 at w from words 0 … 15 (§6.4.2, step 1). */
function schedule(w: usize): void {
  for (let i = w; i < w + 64 * 16; i += 16) {
    const y = v128.load(i, 16), z = v128.load(i, 14 * 16);
    const low = xor3(rotate(y, 1), rotate(y, 8), i64x2.shr_u(y, 7));
    const high = xor3(rotate(z, 19), rotate(z, 61), i64x2.shr_u(z, 6));
    v128.store(i, plus(plus(v128.load(i), low), plus(v128.load(i, 9 * 16), high)), 256);
  }
}

/** HASH_STATE takes in the block scheduled at w (§6.4.2, steps 2 to 4). */
function rounds(block: usize): void {
  let a = v128.load(HASH_STATE, 0), b = v128.load(HASH_STATE, 16), c = v128.load(HASH_STATE, 32), d = v128.load(HASH_STATE, 48);
  let e = v128.load(HASH_STATE, 64), f = v128.load(HASH_STATE, 80), g = v128.load(HASH_STATE, 96), h = v128.load(HASH_STATE, 112);
  let k = HASH_K;
  for (let w = block; w < block + WORDS; w += 256) {
    h = first(h, e, f, g, plus(v128.load(w, 0), v128.load(k, 0))); d = plus(d, h); h = second(h, a, b, c);
    g = first(g, d, e, f, plus(v128.load(w, 16), v128.load(k, 16))); c = plus(c, g); g = second(g, h, a, b);
    f = first(f, c, d, e, plus(v128.load(w, 32), v128.load(k, 32))); b = plus(b, f); f = second(f, g, h, a);
    e = first(e, b, c, d, plus(v128.load(w, 48), v128.load(k, 48))); a = plus(a, e); e = second(e, f, g, h);
    d = first(d, a, b, c, plus(v128.load(w, 64), v128.load(k, 64))); h = plus(h, d); d = second(d, e, f, g);
    c = first(c, h, a, b, plus(v128.load(w, 80), v128.load(k, 80))); g = plus(g, c); c = second(c, d, e, f);
    b = first(b, g, h, a, plus(v128.load(w, 96), v128.load(k, 96))); f = plus(f, b); b = second(b, c, d, e);
    a = first(a, f, g, h, plus(v128.load(w, 112), v128.load(k, 112))); e = plus(e, a); a = second(a, b, c, d);
    h = first(h, e, f, g, plus(v128.load(w, 128), v128.load(k, 128))); d = plus(d, h); h = second(h, a, b, c);
    g = first(g, d, e, f, plus(v128.load(w, 144), v128.load(k, 144))); c = plus(c, g); g = second(g, h, a, b);
    f = first(f, c, d, e, plus(v128.load(w, 160), v128.load(k, 160))); b = plus(b, f); f = second(f, g, h, a);
    e = first(e, b, c, d, plus(v128.load(w, 176), v128.load(k, 176))); a = plus(a, e); e = second(e, f, g, h);
    d = first(d, a, b, c, plus(v128.load(w, 192), v128.load(k, 192))); h = plus(h, d); d = second(d, e, f, g);
    c = first(c, h, a, b, plus(v128.load(w, 208), v128.load(k, 208))); g = plus(g, c); c = second(c, d, e, f);
    b = first(b, g, h, a, plus(v128.load(w, 224), v128.load(k, 224))); f = plus(f, b); b = second(b, c, d, e);
    a = first(a, f, g, h, plus(v128.load(w, 240), v128.load(k, 240))); e = plus(e, a); a = second(a, b, c, d);
    k += 256;
  }
  v128.store(HASH_STATE, plus(v128.load(HASH_STATE, 0), a), 0);
  v128.store(HASH_STATE, plus(v128.load(HASH_STATE, 16), b), 16);
  v128.store(HASH_STATE, plus(v128.load(HASH_STATE, 32), c), 32);
  v128.store(HASH_STATE, plus(v128.load(HASH_STATE, 48), d), 48);
  v128.store(HASH_STATE, plus(v128.load(HASH_STATE, 64), e), 64);
  v128.store(HASH_STATE, plus(v128.load(HASH_STATE, 80), f), 80);
  v128.store(HASH_STATE, plus(v128.load(HASH_STATE, 96), g), 96);
  v128.store(HASH_STATE, plus(v128.load(HASH_STATE, 112), h), 112);
}

/** The eight words of a state from p to o. */
@inline function copyState(o: usize, p: usize): void {
  memory.copy(o, p, 128);
}

/** Two words of each lane, between big-endian bytes and vectors of one word a lane. */
@inline function firstWords(x: v128, y: v128): v128 {
  return v128.shuffle<i8>(x, y, 7, 6, 5, 4, 3, 2, 1, 0, 23, 22, 21, 20, 19, 18, 17, 16);
}

@inline function secondWords(x: v128, y: v128): v128 {
  return v128.shuffle<i8>(x, y, 15, 14, 13, 12, 11, 10, 9, 8, 31, 30, 29, 28, 27, 26, 25, 24);
}

/** The first 16 words at w from one block of each lane. */
@inline function readBlocks(w: usize, lane0: usize, lane1: usize): void {
  for (let i: usize = 0; i < BYTES; i += 16) {
    const x = v128.load(lane0 + i), y = v128.load(lane1 + i);
    v128.store(w + 2 * i, firstWords(x, y), 0);
    v128.store(w + 2 * i, secondWords(x, y), 16);
  }
}

/** The digests of both lanes as bytes; that of lane 1 may begin within that of lane 0 and is whole. */
@inline function writeDigests(lane0: usize, lane1: usize): void {
  for (let i: usize = 0; i < 64; i += 16) {
    v128.store(lane0 + i, firstWords(v128.load(HASH_STATE + 2 * i, 0), v128.load(HASH_STATE + 2 * i, 16)));
  }
  for (let i: usize = 0; i < 64; i += 16) {
    v128.store(lane1 + i, secondWords(v128.load(HASH_STATE + 2 * i, 0), v128.load(HASH_STATE + 2 * i, 16)));
  }
}

/** n bytes from p to o, and up to 15 more. */
@inline function copyBytes(o: usize, p: usize, n: usize): void {
  for (let i: usize = 0; i < n; i += 16) v128.store(o + i, v128.load(p + i));
}

/** The last eight bytes of a padded message that ends at `end`: its length of n bytes in bits. */
@inline function storeLength(end: usize, n: usize): void {
  store<u64>(end - 8, bswap<u64>((n as u64) << 3));
}

/** Blocks of n bytes with their padding. */
@inline function blocksOf(n: usize): usize {
  return (n + 17 + BYTES - 1) / BYTES;
}

/** Where the padding of a message that ends with TERM stands in SUFFIX. */
let suffixBytes: usize = 0;
let tailBlocks: usize = 0;

/**
 * Takes the domain separation tag, n <= 255 bytes at TERM. SUFFIX = I2OSP(64, 2) || I2OSP(0, 1) || DST_prime, padded: what
 * follows a message in b_0's input. HASH_TAIL = what follows b_0 in b_1's.
 */
export function beginExpand(n: i32): void {
  const length = n as usize;
  suffixBytes = 3 + length + 1;
  memory.fill(SUFFIX, 0, SUFFIX_BYTES);
  store<u8>(SUFFIX, 64, 1);
  copyBytes(SUFFIX + 3, TERM, length);
  store<u8>(SUFFIX + 3 + length, n);
  memory.fill(SUFFIX + suffixBytes, 0, SUFFIX_BYTES - suffixBytes);
  store<u8>(SUFFIX + suffixBytes, 0x80);
  // b_1 = H(b_0 || I2OSP(1, 1) || DST_prime)
  const bytes: usize = 64 + 1 + length + 1;
  tailBlocks = blocksOf(bytes);
  memory.fill(LANE, 0, LANE_BYTES);
  store<u8>(LANE, 1, 64);
  copyBytes(LANE + 65, TERM, length);
  memory.fill(LANE + 65 + length, 0, 16);
  store<u8>(LANE + 65 + length, n);
  store<u8>(LANE + bytes, 0x80);
  storeLength(LANE + tailBlocks * BYTES, bytes);
  for (let i: usize = 0; i < tailBlocks; i++) {
    readBlocks(HASH_TAIL + i * WORDS, LANE + i * BYTES, LANE + i * BYTES);
    schedule(HASH_TAIL + i * WORDS);
  }
  // Z_pad
  memory.fill(HASH_W, 0, 256);
  schedule(HASH_W);
  copyState(HASH_STATE, HASH_IV);
  rounds(HASH_W);
  copyState(HASH_MIDSTATE, HASH_STATE);
}

/** LANE number `lane` = message number i, its suffix and padding; answers the number of blocks. */
@inline function takeMessage(i: usize, lane: usize): usize {
  const start: usize = i == 0 ? 0 : (load<u32>(ENDS + 4 * i - 4) as usize);
  const length = (load<u32>(ENDS + 4 * i) as usize) - start;
  const o = LANE + lane * LANE_BYTES;
  const blocks = blocksOf(length + suffixBytes);
  copyBytes(o, TEXT + start, length);
  copyBytes(o + length, SUFFIX, blocks * BYTES - length);
  storeLength(o + blocks * BYTES, BYTES + length + suffixBytes);
  return blocks;
}

/** HASH_STATE keeps what HASH_B0 had in the lane that was done before block i. */
@inline function keepDone(i: usize, blocks0: usize, blocks1: usize): void {
  const done = i64x2.replace_lane(i64x2.splat(i < blocks0 ? 0 : -1), 1, i < blocks1 ? 0 : -1);
  for (let j: usize = 0; j < 128; j += 16) {
    v128.store(HASH_STATE + j, v128.bitselect(v128.load(HASH_B0 + j), v128.load(HASH_STATE + j), done));
  }
}

/** INPUT = 64 uniform bytes of each of n <= BLOCK messages in TEXT, of which number i ends at ENDS[i]. */
export function expand(n: i32): void {
  for (let i: usize = 0; i < (n as usize); i += 2) {
    const blocks0 = takeMessage(i, 0);
    // where the number is odd, the last one stands in both lanes
    const blocks1 = takeMessage(min<usize>(i + 1, (n as usize) - 1), 1);
    copyState(HASH_STATE, HASH_MIDSTATE);
    for (let block: usize = 0; block < max(blocks0, blocks1); block++) {
      copyState(HASH_B0, HASH_STATE);
      readBlocks(HASH_W, LANE + block * BYTES, LANE + LANE_BYTES + block * BYTES);
      schedule(HASH_W);
      rounds(HASH_W);
      keepDone(block, blocks0, blocks1);
    }
    // b_0's words are the first eight of b_1's input
    copyState(HASH_W, HASH_STATE);
    memory.copy(HASH_W + 128, HASH_TAIL + 128, 128);
    schedule(HASH_W);
    copyState(HASH_STATE, HASH_IV);
    rounds(HASH_W);
    for (let tail: usize = 1; tail < tailBlocks; tail++) rounds(HASH_TAIL + tail * WORDS);
    writeDigests(INPUT + 64 * i, INPUT + 64 * i + 64);
  }
}

/** Takes what stands before the element in a tag's input, n <= 79 bytes at TERM: both lanes, padded. */
export function beginTags(n: i32): void {
  suffixBytes = n as usize;
  for (let o = LANE; o <= LANE + LANE_BYTES; o += LANE_BYTES) {
    memory.fill(o, 0, BYTES);
    memory.copy(o, TERM, suffixBytes);
    store<u8>(o + suffixBytes + 32, 0x80);
    storeLength(o + BYTES, suffixBytes + 32);
  }
}

@inline function takeElement(i: usize, lane: usize): void {
  const o = LANE + lane * LANE_BYTES + suffixBytes, p = OUTPUT + 32 * i;
  v128.store(o, v128.load(p, 0), 0);
  v128.store(o, v128.load(p, 16), 16);
}

/** INPUT = `bytes` bytes of tag of each of n <= BLOCK elements in OUTPUT. A digest is written whole; the next covers its end. */
export function tags(n: i32, bytes: i32): void {
  for (let i: usize = 0; i < (n as usize); i += 2) {
    takeElement(i, 0);
    takeElement(min<usize>(i + 1, (n as usize) - 1), 1);
    readBlocks(HASH_W, LANE, LANE + LANE_BYTES);
    schedule(HASH_W);
    copyState(HASH_STATE, HASH_IV);
    rounds(HASH_W);
    writeDigests(INPUT + i * (bytes as usize), INPUT + (i + 1) * (bytes as usize));
  }
}
