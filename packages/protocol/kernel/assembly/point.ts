// Points of edwards25519 in extended coordinates, and multiplication by a secret scalar.
//
// x = X/Z, y = Y/Z, xy = T/Z on −x² + y² = 1 + d·x²y² (H. Hisil, K. Wong, G. Carter, E. Dawson, "Twisted Edwards
// curves revisited", ASIACRYPT 2008). The addition is complete: no case of equal, opposite or neutral points.
// A cached point holds Y + X, Y − X, 2Z, 2d·T.
//
// Products are left as columns, combined there, and carried once, so every factor below is tight or a sum of two.
// Assumes: tight coordinates. Does not know: encodings.
import { DIGITS, POINT, SELECTED, TABLE, TEMPS, WIDES } from './layout';
import { D2, NEUTRAL, ONE, ZERO } from './constants';
import {
  add, addTight, blend, carryDifference, carryDifferenceMinusTwice, carryDoubled, carryNegatedSum, carrySum, copy, mul,
  mulWide, mulWideTight, negated, pick, pickMask, sqrWide, sub, subTight,
} from './field';

const A: usize = WIDES;
const B: usize = WIDES + 160;
const C: usize = WIDES + 320;
const DD: usize = WIDES + 480;
const E: usize = TEMPS + 8 * 80;
const F: usize = TEMPS + 9 * 80;
const G: usize = TEMPS + 10 * 80;
const H: usize = TEMPS + 11 * 80;
const SUM: usize = TEMPS + 12 * 80;
const DIFFERENCE: usize = TEMPS + 13 * 80;
const PRODUCT: usize = TEMPS + 14 * 80;

/** o = (E·F, G·H, F·G, E·H); T only where it is asked for. */
@inline function fromEFGH(o: usize, withT: bool): void {
  mul(o, E, F);
  mul(o + 80, G, H);
  mul(o + 160, F, G);
  if (withT) mul(o + 240, E, H);
}

/** p = 2p. EFD "dbl-2008-hwcd" with a = −1: E = 2XY, G = Y² − X², F = G − 2Z², H = −X² − Y². */
export function double(p: usize, withT: bool): void {
  sqrWide(A, p);
  sqrWide(B, p + 80);
  sqrWide(C, p + 160);
  mulWideTight(DD, p, p + 80);
  carryDoubled(E, DD);
  carryDifference(G, B, A);
  carryDifferenceMinusTwice(F, B, A, C);
  carryNegatedSum(H, A, B);
  fromEFGH(p, withT);
}

/** o = p + q for cached q. EFD "add-2008-hwcd-3" (a = −1, k = 2d): 8M. */
export function addCached(o: usize, p: usize, q: usize, withT: bool): void {
  sub(DIFFERENCE, p + 80, p);
  add(SUM, p + 80, p);
  mulWide(A, DIFFERENCE, q + 80); // (Y1 − X1)(Y2 − X2)
  mulWide(B, SUM, q); // (Y1 + X1)(Y2 + X2)
  mulWide(C, p + 240, q + 240); // T1·2d·T2
  mulWide(DD, p + 160, q + 160); // Z1·2Z2
  carryDifference(E, B, A);
  carryDifference(F, DD, C);
  carrySum(G, DD, C);
  carrySum(H, B, A);
  fromEFGH(o, withT);
}

/**
 * o = p + q for cached q with Z = 1 (its 2Z is not looked at). The same with D = 2·Z1 ("madd-2008-hwcd-3"): 7M. D is no
 * product, so C is carried first.
 */
export function addAffine(o: usize, p: usize, q: usize): void {
  sub(DIFFERENCE, p + 80, p);
  add(SUM, p + 80, p);
  mulWide(A, DIFFERENCE, q + 80);
  mulWide(B, SUM, q);
  mul(PRODUCT, p + 240, q + 240);
  add(SUM, p + 160, p + 160);
  carryDifference(E, B, A);
  subTight(F, SUM, PRODUCT);
  addTight(G, SUM, PRODUCT);
  carrySum(H, B, A);
  fromEFGH(o, true);
}

/** o = the cached form of p. */
export function toCached(o: usize, p: usize): void {
  addTight(o, p + 80, p);
  subTight(o + 80, p + 80, p);
  add(o + 160, p + 160, p + 160);
  mul(o + 240, p + 240, D2);
}

/** o = the point of cached q without its T: (2X, 2Y, 2Z) are the sum, the difference and what is there. */
function fromCached(o: usize, q: usize): void {
  subTight(o, q, q + 80);
  addTight(o + 80, q, q + 80);
  addTight(o + 160, q + 160, ZERO);
}

/** o = the neutral element (0, 1, 1, 0). */
export function setNeutral(o: usize): void {
  copy(o, ZERO);
  copy(o + 80, ONE);
  copy(o + 160, ONE);
  copy(o + 240, ZERO);
}

/** o = element 0 of p beside element 1 of q. */
export function blendPoints(o: usize, p: usize, q: usize): void {
  for (let i: usize = 0; i < 320; i += 80) blend(o + i, p + i, q + i);
}

/** o = mask ? −q : q for cached q with Z = 1: Y + X and Y − X change places, 2dT its sign. 2Z is left out. */
export function signedAffine(o: usize, q: usize, mask: v128): void {
  const m = pickMask(mask);
  for (let i: usize = 0; i < 80; i += 16) {
    const u = v128.load(q + i, 0), v = v128.load(q + i, 80), w = v128.load(q + i, 240);
    v128.store(o + i, v128.bitselect(v, u, m), 0);
    v128.store(o + i, v128.bitselect(u, v, m), 80);
    v128.store(o + i, v128.bitselect(negated(w), w, m), 240);
  }
}

/** TABLE = cached 1p … 8p; p becomes 8p. */
export function buildTable(p: usize): void {
  toCached(TABLE, p);
  for (let entry: usize = TABLE + POINT; entry < TABLE + 8 * POINT; entry += POINT) {
    addCached(p, p, TABLE, true);
    toCached(entry, p);
  }
}

@inline function sizeIs(size: v128, n: i64): v128 {
  return pickMask(i64x2.eq(size, i64x2.splat(n)));
}

/** Vector i of the one entry whose mask is set, or zero. */
@inline function oneOf(
  i: usize, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, m6: v128, m7: v128, m8: v128,
): v128 {
  let x = v128.or(pick(TABLE + i, m1), pick(TABLE + POINT + i, m2));
  x = v128.or(x, pick(TABLE + 2 * POINT + i, m3));
  x = v128.or(x, pick(TABLE + 3 * POINT + i, m4));
  x = v128.or(x, pick(TABLE + 4 * POINT + i, m5));
  x = v128.or(x, pick(TABLE + 5 * POINT + i, m6));
  x = v128.or(x, pick(TABLE + 6 * POINT + i, m7));
  return v128.or(x, pick(TABLE + 7 * POINT + i, m8));
}

/**
 * SELECTED = digit·P for a digit in −8 .. 8 at `digit`. Reads every entry of the table and keeps one by masks: no
 * address and no branch depends on the digit. For a negative one Y + X and Y − X change places, 2dT its sign.
 */
export function selectDigit(digit: usize): void {
  const d = v128.load(digit);
  const below = i64x2.lt_s(d, i64x2.splat(0));
  const size = i64x2.sub(v128.xor(d, below), below);
  const m1 = sizeIs(size, 1), m2 = sizeIs(size, 2), m3 = sizeIs(size, 3), m4 = sizeIs(size, 4);
  const m5 = sizeIs(size, 5), m6 = sizeIs(size, 6), m7 = sizeIs(size, 7), m8 = sizeIs(size, 8);
  const negative = pickMask(below);
  for (let i: usize = 0; i < 80; i += 16) {
    const u = oneOf(i, m1, m2, m3, m4, m5, m6, m7, m8);
    const v = oneOf(i + 80, m1, m2, m3, m4, m5, m6, m7, m8);
    v128.store(SELECTED + i, v128.bitselect(v, u, negative), 0);
    v128.store(SELECTED + i, v128.bitselect(u, v, negative), 80);
    v128.store(SELECTED + i, oneOf(i + 160, m1, m2, m3, m4, m5, m6, m7, m8), 160);
    const w = oneOf(i + 240, m1, m2, m3, m4, m5, m6, m7, m8);
    v128.store(SELECTED + i, v128.bitselect(negated(w), w, negative), 240);
  }
  // the neutral element (1, 1, 2, 0): only the lowest vectors differ from zero
  const m0 = sizeIs(size, 0);
  v128.store(SELECTED, v128.bitselect(v128.load(NEUTRAL), v128.load(SELECTED, 0), m0), 0);
  v128.store(SELECTED, v128.bitselect(v128.load(NEUTRAL + 80), v128.load(SELECTED, 80), m0), 80);
  v128.store(SELECTED, v128.bitselect(v128.load(NEUTRAL + 160), v128.load(SELECTED, 160), m0), 160);
}

/**
 * o = scalar·p for the digits in DIGITS (scalar = Σ digitᵢ·16^i); p is used up. Fixed windows of four bits: the
 * sequence of operations is the same for every scalar.
 */
export function multiply(o: usize, p: usize): void {
  buildTable(p);
  selectDigit(DIGITS + 63 * 16);
  fromCached(o, SELECTED);
  for (let i = 62; i >= 0; i--) {
    double(o, false);
    double(o, false);
    double(o, false);
    double(o, true);
    selectDigit(DIGITS + 16 * (i as usize));
    addCached(o, o, SELECTED, i == 0);
  }
}
