// The field module of a build with its functions exported, for tests only; never committed as wasm.
import { BUCKETS, WIDES } from '../layout';
import { writeConstants } from '../constants';
import * as field from '../field';

export const fieldBytes: usize = 80;
/** Free memory for the test's values. */
export const scratch: usize = BUCKETS;

const U: usize = WIDES;
const V: usize = WIDES + 160;
const W: usize = WIDES + 320;

export function init(): void {
  field.writeFieldConstants();
  writeConstants();
}

export function mul(o: usize, a: usize, b: usize): void {
  field.mul(o, a, b);
}

export function mulLoose(o: usize, a: usize, b: usize): void {
  field.mulLoose(o, a, b);
}

export function sqr(o: usize, a: usize): void {
  field.sqr(o, a);
}

export function add(o: usize, a: usize, b: usize): void {
  field.addTight(o, a, b);
}

export function sub(o: usize, a: usize, b: usize): void {
  field.subTight(o, a, b);
}

/** 2ab */
export function mulDoubled(o: usize, a: usize, b: usize): void {
  field.mulWideTight(U, a, b);
  field.carryDoubled(o, U);
}

/** ab − ac */
export function mulDifference(o: usize, a: usize, b: usize, c: usize): void {
  field.mulWide(U, a, b);
  field.mulWide(V, a, c);
  field.carryDifference(o, U, V);
}

/** ab + ac */
export function mulSum(o: usize, a: usize, b: usize, c: usize): void {
  field.mulWide(U, a, b);
  field.mulWide(V, a, c);
  field.carrySum(o, U, V);
}

/** −a² − b² */
export function sqrNegatedSum(o: usize, a: usize, b: usize): void {
  field.sqrWide(U, a);
  field.sqrWide(V, b);
  field.carryNegatedSum(o, U, V);
}

/** a² − b² − 2c² */
export function sqrDifferenceMinusTwice(o: usize, a: usize, b: usize, c: usize): void {
  field.sqrWide(U, a);
  field.sqrWide(V, b);
  field.sqrWide(W, c);
  field.carryDifferenceMinusTwice(o, U, V, W);
}

export function toWords(w: usize, a: usize): void {
  field.toWords(w, a);
}

export function fromWords(o: usize, w: usize): void {
  field.fromWords(o, w);
}
