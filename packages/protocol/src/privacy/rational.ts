/**
 * Exact numbers: fractions of BigInt, and the integer functions that the room needs.
 *
 * Purpose: no float decides or samples anything in this room.
 * Assumes: denominators are positive. Does not know: what a number means.
 */

/** A fraction; the denominator is positive. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Greatest common divisor, never negative; gcd(0, 0) = 0. */
export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [absolute(a), absolute(b)];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** numerator/denominator in lowest terms; throws RangeError unless the denominator is positive. */
export function rational(numerator: bigint, denominator = 1n): Rational {
  if (denominator <= 0n) throw new RangeError('rational: want a positive denominator');
  const common = gcd(numerator, denominator);
  return { numerator: numerator / common, denominator: denominator / common };
}

/** The largest integer not above the fraction. */
export function floorOf({ numerator, denominator }: Rational): bigint {
  const quotient = numerator / denominator;
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient;
}

/** The smallest integer not below the fraction. */
export function ceilOf({ numerator, denominator }: Rational): bigint {
  return -floorOf({ numerator: -numerator, denominator });
}

/** Floor of the square root of a non-negative integer (Newton's method). */
export function integerSqrt(value: bigint): bigint {
  if (value < 0n) throw new RangeError('integer square root: want a value of at least 0');
  if (value < 2n) return value;
  let guess = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}
