/**
 * The contract of the compute port: every implementation passes this suite.
 *
 * Purpose: one suite for the inline twin and the pool; what they give must be byte for byte what the suite's own
 * functions give.
 * Assumes: vitest runs it. Does not know: which implementation it tests.
 */
import { randomBytes } from 'node:crypto';
import { TallyError } from '@tallystick/protocol/errors';
import {
  createReferenceEngine,
  drawScalar,
  elementBytes,
  expandMessage,
  expandWeights,
  tagElements,
  weightBytes,
} from '@tallystick/protocol/suite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Compute, ComputeOptions, IdentifierBatch } from './types.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const dst = new TextEncoder().encode('compute contract');
const sub = 3; // elements to a sub-batch: small, so that few elements make many of them

export function identifierBatch(texts: readonly string[]): IdentifierBatch {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const ends = new Uint32Array(texts.length);
  let end = 0;
  for (const [i, bytes] of encoded.entries()) {
    end += bytes.length;
    ends[i] = end;
  }
  return { text: new Uint8Array(Buffer.concat(encoded)), ends };
}

/** The code of the error that the call fails with; undefined when it does not fail. */
export async function failure(call: Promise<unknown>): Promise<TallyError | undefined> {
  try {
    await call;
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof TallyError)) throw thrown;
    return thrown;
  }
}

export function computeContract(name: string, open: (options: ComputeOptions) => Promise<Compute>): void {
  describe(`compute contract: ${name}`, () => {
    const engine = createReferenceEngine();
    const texts = Array.from({ length: 10 }, (_, i) => `passport:AFG:${'é'.repeat(i)}${random(4).join('')}`);
    const batch = identifierBatch(texts);
    const scalar = drawScalar(random);
    let compute: Compute;
    let elements: Uint8Array;

    beforeAll(async () => {
      compute = await open({ subBatchElements: sub });
      elements = await compute.blind(batch, dst, drawScalar(random));
    });
    afterAll(async () => compute.close());

    it('blinds what the suite hashes, in order', async () => {
      const uniform = Buffer.concat(texts.map((text) => expandMessage(new TextEncoder().encode(text), dst)));
      expect(await compute.blind(batch, dst, scalar)).toEqual(
        engine.hashAndBlind(new Uint8Array(uniform), scalar),
      );
    });

    it('evaluates in order, many batches at once', async () => {
      const scalars = [scalar, drawScalar(random), drawScalar(random)];
      const got = await Promise.all(scalars.map((s) => compute.evaluate(elements, s)));
      expect(got).toEqual(scalars.map((s) => engine.evaluate(elements, s)));
    });

    it('hashes evaluated elements to the suite’s tags', async () => {
      const context = random(32);
      for (const tagBytes of [1, 11, 64]) {
        const got = await compute.evaluateToTags(elements, scalar, context, tagBytes);
        const evaluated = engine.evaluate(elements, scalar);
        const tags = tagElements(evaluated, context, tagBytes);
        expect(got).toEqual(tags);
        expect(await compute.tag(evaluated, context, tagBytes)).toEqual(tags);
        const both = await compute.evaluateWithTags(elements, scalar, context, tagBytes);
        expect(both).toEqual({ elements: evaluated, tags });
      }
    });

    it('adds up weighted elements across sub-batches', async () => {
      const weights = random(10 * weightBytes);
      expect(await compute.weightedSum(elements, weights)).toEqual(engine.weightedSum(elements, weights));
      const none = new Uint8Array(10 * weightBytes);
      expect(await compute.weightedSum(elements, none)).toEqual(new Uint8Array(elementBytes));
    });

    it('folds streams with the weights of a seed, as the suite expands them', async () => {
      const seed = random(32);
      const weights = expandWeights(seed, 0, 10);
      const other = await compute.evaluate(elements, scalar);
      const want = [elements, other].map((stream) => engine.weightedSum(stream, weights));
      expect(await compute.fold([elements, other], seed)).toEqual(new Uint8Array(Buffer.concat(want)));
      expect(await compute.fold([other], seed)).toEqual(want[1]);
      // k times one sum is the other: what a proof rests on
      expect(engine.evaluate(want[0] as Uint8Array, scalar)).toEqual(want[1]);
      const broken = other.slice().fill(0, 7 * elementBytes, 8 * elementBytes);
      const error = await failure(compute.fold([elements, broken], seed));
      expect(error?.code).toBe('element.identity');
      expect(error?.message).toMatch(/index 7 /);
      expect((await failure(compute.fold([elements, other.subarray(32)], seed)))?.code).toBe(
        'element.length',
      );
      expect((await failure(compute.fold([elements], seed.subarray(1))))?.code).toBe('argument.invalid');
    });

    it('leaves the caller’s arrays as they were', async () => {
      const before = [elements.slice(), scalar.slice(), batch.text.slice()];
      await compute.evaluate(elements, scalar);
      await compute.blind(batch, dst, scalar);
      expect([elements, scalar, batch.text]).toEqual(before);
    });

    it('takes views into larger buffers', async () => {
      const wide = new Uint8Array(elements.length + 64);
      wide.set(elements, 32);
      const view = wide.subarray(32, 32 + elements.length);
      expect(await compute.evaluate(view, scalar)).toEqual(engine.evaluate(elements, scalar));
    });

    it('gives empty results for empty batches', async () => {
      const empty = new Uint8Array(0);
      expect(await compute.evaluate(empty, scalar)).toEqual(empty);
      expect(await compute.blind({ text: empty, ends: new Uint32Array(0) }, dst, scalar)).toEqual(empty);
      expect(await compute.evaluateToTags(empty, scalar, random(32), 8)).toEqual(empty);
      expect(await compute.tag(empty, random(32), 8)).toEqual(empty);
      const both = await compute.evaluateWithTags(empty, scalar, random(32), 8);
      expect(both).toEqual({ elements: empty, tags: empty });
      expect(await compute.weightedSum(empty, empty)).toEqual(new Uint8Array(elementBytes));
    });

    it('names the first bad element by its index in the whole batch', async () => {
      for (const bad of [0, 4, 9]) {
        const broken = elements.slice();
        broken.fill(0xff, bad * elementBytes, (bad + 1) * elementBytes);
        broken.fill(0xff, 9 * elementBytes);
        const error = await failure(compute.evaluate(broken, scalar));
        expect(error?.code).toBe('element.encoding');
        expect(error?.message).toMatch(new RegExp(`index ${bad} `));
      }
      const identity = elements.slice().fill(0, 7 * elementBytes, 8 * elementBytes);
      const error = await failure(compute.evaluateToTags(identity, scalar, random(32), 8));
      expect(error?.code).toBe('element.identity');
      expect(error?.message).toMatch(/index 7 /);
    });

    it('refuses scalars out of range, even for an empty batch', async () => {
      const order = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex');
      for (const bad of [new Uint8Array(32), new Uint8Array(order), new Uint8Array(31).fill(1)]) {
        expect((await failure(compute.evaluate(elements, bad)))?.code).toBe('scalar.range');
        expect((await failure(compute.evaluate(new Uint8Array(0), bad)))?.code).toBe('scalar.range');
        expect((await failure(compute.blind(batch, dst, bad)))?.code).toBe('scalar.range');
      }
    });

    it('refuses arrays that do not fit together', async () => {
      const scalarless = compute.evaluate(elements.subarray(1), scalar);
      expect((await failure(scalarless))?.code).toBe('element.length');
      expect((await failure(compute.weightedSum(elements, random(16))))?.code).toBe('element.length');
      const ends = Uint32Array.of(2, 1, batch.text.length);
      expect((await failure(compute.blind({ text: batch.text, ends }, dst, scalar)))?.code).toBe(
        'argument.invalid',
      );
      expect((await failure(compute.blind(batch, random(256), scalar)))?.code).toBe('argument.invalid');
      expect((await failure(compute.evaluateToTags(elements, scalar, random(31), 8)))?.code).toBe(
        'argument.invalid',
      );
    });

    it('counts what it did', async () => {
      const before = await compute.stats();
      await compute.evaluate(elements, scalar);
      const after = await compute.stats();
      expect(after.batches - before.batches).toBe(1);
      expect(after.elements - before.elements).toBe(10);
      expect(after.kernelCpuNs).toBeGreaterThanOrEqual(before.kernelCpuNs);
    });

    it('refuses work once closed', async () => {
      const other = await open({ subBatchElements: sub });
      await other.close();
      expect((await failure(other.evaluate(elements, scalar)))?.code).toBe('compute.unavailable');
    });
  });
}
