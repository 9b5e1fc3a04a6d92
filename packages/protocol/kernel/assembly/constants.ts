// Curve constants (RFC 9496 §4.1; base point RFC 7748 §4.1), as canonical words and as field elements.
import { CONSTANT, CONSTANTS, WORDS } from './layout';
import { add, copy, fromWords } from './field';

/** Address of constant number n: its words; its field element follows at `+ WORDS`. */
@inline function at(n: usize): usize {
  return CONSTANTS + n * CONSTANT;
}

export const ONE: usize = CONSTANTS + WORDS;
export const MINUS_ONE: usize = ONE + CONSTANT;
export const SQRT_M1: usize = ONE + 2 * CONSTANT;
export const MINUS_SQRT_M1: usize = ONE + 3 * CONSTANT;
export const D: usize = ONE + 4 * CONSTANT;
export const D2: usize = ONE + 5 * CONSTANT;
export const ONE_MINUS_D_SQ: usize = ONE + 6 * CONSTANT;
export const D_MINUS_ONE_SQ: usize = ONE + 7 * CONSTANT;
export const SQRT_AD_MINUS_ONE: usize = ONE + 8 * CONSTANT;
export const INVSQRT_A_MINUS_D: usize = ONE + 9 * CONSTANT;
export const BASE_X: usize = ONE + 10 * CONSTANT;
export const BASE_Y: usize = ONE + 11 * CONSTANT;
export const BASE_T: usize = ONE + 12 * CONSTANT;
export const ZERO: usize = ONE + 13 * CONSTANT;
/** The neutral element in cached form: Y + X = 1, Y − X = 1, 2Z = 2, 2dT = 0. */
export const NEUTRAL: usize = CONSTANTS + 14 * CONSTANT;

/** The canonical words of a constant, given the address of its field element. */
@inline export function wordsOf(constant: usize): usize {
  return constant - WORDS;
}

function write(n: usize, w0: i64, w1: i64, w2: i64, w3: i64): void {
  const p = at(n);
  v128.store(p, i64x2.splat(w0), 0);
  v128.store(p, i64x2.splat(w1), 16);
  v128.store(p, i64x2.splat(w2), 32);
  v128.store(p, i64x2.splat(w3), 48);
  fromWords(p + WORDS, p);
}

/** Writes all constants; called once by init(). */
export function writeConstants(): void {
  // 1, −1, √−1 (SQRT_M1), −√−1
  write(0, 0x1, 0x0, 0x0, 0x0);
  write(1, 0xffffffffffffffec, 0xffffffffffffffff, 0xffffffffffffffff, 0x7fffffffffffffff);
  write(2, 0xc4ee1b274a0ea0b0, 0x2f431806ad2fe478, 0x2b4d00993dfbd7a7, 0x2b8324804fc1df0b);
  write(3, 0x3b11e4d8b5f15f3d, 0xd0bce7f952d01b87, 0xd4b2ff66c2042858, 0x547cdb7fb03e20f4);
  // d, 2d
  write(4, 0x75eb4dca135978a3, 0x00700a4d4141d8ab, 0x8cc740797779e898, 0x52036cee2b6ffe73);
  write(5, 0xebd69b9426b2f159, 0x00e0149a8283b156, 0x198e80f2eef3d130, 0x2406d9dc56dffce7);
  // 1 − d² (ONE_MINUS_D_SQ), (d − 1)² (D_MINUS_ONE_SQ)
  write(6, 0xe27c09c1945fc176, 0x2c81a138cd5e350f, 0x9994abddbe70dfe4, 0x029072a8b2b3e0d7);
  write(7, 0x31ad5aaa44ed4d20, 0xd29e4a2cb01e1999, 0x4cdcd32f529b4eeb, 0x5968b37af66c2241);
  // √(ad − 1) (SQRT_AD_MINUS_ONE), 1/√(a − d) (INVSQRT_A_MINUS_D)
  write(8, 0x7e97f6a0497b2e1b, 0xaf9d8e0c1b7854bd, 0x0f3cfcc931f5d1fd, 0x376931bf2b8348ac);
  write(9, 0x99c8fdaa805d40ea, 0x9d2f16175a4172be, 0x16c27b91fe01d840, 0x786c8905cfaffca2);
  // the base point: x, y, x·y
  write(10, 0xc9562d608f25d51a, 0x692cc7609525a7b2, 0xc0a4e231fdd6dc5c, 0x216936d3cd6e53fe);
  write(11, 0x6666666666666658, 0x6666666666666666, 0x6666666666666666, 0x6666666666666666);
  write(12, 0x6dde8ab3a5b7dda3, 0x20f09f80775152f5, 0x66ea4e8e64abe37d, 0x67875f0fd78b7665);
  write(13, 0x0, 0x0, 0x0, 0x0);
  copy(NEUTRAL, ONE);
  copy(NEUTRAL + 80, ONE);
  add(NEUTRAL + 160, ONE, ONE);
  copy(NEUTRAL + 240, ZERO);
}
