// The kernel's exports: blocks of elements in linear memory.
//
// The host writes a block to INPUT (and 32 bytes to SCALAR, 16 bytes an element to WEIGHTS), calls, and reads OUTPUT.
// A block function answers −1, or 2·index + identity for the first bad element of the block; it never stops early.
// Assumes: one caller at a time; counts within BLOCK; scalars checked. Does not know: where a batch ends.
import {
  ACCUMULATOR, BLOCK, DECODED, ENDS, INPUT, MESSAGE_BYTES, OUTPUT, PAIR, POINT, SCALAR, SECRET, SECRET_END, STATUS, TERM,
  TEXT, TEXT_BYTES, WEIGHTS,
} from './layout';
import { BASE_T, BASE_X, BASE_Y, ONE, writeConstants } from './constants';
import { select, writeFieldConstants } from './field';
import { beginEncoding, finishEncoding, takePoint } from './encode';
import { multiply } from './point';
import { decodeTwo, mapUniform } from './ristretto';
import { halve, recode } from './scalar';
import { writeHashConstants } from './sha512-constants';
import { sumPair } from './sum';
import { loadPair, zero } from './words';

export { beginExpand, beginTags, expand, tags } from './sha512';
export { sumBegin, sumFinish } from './sum';

export const block: i32 = BLOCK;
export const input: usize = INPUT;
export const output: usize = OUTPUT;
export const scalar: usize = SCALAR;
export const weights: usize = WEIGHTS;
export const term: usize = TERM;
export const ends: usize = ENDS;
export const text: usize = TEXT;
export const textBytes: i32 = TEXT_BYTES;
export const messageBytes: i32 = MESSAGE_BYTES;

/** Writes the constants; called once after instantiation. */
export function init(): void {
  writeFieldConstants();
  writeConstants();
  writeHashConstants();
}

/**
 * 1 when multiply-add rounds once: (1 + 2^-30)(1 − 2^-30) − 1 is −2^-60 then, and 0 where the product is rounded
 * first. The operands come from memory, or the compiler would do the sum.
 */
export function isFused(): i32 {
  if (!ASC_FEATURE_RELAXED_SIMD) return 1;
  v128.store(INPUT, f64x2.splat(1.000000000931322574615478515625), 0);
  v128.store(INPUT, f64x2.splat(0.999999999068677425384521484375), 16);
  v128.store(INPUT, f64x2.splat(-1.0), 32);
  const x = f64x2.relaxed_madd(v128.load(INPUT, 0), v128.load(INPUT, 16), v128.load(INPUT, 32));
  const y = f64x2.eq(x, f64x2.splat(-8.673617379884035e-19));
  v128.store(INPUT, i64x2.splat(0), 0);
  v128.store(INPUT, i64x2.splat(0), 16);
  v128.store(INPUT, i64x2.splat(0), 32);
  return i64x2.all_true(y) ? 1 : 0;
}

/** Takes the scalar for the blocks that follow. */
export function setScalar(): void {
  halve();
  recode();
}

/** Puts the base point in the place of bad lanes, so that they cost the same and spoil nothing. */
function replaceBad(p: usize, bad: v128): void {
  select(p, BASE_X, p, bad);
  select(p + 80, BASE_Y, p + 80, bad);
  select(p + 160, ONE, p + 160, bad);
  select(p + 240, BASE_T, p + 240, bad);
}

/** Notes the status of pair number i and replaces what is bad at p; `w`: its words, `valid`: its mask. */
function noteDecoded(i: i32, p: usize, w: usize, valid: v128): void {
  const status = STATUS + 32 * (i as usize);
  const identity = zero(w); // the one encoding of the identity (RFC 9496 §4.3.2)
  const bad = v128.or(v128.not(valid), identity);
  v128.store(status, bad, 0);
  v128.store(status, identity, 16);
  replaceBad(p, bad);
}

/** DECODED and the point after it = pairs number i and i + 1 of the block; their status is noted. */
export function decodePairs(i: i32): void {
  const bytes = INPUT + 64 * (i as usize);
  loadPair(PAIR, bytes, 32);
  loadPair(PAIR + 64, bytes + 64, 32);
  decodeTwo(DECODED, PAIR, STATUS + 32 * (i as usize));
  const first = v128.load(STATUS + 32 * (i as usize), 0);
  const second = v128.load(STATUS + 32 * (i as usize), 16);
  noteDecoded(i, DECODED, PAIR, first);
  noteDecoded(i + 1, DECODED + POINT, PAIR + 64, second);
}

/** DECODED = the map of pair number i of the block; its status is noted. */
export function mapPair(i: i32): void {
  const status = STATUS + 32 * (i as usize);
  const bytes = INPUT + 128 * (i as usize);
  loadPair(PAIR, bytes, 64);
  loadPair(PAIR + 64, bytes + 32, 64);
  const identity = mapUniform(DECODED, PAIR);
  v128.store(status, identity, 0);
  v128.store(status, identity, 16);
  replaceBad(DECODED, identity);
}

/** The first bad one of n elements as 2·index + identity, or −1. Whether an element is valid is public. */
function firstBad(n: i32): i32 {
  let first = -1;
  for (let i = n - 1; i >= 0; i--) {
    const status = STATUS + 32 * ((i >> 1) as usize) + 8 * ((i & 1) as usize);
    if (load<i64>(status) != 0) first = 2 * i + (load<i64>(status, 16) != 0 ? 1 : 0);
  }
  return first;
}

/** OUTPUT = scalar·e for n <= BLOCK encodings in INPUT. */
export function evaluate(n: i32): i32 {
  const pairs = (n + 1) >> 1;
  beginEncoding();
  for (let i = 0; i < pairs; i++) {
    if ((i & 1) == 0) decodePairs(i);
    multiply(ACCUMULATOR, DECODED + POINT * ((i & 1) as usize));
    takePoint(i, ACCUMULATOR);
  }
  finishEncoding(pairs, OUTPUT);
  return firstBad(n);
}

/** OUTPUT = scalar·MAP(u) for n <= BLOCK uniform inputs of 64 bytes in INPUT. */
export function hashAndBlind(n: i32): i32 {
  const pairs = (n + 1) >> 1;
  beginEncoding();
  for (let i = 0; i < pairs; i++) {
    mapPair(i);
    multiply(ACCUMULATOR, DECODED);
    takePoint(i, ACCUMULATOR);
  }
  finishEncoding(pairs, OUTPUT);
  return firstBad(n);
}

/** Decodes n <= BLOCK encodings in INPUT and says which is bad. */
export function decodeCheck(n: i32): i32 {
  const pairs = (n + 1) >> 1;
  for (let i = 0; i < pairs; i += 2) decodePairs(i);
  return firstBad(n);
}

/** Adds n <= BLOCK encodings in INPUT with their WEIGHTS to the sum that sumBegin() started. */
export function sumBlock(n: i32): i32 {
  const pairs = (n + 1) >> 1;
  for (let i = 0; i < pairs; i++) {
    if ((i & 1) == 0) decodePairs(i);
    sumPair(i, n, DECODED + POINT * ((i & 1) as usize));
  }
  return firstBad(n);
}

/** Clears the scalar, its digits, tables, temporaries, input and output. */
export function wipe(): void {
  memory.fill(SECRET, 0, SECRET_END - SECRET);
}
