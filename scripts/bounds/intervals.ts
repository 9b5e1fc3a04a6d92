/**
 * WebAssembly's vector operations on intervals instead of numbers.
 *
 * Purpose: the kernel's own sources, run with these in the place of `v128`, `i64x2`, `f64x2` and `i32x4`, compute what
 * every limb and column can be at most; an operation that could overflow, round or wrap throws `BoundError`.
 * Assumes: the sources use vectors only through those names, and both elements of a pair obey the same bounds.
 * Does not know: the kernel's formulas.
 *
 * A vector stands for all the values it may hold, as one of:
 * - int: 64-bit lanes, exact integers; additions are not reduced modulo 2^64, a shift to the right is where the
 *   value must fit (that catches every column that wraps);
 * - float: doubles that hold integers (or a constant); `from` remembers where a rounding trick came from;
 * - words: pairs of 32-bit lanes, the lower and the upper pair with bounds of their own;
 * - mask: all ones or zero; `choice` remembers "x equals n", so that picks of different n exclude each other.
 */

export class BoundError extends Error {}

export interface Range {
  readonly lo: bigint;
  readonly hi: bigint;
}

interface Choice {
  readonly of: object;
  readonly values: ReadonlySet<bigint>;
}

type Origin =
  | {
      readonly kind: 'hi';
      readonly a: Float;
      readonly b: Float;
      readonly total: Range;
      readonly before?: Float;
    }
  | { readonly kind: 'rest'; readonly a: Float; readonly b: Float; readonly magic: boolean }
  | { readonly kind: 'rounded' | 'quotient'; readonly x: Float };

export interface Int extends Range {
  readonly kind: 'int';
  readonly choice?: Choice;
}
export interface Float extends Range {
  readonly kind: 'float';
  readonly from?: Origin;
  readonly choice?: Choice;
  /** For constants that are no integers. */
  readonly constant?: number;
}
export interface Words {
  readonly kind: 'words';
  readonly low: Range;
  readonly high: Range;
  readonly choice?: Choice;
}
interface Mask {
  readonly kind: 'mask';
  readonly choice?: Choice;
}
export type Vector = Int | Float | Words | Mask;

const power = (n: number): bigint => 1n << BigInt(n);
const two64 = power(64);
const productLimit = power(102);
const c1 = 3n * power(102); // 1.5 · 2^103
const top: Int = { kind: 'int', lo: 0n, hi: two64 - 1n };

/** The largest magnitudes seen; the report of a run. */
export const seen = { products: 0, product: 0n, column: 0n, word: 0n };

const magnitude = (r: Range): bigint => {
  const low = r.lo < 0n ? -r.lo : r.lo;
  const high = r.hi < 0n ? -r.hi : r.hi;
  return low > high ? low : high;
};
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const fail = (what: string): never => {
  throw new BoundError(what);
};
const sum = (a: Range, b: Range): Range => ({ lo: a.lo + b.lo, hi: a.hi + b.hi });
const difference = (a: Range, b: Range): Range => ({ lo: a.lo - b.hi, hi: a.hi - b.lo });
const hull = (a: Range, b: Range): Range => ({
  lo: a.lo < b.lo ? a.lo : b.lo,
  hi: a.hi > b.hi ? a.hi : b.hi,
});
function product(a: Range, b: Range): Range {
  const corners = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
  return {
    lo: corners.reduce((x, y) => (x < y ? x : y)),
    hi: corners.reduce(larger),
  };
}
/** x / 2^51 to the nearest, ties either way: one unit of slack is not needed for a bound. */
const roundTo51 = (x: bigint): bigint => ((x + power(50)) >> 51n) << 51n;

/** The bit pattern of doubles between 2^e and 2^(e+1), which grows with the value. */
function bitsOf(v: Float): Int {
  if (v.lo <= 0n) return fail('the bit pattern of a double that may be zero or negative is used');
  const e = v.lo.toString(2).length - 1;
  if (e < 52 || v.hi > power(e + 1)) return fail(`bit pattern of a double outside one binade (2^${e})`);
  const pattern = (x: bigint): bigint => (BigInt(1023 + e) << 52n) + ((x - power(e)) >> BigInt(e - 52));
  return { kind: 'int', lo: pattern(v.lo), hi: pattern(v.hi) };
}

/** A double from a pattern between those of 2^52 and 2^53. */
function floatOf(v: Int): Float {
  const base = 1075n << 52n;
  if (v.lo < base || v.hi > base + power(52))
    return fail('a double made from bits is not between 2^52 and 2^53');
  return { kind: 'float', lo: v.lo - base + power(52), hi: v.hi - base + power(52) };
}

function asInt(v: Vector): Int {
  if (v.kind === 'int') return v;
  if (v.kind === 'float') return bitsOf(v);
  if (v.kind === 'mask') return { kind: 'int', lo: -1n, hi: 0n };
  return fail('32-bit lanes used as 64-bit ones');
}

function asFloat(v: Vector): Float {
  if (v.kind === 'float') return v;
  if (v.kind === 'int') return floatOf(v);
  return fail(`a ${v.kind} used as doubles`);
}

function asWords(v: Vector): Words {
  return v.kind === 'words' ? v : fail(`a ${v.kind} used as 32-bit lanes`);
}

/** The value modulo 2^64 as a range that does not wrap; fails where it would. */
function unwrapped(v: Int): Range {
  const turns = v.lo >= 0n ? v.lo / two64 : -((-v.lo + two64 - 1n) / two64);
  const range = { lo: v.lo - turns * two64, hi: v.hi - turns * two64 };
  if (range.hi >= two64) fail('a biased column can be negative or wrap around 2^64');
  return range;
}

const isConstant = (v: Range): boolean => v.lo === v.hi;

function word(range: Range): Range {
  seen.word = larger(seen.word, magnitude(range));
  return magnitude(range) < power(31) ? range : fail('a 32-bit limb can overflow');
}

function eitherOf(a: Vector, b: Vector): Vector {
  if (a.kind === 'words' && b.kind === 'words') {
    return { kind: 'words', low: hull(a.low, b.low), high: hull(a.high, b.high) };
  }
  if (a.kind === 'float' || b.kind === 'float') {
    return { kind: 'float', ...hull(asFloat(a), asFloat(b)) };
  }
  return { kind: 'int', ...hull(asInt(a), asInt(b)) };
}

/** v where the mask is set, else zero. */
function picked(v: Vector, mask: Mask): Vector {
  const zero = { lo: 0n, hi: 0n };
  const tag = mask.choice === undefined ? {} : { choice: mask.choice };
  if (v.kind === 'words') return { kind: 'words', low: hull(v.low, zero), high: hull(v.high, zero), ...tag };
  if (v.kind === 'float') return { kind: 'float', ...hull(v, zero), ...tag };
  return { kind: 'int', ...hull(asInt(v), zero), ...tag };
}

/** Two picks by masks that exclude each other: one of the two, or zero. */
function joined(a: Vector, b: Vector): Vector | undefined {
  const left = a.choice;
  const right = b.choice;
  if (left === undefined || right === undefined || left.of !== right.of) return undefined;
  if ([...left.values].some((value) => right.values.has(value)))
    return fail('two picks by masks that overlap');
  return { ...eitherOf(a, b), choice: { of: left.of, values: new Set([...left.values, ...right.values]) } };
}

export const memory = new Map<number, Vector>();

export const v128 = {
  load(address: number, offset = 0): Vector {
    return memory.get(address + offset) ?? fail(`memory at ${address + offset} is read before it is written`);
  },
  store(address: number, value: Vector, offset = 0): void {
    if ((address + offset) % 16 !== 0) fail('a vector is stored off its alignment');
    memory.set(address + offset, value);
  },
  load64_zero: (): Vector => top,
  load64_lane: (): Vector => top,
  store64_lane(): void {},
  and(a: Vector, b: Vector): Vector {
    if (a.kind === 'mask' && b.kind === 'mask') return { kind: 'mask' };
    if (b.kind === 'mask') return picked(a, b);
    if (a.kind === 'mask') return picked(b, a);
    const x = asInt(a);
    const y = asInt(b);
    if (!isConstant(y)) return top;
    if (y.lo === -1n) return x;
    if (((y.lo + 1n) & y.lo) !== 0n) return fail('and with a constant that is not 2^n − 1');
    return { kind: 'int', lo: 0n, hi: y.lo };
  },
  or(a: Vector, b: Vector): Vector {
    if (a.kind === 'mask' && b.kind === 'mask') return { kind: 'mask' };
    const one = joined(a, b);
    if (one !== undefined) return one;
    const x = asInt(a);
    const y = asInt(b);
    // low bits or'ed into a constant without them are added
    if (isConstant(y) && x.lo >= 0n && x.hi < power(52) && y.lo % power(52) === 0n) {
      return { kind: 'int', ...sum(x, y) };
    }
    return top;
  },
  xor(a: Vector, b: Vector): Vector {
    if (b.kind !== 'mask') return fail('xor with something that is no mask');
    const x = asInt(a);
    return { kind: 'int', ...hull(x, { lo: -1n - x.hi, hi: -1n - x.lo }) };
  },
  not: (a: Vector): Vector => (a.kind === 'mask' ? { kind: 'mask' } : fail('not of a number')),
  andnot: (a: Vector, b: Vector): Vector =>
    a.kind === 'mask' && b.kind === 'mask' ? { kind: 'mask' } : fail('andnot of a number'),
  bitselect: (a: Vector, b: Vector, mask: Vector): Vector =>
    mask.kind === 'mask' ? eitherOf(a, b) : fail('select by something that is no mask'),
  shuffle(a: Vector, b: Vector, ...lanes: readonly number[]): Vector {
    const order = lanes.join(' ');
    if (order === '0 2 4 6') {
      // lower halves of four 64-bit lanes
      const [low, high] = [unwrapped(asInt(a)), unwrapped(asInt(b))];
      return { kind: 'words', low: word(low), high: word(high) };
    }
    // element 0 of one, element 1 of the other: by 64-bit lanes, or by the limbs of `words`
    if (order === '0 3' || order === '0 5 2 7') return eitherOf(a, b);
    if (a !== b) return fail('a shuffle of two different vectors');
    if (a.kind === 'mask') return a;
    if (lanes.length === 4) return a; // exchanges or repeats the two elements of each limb
    if (a.kind === 'words') return order === '1 0' ? { kind: 'words', low: a.high, high: a.low } : a;
    return a;
  },
};

export const i64x2 = {
  splat(value: number | bigint): Vector {
    if (typeof value === 'number' && !Number.isSafeInteger(value) && value % 2 ** 20 !== 0) {
      return fail(`the constant ${value} is not exact in a double`);
    }
    return { kind: 'int', lo: BigInt(value), hi: BigInt(value) };
  },
  add: (a: Vector, b: Vector): Vector => ({ kind: 'int', ...sum(asInt(a), asInt(b)) }),
  sub: (a: Vector, b: Vector): Vector => ({ kind: 'int', ...difference(asInt(a), asInt(b)) }),
  shl(a: Vector, n: number): Vector {
    const x = asInt(a);
    return { kind: 'int', lo: x.lo << BigInt(n), hi: x.hi << BigInt(n) };
  },
  shr_u(a: Vector, n: number): Vector {
    const x = unwrapped(asInt(a));
    // strings of bits off the wire and constants are no columns
    if (x.hi < top.hi && !isConstant(x)) seen.column = larger(seen.column, x.hi);
    return { kind: 'int', lo: x.lo >> BigInt(n), hi: x.hi >> BigInt(n) };
  },
  eq(a: Vector, b: Vector): Vector {
    return b.kind === 'int' && isConstant(b)
      ? { kind: 'mask', choice: { of: a, values: new Set([b.lo]) } }
      : { kind: 'mask' };
  },
  lt_s: (): Vector => ({ kind: 'mask' }),
  /** The kernel makes masks of single lanes with it, nothing else. */
  replace_lane: (): Vector => ({ kind: 'mask' }),
  extmul_low_i32x4_s: (a: Vector, b: Vector): Vector => multiplied(asWords(a).low, asWords(b).low),
  extmul_high_i32x4_s: (a: Vector, b: Vector): Vector => multiplied(asWords(a).high, asWords(b).high),
  extend_low_i32x4_s: (a: Vector): Vector => ({ kind: 'int', ...asWords(a).low }),
  extend_high_i32x4_s: (a: Vector): Vector => ({ kind: 'int', ...asWords(a).high }),
};

function multiplied(a: Range, b: Range): Vector {
  const range = product(a, b);
  seen.products++;
  seen.product = larger(seen.product, magnitude(range));
  return { kind: 'int', ...range };
}

export const f64x2 = {
  splat(value: number): Vector {
    if (!Number.isInteger(value)) return { kind: 'float', lo: 0n, hi: 0n, constant: value };
    return { kind: 'float', lo: BigInt(value), hi: BigInt(value) };
  },
  add(a: Vector, b: Vector): Vector {
    const x = asFloat(a);
    const y = asFloat(b);
    const range = sum(x, y);
    if (isConstant(y) && y.lo === c1) {
      // adding C1 rounds to a multiple of 2^51
      if (magnitude(x) >= power(53)) return fail('a limb is too large to be tightened');
      return {
        kind: 'float',
        lo: roundTo51(range.lo),
        hi: roundTo51(range.hi),
        from: { kind: 'rounded', x },
      };
    }
    if (magnitude(range) > power(53)) return fail('a sum of doubles can round');
    return { kind: 'float', ...range };
  },
  sub(a: Vector, b: Vector): Vector {
    const x = asFloat(a);
    const y = asFloat(b);
    if (y.from?.kind === 'hi') {
      // what the product has beyond its hi, from C2 (and then with 1.5·2^52) or from the hi before it
      const { a: left, b: right, before } = y.from;
      const magic = before === undefined;
      if (magic ? !isConstant(x) || x.lo !== c1 + 3n * power(51) : x !== before) {
        return fail('hi is taken neither from C2 nor from the one before it');
      }
      return { kind: 'float', lo: 0n, hi: 0n, from: { kind: 'rest', a: left, b: right, magic } };
    }
    if (x.from?.kind === 'rounded' && isConstant(y) && y.lo === c1) {
      return { kind: 'float', ...difference(x, y), from: { kind: 'quotient', x: x.from.x } };
    }
    if (y.from?.kind === 'quotient' && y.from.x === x) {
      const most = magnitude(x) < power(50) ? magnitude(x) : power(50);
      return { kind: 'float', lo: -most, hi: most };
    }
    const range = difference(x, y);
    if (magnitude(range) > power(53)) return fail('a difference of doubles can round');
    return { kind: 'float', ...range };
  },
  mul(a: Vector, b: Vector): Vector {
    const x = asFloat(a);
    const scale = asFloat(b).constant;
    if (scale === undefined || x.from?.kind !== 'quotient')
      return fail('a plain product of doubles can round');
    const factor = BigInt(scale * 2 ** 51);
    return { kind: 'float', lo: (x.lo * factor) >> 51n, hi: (x.hi * factor) >> 51n };
  },
  neg(a: Vector): Vector {
    const x = asFloat(a);
    return { kind: 'float', lo: -x.hi, hi: -x.lo };
  },
  relaxed_madd(a: Vector, b: Vector, c: Vector): Vector {
    const x = asFloat(a);
    const y = asFloat(b);
    const z = asFloat(c);
    const range = product(x, y);
    const before = z.from?.kind === 'hi' ? z.from : undefined;
    if (before !== undefined || (isConstant(z) && z.lo === c1)) {
      const total = before === undefined ? range : sum(before.total, range);
      seen.products++;
      seen.product = larger(seen.product, magnitude(total));
      if (magnitude(total) >= productLimit) return fail('|a·b| can reach 2^102');
      const chain = before === undefined ? {} : { before: z };
      return {
        kind: 'float',
        lo: c1 + roundTo51(total.lo),
        hi: c1 + roundTo51(total.hi),
        from: { kind: 'hi', a: x, b: y, total, ...chain },
      };
    }
    if (z.from?.kind === 'rest' && z.from.a === x && z.from.b === y) {
      const most = magnitude(range) < power(50) ? magnitude(range) : power(50);
      const middle = z.from.magic ? 3n * power(51) : 0n;
      return { kind: 'float', lo: middle - most, hi: middle + most };
    }
    return fail('a multiply-add that is neither hi nor lo of one product');
  },
};

const lanewise =
  (operation: (a: Range, b: Range) => Range) =>
  (a: Vector, b: Vector): Vector => {
    const x = asWords(a);
    const y = asWords(b);
    return { kind: 'words', low: word(operation(x.low, y.low)), high: word(operation(x.high, y.high)) };
  };

export const i32x4 = Object.assign(
  (l0: number, _l1: number, h0: number, _h1: number): Vector => ({
    kind: 'words',
    low: { lo: BigInt(l0), hi: BigInt(l0) },
    high: { lo: BigInt(h0), hi: BigInt(h0) },
  }),
  {
    splat: (n: number): Vector => i32x4(n, n, n, n),
    add: lanewise(sum),
    sub: lanewise(difference),
    mul: lanewise(product),
    neg: (a: Vector): Vector => i32x4.sub(i32x4.splat(0), a),
  },
);
