// Σ wᵢ·eᵢ with public 128-bit weights, by buckets (N. Pippenger, "On the evaluation of powers and monomials", SIAM J.
// Comput. 9 (1980); signed digits).
//
// A weight is cut into windows of c bits with digits in −2^(c−1) .. 2^(c−1). Windows go two by two: lane 0 of a
// vector works on an even window, lane 1 on the odd one after it, so that one addition serves both. Bucket b of
// window pair p holds, per lane, the sum of the elements with digit ±b there.
//
// Weights and elements are public: addresses and branches depend on them. Does not know: secrets.
import { ACCUMULATOR, BUCKETS, OUTPUT, POINT, SCALAR, SUM_DIGITS, SUM_POINTS, WEIGHTS } from './layout';
import { broadcast, copy, swapLanes } from './field';
import { beginEncoding, finishEncoding, takePoint } from './encode';
import {
  addAffine, addCached, blendPoints, double, multiply, setNeutral, signedAffine, toCached,
} from './point';
import { halve, recode } from './scalar';

const PAIR_CACHED: usize = SUM_POINTS;
const ENTRY: usize = SUM_POINTS + 320;
const RUN: usize = SUM_POINTS + 640;
const TOTAL: usize = SUM_POINTS + 960;
const RESULT: usize = SUM_POINTS + 1280;
const ELEMENT: usize = SUM_POINTS + 1600;

let bits: i32 = 8;
let half: i32 = 128;
let windowPairs: i32 = 9;

@inline function bucket(pair: i32, b: i32): usize {
  return BUCKETS + ((pair * (half + 1) + b) as usize) * POINT;
}

@inline function laneMask(lane0: i64, lane1: i64): v128 {
  return i64x2.replace_lane(i64x2.splat(lane0), 1, lane1);
}

/** Empties the buckets for windows of `windowBits` bits, 2 .. 11. */
export function sumBegin(windowBits: i32): void {
  bits = windowBits;
  half = 1 << (windowBits - 1);
  // digits of 128 bits and a carry
  const windows = 128 / windowBits + 1;
  windowPairs = (windows + 1) >> 1;
  for (let p = 0; p < windowPairs; p++) {
    for (let b = 0; b <= half; b++) setNeutral(bucket(p, b));
  }
}

/** SUM_DIGITS = the signed digits of weight number i of the block. */
function cutWeight(i: i32): void {
  const w = WEIGHTS + 16 * (i as usize);
  let low = load<u64>(w, 0);
  let high = load<u64>(w, 8);
  const mask: u64 = ((1 as u64) << bits) - 1;
  let carry: i64 = 0;
  for (let d = 0; d < 2 * windowPairs; d++) {
    const sum = ((low & mask) as i64) + carry;
    low = (low >> bits) | (high << (64 - bits));
    high = high >> bits;
    carry = sum > half ? 1 : 0;
    store<i64>(SUM_DIGITS + 8 * (d as usize), sum - (carry << bits));
  }
}

@inline function magnitude(digit: i64): i32 {
  return (digit < 0 ? -digit : digit) as i32;
}

/** Bucket `even` gains ENTRY in lane 0, bucket `odd` in lane 1; they may be the same. */
export function gain(even: usize, odd: usize): void {
  blendPoints(RUN, even, odd);
  addAffine(RUN, RUN, ENTRY);
  blendPoints(even, RUN, even);
  blendPoints(odd, odd, RUN);
}

/** ELEMENT = the element in lane `lane` of PAIR_CACHED, in both lanes. Decoded elements have Z = 1. */
export function takeElement(lane: i32): void {
  for (let i: usize = 0; i < POINT; i += 80) broadcast(ELEMENT + i, PAIR_CACHED + i, lane);
}

/** ENTRY = ELEMENT, negated where the masks say so. */
export function takeEntry(negative: v128): void {
  signedAffine(ENTRY, ELEMENT, negative);
}

/** Adds the points at p, pair number i of the block of n elements, with their weights to the buckets. */
export function sumPair(i: i32, n: i32, p: usize): void {
  toCached(PAIR_CACHED, p);
  for (let lane = 0; lane < 2; lane++) {
    if (2 * i + lane >= n) break;
    cutWeight(2 * i + lane);
    takeElement(lane);
    for (let pair = 0; pair < windowPairs; pair++) {
      const even = load<i64>(SUM_DIGITS + 16 * (pair as usize), 0);
      const odd = load<i64>(SUM_DIGITS + 16 * (pair as usize), 8);
      if ((even | odd) == 0) continue;
      takeEntry(laneMask(even < 0 ? -1 : 0, odd < 0 ? -1 : 0));
      gain(bucket(pair, magnitude(even)), bucket(pair, magnitude(odd)));
    }
  }
}

/** o = o + q for extended points. ENTRY is scratch. */
export function addTo(o: usize, q: usize): void {
  toCached(ENTRY, q);
  addCached(o, o, ENTRY, true);
}

/** o = Σ b·bucket b of window pair p, in each lane, as a sum of running sums. Bucket 0 counts for nothing. */
function reduce(o: usize, p: i32): void {
  setNeutral(RUN);
  setNeutral(o);
  for (let b = half; b > 0; b--) {
    addTo(RUN, bucket(p, b));
    addTo(o, RUN);
  }
}

@inline function doubleTimes(p: usize, n: i32): void {
  for (let i = 0; i < n; i++) double(p, true);
}

/** RESULT lane 0 = lane 0 of TOTAL + 2^bits · its lane 1. */
export function joinLanes(): void {
  for (let i: usize = 0; i < POINT; i += 80) {
    copy(RESULT + i, TOTAL + i);
    swapLanes(TOTAL + i, TOTAL + i);
  }
  doubleTimes(TOTAL, bits);
  addTo(RESULT, TOTAL);
}

/** First 32 bytes of OUTPUT = the encoding of the sum. */
export function sumFinish(): void {
  setNeutral(TOTAL);
  for (let p = windowPairs - 1; p >= 0; p--) {
    doubleTimes(TOTAL, 2 * bits);
    reduce(RESULT, p);
    addTo(TOTAL, RESULT);
  }
  joinLanes();
  // encode.ts doubles: half of the sum goes in, 1/2 modulo the order being a scalar like another
  store<u64>(SCALAR, 1, 0);
  store<u64>(SCALAR, 0, 8);
  store<u64>(SCALAR, 0, 16);
  store<u64>(SCALAR, 0, 24);
  halve();
  recode();
  multiply(ACCUMULATOR, RESULT);
  beginEncoding();
  takePoint(0, ACCUMULATOR);
  finishEncoding(1, OUTPUT);
}
