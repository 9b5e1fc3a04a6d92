// The field of the kernel: one of two modules, chosen when it is built.
//
// The build with the relaxed-simd feature takes field-fused.ts, the other one field-portable.ts; the condition is a
// constant of the compiler, so the other module is not even compiled.
import * as fused from './field-fused';
import * as portable from './field-portable';

@inline export function writeFieldConstants(): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.writeFieldConstants();
  else portable.writeFieldConstants();
}

@inline export function mul(o: usize, a: usize, b: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.mul(o, a, b);
  else portable.mul(o, a, b);
}

@inline export function mulLoose(o: usize, a: usize, b: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.mulLoose(o, a, b);
  else portable.mulLoose(o, a, b);
}

@inline export function mulWideTight(w: usize, a: usize, b: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.mulWideTight(w, a, b);
  else portable.mulWideTight(w, a, b);
}

@inline export function mulWide(w: usize, a: usize, b: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.mulWide(w, a, b);
  else portable.mulWide(w, a, b);
}

@inline export function sqr(o: usize, a: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.sqr(o, a);
  else portable.sqr(o, a);
}

@inline export function sqrWide(w: usize, a: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.sqrWide(w, a);
  else portable.sqrWide(w, a);
}

@inline export function carryDoubled(o: usize, w: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.carryDoubled(o, w);
  else portable.carryDoubled(o, w);
}

@inline export function carryDifference(o: usize, u: usize, w: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.carryDifference(o, u, w);
  else portable.carryDifference(o, u, w);
}

@inline export function carrySum(o: usize, u: usize, w: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.carrySum(o, u, w);
  else portable.carrySum(o, u, w);
}

@inline export function carryNegatedSum(o: usize, u: usize, w: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.carryNegatedSum(o, u, w);
  else portable.carryNegatedSum(o, u, w);
}

@inline export function carryDifferenceMinusTwice(o: usize, u: usize, v: usize, w: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.carryDifferenceMinusTwice(o, u, v, w);
  else portable.carryDifferenceMinusTwice(o, u, v, w);
}

@inline export function add(o: usize, a: usize, b: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.add(o, a, b);
  else portable.add(o, a, b);
}

@inline export function sub(o: usize, a: usize, b: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.sub(o, a, b);
  else portable.sub(o, a, b);
}

@inline export function addTight(o: usize, a: usize, b: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.addTight(o, a, b);
  else portable.addTight(o, a, b);
}

@inline export function subTight(o: usize, a: usize, b: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.subTight(o, a, b);
  else portable.subTight(o, a, b);
}

@inline export function select(o: usize, a: usize, b: usize, mask: v128): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.select(o, a, b, mask);
  else portable.select(o, a, b, mask);
}

@inline export function negateWhere(o: usize, a: usize, mask: v128): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.negateWhere(o, a, mask);
  else portable.negateWhere(o, a, mask);
}

@inline export function broadcast(o: usize, a: usize, lane: i32): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.broadcast(o, a, lane);
  else portable.broadcast(o, a, lane);
}

@inline export function blend(o: usize, a: usize, b: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.blend(o, a, b);
  else portable.blend(o, a, b);
}

@inline export function swapLanes(o: usize, a: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.swapLanes(o, a);
  else portable.swapLanes(o, a);
}

@inline export function fromWords(o: usize, w: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.fromWords(o, w);
  else portable.fromWords(o, w);
}

@inline export function toWords(w: usize, a: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused.toWords(w, a);
  else portable.toWords(w, a);
}

@inline export function pick(a: usize, mask: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return fused.pick(a, mask);
  else return portable.pick(a, mask);
}

@inline export function negated(x: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return fused.negated(x);
  else return portable.negated(x);
}

@inline export function pickMask(mask: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return fused.pickMask(mask);
  else return portable.pickMask(mask);
}

/** o = a. */
export function copy(o: usize, a: usize): void {
  for (let i: usize = 0; i < 80; i += 16) v128.store(o + i, v128.load(a + i));
}
