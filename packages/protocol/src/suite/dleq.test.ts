import { ed25519, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, encodeHex, parseHex, utf8 } from '../bytes/index.ts';
import {
  addElements,
  multiplyElement,
  proveDleq,
  proveWithNonce,
  verifyDleq,
  type DleqChallenge,
} from './dleq.ts';
import { createReferenceEngine } from './reference.ts';
import { commitScalar, drawScalar, encodeScalar, parseScalar } from './scalar.ts';
import { expandWeights } from './weights.ts';

const order = ed25519.Point.Fn.ORDER;
const scalar = fc.bigInt({ min: 1n, max: order - 1n }).map(encodeScalar);
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const elementOf = (value: bigint) => commitScalar(encodeScalar(value));
const some = { numRuns: 15 };

describe('DLEQ proofs', () => {
  it('hold for what they were made for', () => {
    fc.assert(
      fc.property(scalar, scalar, fc.uint8Array(), bytes32, (k, m, statement, random) => {
        const element = commitScalar(m);
        const { product, proof } = proveDleq(k, element, statement, random);
        expect(product).toEqual(multiplyElement(k, element));
        expect(verifyDleq(commitScalar(k), element, product, statement, proof)).toBe(true);
      }),
      some,
    );
  });

  it('do not hold for another commitment, element, product, statement or a changed byte', () => {
    const k = encodeScalar(5n);
    const statement = utf8('list 1, hop 2');
    const { product, proof } = proveDleq(k, elementOf(7n), statement, new Uint8Array(32));
    const verify = verifyDleq;
    expect(verify(commitScalar(k), elementOf(7n), product, statement, proof)).toBe(true);
    expect(verify(elementOf(6n), elementOf(7n), product, statement, proof)).toBe(false);
    expect(verify(commitScalar(k), elementOf(8n), product, statement, proof)).toBe(false);
    expect(verify(commitScalar(k), elementOf(7n), elementOf(36n), statement, proof)).toBe(false);
    expect(verify(commitScalar(k), elementOf(7n), product, utf8('list 1, hop 3'), proof)).toBe(false);
    for (const at of [0, 31, 32, 63]) {
      const changed = Uint8Array.from(proof, (byte, i) => (i === at ? byte ^ 1 : byte));
      expect(verify(commitScalar(k), elementOf(7n), product, statement, changed)).toBe(false);
    }
    expect(verify(commitScalar(k), new Uint8Array(32), product, statement, proof)).toBe(false);
    expect(verify(commitScalar(k), elementOf(7n), product, statement, proof.subarray(1))).toBe(false);
  });

  it('use a nonce of their own for every statement and randomness', () => {
    const k = encodeScalar(5n);
    const proofs = [
      proveDleq(k, elementOf(7n), utf8('a'), new Uint8Array(32)),
      proveDleq(k, elementOf(7n), utf8('b'), new Uint8Array(32)),
      proveDleq(k, elementOf(7n), utf8('a'), new Uint8Array(32).fill(1)),
    ];
    expect(new Set(proofs.map(({ proof }) => encodeHex(proof.subarray(32)))).size).toBe(3);
  });
});

/**
 * RFC 9497 appendix A.1.2 (ristretto255-SHA512, mode VOPRF), all three vectors. The RFC folds a batch by composites of its
 * own (§2.2.1 ComputeComposites); the proof of the folded pair is the same construction, so its vectors run through our
 * prover and verifier.
 */
describe('RFC 9497 §2.2: vectors A.1.2', () => {
  const contextString = concatBytes(utf8('OPRFV1-'), Uint8Array.of(1), utf8('-ristretto255-SHA512'));
  const sk = parseHex('e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909');
  const pk = parseHex('c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e');
  const none = new Uint8Array(0);
  const bytes2 = (value: number) => Uint8Array.of(value >> 8, value & 255);
  const framed = (value: Uint8Array) => concatBytes(bytes2(value.length), value);
  const hashToScalar = (input: Uint8Array): bigint =>
    ristretto255_hasher.hashToScalar(input, { DST: concatBytes(utf8('HashToScalar-'), contextString) });

  /** A pair of every blinded and its evaluated element. */
  type Batch = readonly (readonly [blinded: Uint8Array, evaluated: Uint8Array])[];

  /** ComputeComposites: Σ dᵢ·Cᵢ and Σ dᵢ·Dᵢ. */
  const compositesOf = (batch: Batch): readonly [blinded: Uint8Array, evaluated: Uint8Array] => {
    const seed = sha512(concatBytes(framed(pk), framed(concatBytes(utf8('Seed-'), contextString))));
    const weights = batch.map(([blinded, evaluated], i) => {
      const parts = [framed(seed), bytes2(i), framed(blinded), framed(evaluated), utf8('Composite')];
      return encodeScalar(hashToScalar(concatBytes(...parts)));
    });
    const fold = (side: 0 | 1): Uint8Array =>
      batch.map((pair, i) => multiplyElement(weights[i] as Uint8Array, pair[side])).reduce(addElements);
    return [fold(0), fold(1)];
  };
  /** The RFC's challenge transcript: Bm, a0 … a3, "Challenge"; our first element, the generator, is not part of it. */
  const challenge: DleqChallenge = (_statement, [, ...elements]) =>
    hashToScalar(concatBytes(...elements.map(framed), utf8('Challenge')));

  const vectors = [
    {
      name: 'A.1.2.1, batch of 1',
      blinded: ['863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945'],
      evaluated: ['aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e'],
      proof: [
        'ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06',
        '6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d',
      ],
      nonce: '222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e',
    },
    {
      name: 'A.1.2.2, batch of 1',
      blinded: ['cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c'],
      evaluated: ['60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468'],
      proof: [
        '401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a',
        '67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02',
      ],
      nonce: '222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e',
    },
    {
      name: 'A.1.2.3, batch of 2',
      blinded: [
        '863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945',
        '90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654',
      ],
      evaluated: [
        'aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e',
        'cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a',
      ],
      proof: [
        'cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a',
        '5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08',
      ],
      nonce: '419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c',
    },
  ].map(({ name, blinded, evaluated, proof, nonce }) => {
    const batch = blinded.map((one, i) => [parseHex(one), parseHex(evaluated[i] as string)] as const);
    return [name, { batch, proof: parseHex(proof.join('')), nonce: parseScalar(parseHex(nonce)) }] as const;
  });

  it.each(vectors)('%s: the evaluated elements are the key times the blinded ones', (_, { batch }) => {
    expect(commitScalar(sk)).toEqual(pk);
    for (const [blinded, evaluated] of batch) expect(multiplyElement(sk, blinded)).toEqual(evaluated);
  });

  it.each(vectors)('%s: our verifier takes its proof, and of no other pair', (_, { batch, proof }) => {
    const [blinded, evaluated] = compositesOf(batch);
    expect(verifyDleq(pk, blinded, evaluated, none, proof, challenge)).toBe(true);
    expect(verifyDleq(pk, blinded, blinded, none, proof, challenge)).toBe(false);
    // the same pairs in another order, or one of them alone, are another batch
    for (const other of batch.length > 1 ? [batch.toReversed(), batch.slice(1)] : []) {
      const [first, last] = compositesOf(other);
      expect(verifyDleq(pk, first, last, none, proof, challenge)).toBe(false);
    }
  });

  it.each(vectors)('%s: our prover gives its proof for its nonce', (_, { batch, proof, nonce }) => {
    const [blinded, evaluated] = compositesOf(batch);
    const made = proveWithNonce(sk, blinded, none, nonce, challenge);
    expect(made.proof).toEqual(proof);
    expect(made.product).toEqual(evaluated);
  });
});

describe('weights', () => {
  it('are the same in pieces as in one go', () => {
    const seed = new Uint8Array(32).fill(9);
    const all = expandWeights(seed, 0, 11);
    expect(concatBytes(expandWeights(seed, 0, 4), expandWeights(seed, 4, 7))).toEqual(all);
    expect(all.length).toBe(11 * 16);
  });

  it('fold a batch so that one wrong product shows, and right ones do not', () => {
    const engine = createReferenceEngine();
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.nat(), scalar, (n, wrongAt, k) => {
        const first = concatBytes(...Array.from({ length: n }, (_, i) => elementOf(BigInt(i + 3))));
        const last = engine.evaluate(first, k);
        const weights = expandWeights(
          drawScalar((length) => new Uint8Array(length).fill(n)),
          0,
          n,
        );
        const folded = engine.weightedSum(first, weights);
        expect(engine.weightedSum(last, weights)).toEqual(multiplyElement(k, folded));
        const at = (wrongAt % n) * 32;
        last.set(addElements(last.subarray(at, at + 32), elementOf(1n)), at);
        expect(engine.weightedSum(last, weights)).not.toEqual(multiplyElement(k, folded));
      }),
      some,
    );
  });
});
