// Encoding of a whole block without a square root.
//
// The double of a point has an encoding that needs inverses only, and inverses can be shared: so scalars are halved
// modulo the (odd) group order before they multiply, and the results are doubled and encoded here. Formulas:
// "double_and_compress_batch" of curve25519-dalek (H. de Valence, after M. Hamburg's ristretto notes); shared
// inversion: P. Montgomery, "Speeding the Pollard and elliptic curve methods of factorization" (1987), §10.3.1.
import { STATE, STATE_STRIDE, TEMPS, TEMPS_WORDS, TWIN, WIDES } from './layout';
import { D, INVSQRT_A_MINUS_D, ONE, SQRT_M1, ZERO } from './constants';
import {
  addTight, carryDoubled, copy, mul, mulLoose, mulWideTight, negateWhere, select, sqr, sub, subTight, toWords,
} from './field';
import { invert } from './power';
import { odd, storePair, zero } from './words';

const A: usize = TEMPS + 32 * 80;
const B: usize = TEMPS + 33 * 80;
const ZINV: usize = TEMPS + 34 * 80;
const TINV: usize = TEMPS + 35 * 80;
const G: usize = TEMPS + 36 * 80;
const H: usize = TEMPS + 37 * 80;
const MAGIC: usize = TEMPS + 38 * 80;
/** Product of all so far, later the inverse of what is left; even pairs here, odd ones in the twin. */
const RUNNING: usize = TEMPS + 39 * 80;
const W: usize = TEMPS_WORDS + 3 * 64;

/** Starts a block. */
export function beginEncoding(): void {
  copy(RUNNING, ONE);
  copy(RUNNING + TWIN, ONE);
}

/** Takes point p as number n of the block: e = 2XY, f = Z² + dT², g = Y² + X², h = Z² − dT². */
export function takePoint(n: i32, p: usize): void {
  const s = STATE + (n as usize) * STATE_STRIDE;
  mulWideTight(WIDES, p, p + 80);
  carryDoubled(s, WIDES);
  sqr(A, p + 160);
  sqr(B, p + 240);
  mul(B, B, D);
  addTight(s + 80, A, B);
  subTight(s + 240, A, B);
  sqr(A, p);
  sqr(B, p + 80);
  addTight(s + 160, A, B);
  mul(s + 320, s, s + 160); // e·g
  mul(s + 400, s + 80, s + 240); // f·h
  mul(s + 480, s + 320, s + 400);
  // The identity alone has e·g·f·h = 0. One would spoil the shared inverse: 1 stands in, and g = 0 makes s = 0.
  toWords(W, s + 480);
  const neutral = zero(W);
  select(s + 480, ONE, s + 480, neutral);
  select(s + 160, ZERO, s + 160, neutral);
  select(s + 320, ZERO, s + 320, neutral);
  const running = RUNNING + TWIN * ((n & 1) as usize);
  copy(s + 560, running);
  mul(running, running, s + 480);
}

/** Writes the encodings of the doubles of points 0 .. n − 1 to `bytes`, 64 bytes a pair. */
export function finishEncoding(n: i32, bytes: usize): void {
  invert(RUNNING, RUNNING);
  for (let i = n - 1; i >= 0; i--) {
    const s = STATE + (i as usize) * STATE_STRIDE;
    const running = RUNNING + TWIN * ((i & 1) as usize);
    mul(A, running, s + 560); // 1/(e·g·f·h)
    mul(running, running, s + 480);
    mul(ZINV, s + 320, A);
    mul(TINV, s + 400, A);
    mul(A, s + 320, ZINV);
    toWords(W, A);
    const rotate = odd(W);
    // e, g, h, magic = g, −e, f·√−1, √−1 where the point is to be rotated
    subTight(A, ZERO, s);
    select(G, A, s + 160, rotate);
    mul(A, s + 80, SQRT_M1);
    select(H, A, s + 240, rotate);
    select(MAGIC, SQRT_M1, INVSQRT_A_MINUS_D, rotate);
    select(B, s + 160, s, rotate);
    mul(A, H, B);
    mul(A, A, ZINV);
    toWords(W, A);
    negateWhere(G, G, odd(W));
    // s = |(h − g)·magic·g·(1/T)|
    sub(A, H, G);
    mulLoose(A, A, MAGIC);
    mul(B, G, TINV);
    mul(A, A, B);
    toWords(W, A);
    negateWhere(A, A, odd(W));
    toWords(W, A);
    storePair(bytes + 64 * (i as usize), W, i64x2.splat(-1));
  }
}
