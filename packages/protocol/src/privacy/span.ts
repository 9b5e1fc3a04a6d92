/**
 * Exact linear algebra over the rationals, in integers.
 *
 * Purpose: a growing basis of integer vectors that answers whether a vector is a combination of those put in, and of
 * which: the one question that complementary suppression asks.
 * Assumes: short vectors (one entry per public size). Does not know: cells, counts.
 */
import { absolute, gcd } from './rational.ts';

/** scale · target = Σ coefficients[i] · (i-th basis vector), scale ≠ 0, in lowest terms. */
export interface Combination {
  readonly scale: bigint;
  readonly coefficients: readonly bigint[];
}

interface EchelonRow {
  readonly pivot: number;
  readonly vector: readonly bigint[];
  /** vector = Σ combination[i] · (i-th basis vector). */
  readonly combination: readonly bigint[];
}

interface Reduced {
  readonly rest: bigint[];
  scale: bigint;
  readonly coefficients: bigint[];
}

export class Span {
  /** Caller's ids of the basis vectors, in the order they were put in. */
  readonly ids: number[] = [];
  private readonly rows: EchelonRow[] = [];

  /** Adds a vector unless it is a combination of those already in; tells whether it was added. */
  insert(id: number, vector: readonly bigint[]): boolean {
    const { rest, scale, coefficients } = this.reduce(vector);
    const pivot = rest.findIndex((entry) => entry !== 0n);
    if (pivot < 0) return false;
    const combination = [...coefficients.map((entry) => -entry), scale];
    let common = 0n;
    for (const entry of [...rest, ...combination]) common = gcd(common, entry);
    this.ids.push(id);
    this.rows.push({
      pivot,
      vector: rest.map((entry) => entry / common),
      combination: combination.map((entry) => entry / common),
    });
    return true;
  }

  /** The combination that gives the target, or undefined if there is none. */
  express(target: readonly bigint[]): Combination | undefined {
    const { rest, scale, coefficients } = this.reduce(target);
    if (rest.some((entry) => entry !== 0n)) return undefined;
    let common = absolute(scale);
    for (const entry of coefficients) common = gcd(common, entry);
    return { scale: scale / common, coefficients: coefficients.map((entry) => entry / common) };
  }

  /** Keeps scale · target = rest + Σ coefficients · basis while it clears one pivot after another. */
  private reduce(target: readonly bigint[]): Reduced {
    let rest = [...target];
    let scale = 1n;
    let coefficients = this.ids.map(() => 0n);
    for (const { pivot, vector, combination } of this.rows) {
      const entry = rest[pivot] as bigint;
      if (entry === 0n) continue;
      const head = vector[pivot] as bigint;
      rest = rest.map((value, i) => head * value - entry * (vector[i] as bigint));
      scale *= head;
      coefficients = coefficients.map((value, i) => head * value + entry * (combination[i] ?? 0n));
    }
    return { rest, scale, coefficients };
  }
}
