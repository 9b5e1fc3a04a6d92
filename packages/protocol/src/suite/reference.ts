/**
 * The reference engine: the group port over @noble/curves.
 *
 * Purpose: the engine that runs everywhere, and the one against which every other is compared byte for byte.
 * Assumes: @noble/curves implements ristretto255 as RFC 9496 says.
 * Does not know: other engines. JavaScript BigInt arithmetic is slow and not constant time: where another engine is
 * usable, prefer it.
 */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { concatBytes } from '../bytes/index.ts';
import { badElement, checkScalar, countElements, countUniform, countWeighted } from './batch.ts';
import type { GroupEngine } from './group.ts';
import { elementBytes, uniformBytes, weightBytes } from './group.ts';
import { expandMessages } from './hash.ts';
import { checkTagTerms, tagElements } from './tag.ts';

const { Point } = ristretto255;
type Point = InstanceType<typeof Point>;

/** Little-endian bytes as an integer. */
function integerOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}

function decode(bytes: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(bytes); // RFC 9496 §4.3.1
  } catch {
    return undefined;
  }
}

/** Decodes all of a batch, then fails on the first bad element. */
function decodeAll(elements: Uint8Array, count: number): Point[] {
  const points: Point[] = [];
  let bad = -1;
  let badIsIdentity = false;
  for (let i = 0; i < count; i++) {
    const point = decode(elements.subarray(i * elementBytes, (i + 1) * elementBytes));
    const isIdentity = point?.is0() ?? false;
    if ((point === undefined || isIdentity) && bad < 0) {
      bad = i;
      badIsIdentity = isIdentity;
    }
    points.push(point ?? Point.ZERO);
  }
  if (bad >= 0) throw badElement(bad, badIsIdentity);
  return points;
}

/** The engine over @noble/curves; it keeps no state. */
export function createReferenceEngine(): GroupEngine {
  const engine: GroupEngine = {
    name: 'reference',

    evaluate(elements, scalar) {
      const count = countElements(elements);
      checkScalar(scalar);
      const factor = integerOf(scalar);
      const points = decodeAll(elements, count);
      const out = new Uint8Array(count * elementBytes);
      for (const [i, point] of points.entries()) out.set(point.multiply(factor).toBytes(), i * elementBytes);
      return out;
    },

    hashAndBlind(uniform, scalar) {
      const count = countUniform(uniform);
      checkScalar(scalar);
      const factor = integerOf(scalar);
      const out = new Uint8Array(count * elementBytes);
      let bad = -1;
      for (let i = 0; i < count; i++) {
        // RFC 9496 §4.3.4
        const point = ristretto255_hasher.deriveToCurve?.(
          uniform.subarray(i * uniformBytes, (i + 1) * uniformBytes),
        );
        if (point === undefined || point.is0()) {
          if (bad < 0) bad = i;
        } else {
          out.set(point.multiply(factor).toBytes(), i * elementBytes);
        }
      }
      if (bad >= 0) throw badElement(bad, true);
      return out;
    },

    blindMessages(messages, dst, scalar) {
      const uniform = expandMessages(messages, dst);
      try {
        return engine.hashAndBlind(uniform, scalar);
      } finally {
        uniform.fill(0);
      }
    },

    evaluateToTags(elements, scalar, tagContext, tagBytes) {
      checkTagTerms(tagContext, tagBytes);
      return tagElements(engine.evaluate(elements, scalar), tagContext, tagBytes);
    },

    evaluateWithTags(elements, scalar, tagContext, tagBytes) {
      checkTagTerms(tagContext, tagBytes);
      const evaluated = engine.evaluate(elements, scalar);
      return concatBytes(evaluated, tagElements(evaluated, tagContext, tagBytes));
    },

    tag: tagElements,

    weightedSum(elements, weights) {
      const count = countWeighted(elements, weights);
      const points = decodeAll(elements, count);
      let sum: Point = Point.ZERO;
      for (const [i, point] of points.entries()) {
        // weights are public: variable time is allowed, and zero is a weight
        const weight = integerOf(weights.subarray(i * weightBytes, (i + 1) * weightBytes));
        sum = sum.add(point.multiplyUnsafe(weight));
      }
      return sum.toBytes();
    },

    decodeCheck(elements) {
      decodeAll(elements, countElements(elements));
    },
  };
  return engine;
}
