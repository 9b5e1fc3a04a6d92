/**
 * Proofs of possession: complete, bound to everything they name, and as written down once (vectors made by this
 * implementation; they hold the bytes still).
 */
import { ristretto255 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, encodeHex, encodeU32, parseHex, utf8 } from '../bytes/index.ts';
import { createPossession, type PossessionStatement, verifyPossession } from './possession.ts';
import { commitScalar, drawScalar, encodeScalar } from './scalar.ts';
import vectors from './possession.vectors.json' with { type: 'json' };

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const cases = fc.record({
  wide: bytes(64),
  random: bytes(32),
  dst: fc.uint8Array({ minLength: 1, maxLength: 80 }),
  nodeId: fc.string({ minLength: 1, maxLength: 20 }),
  proposalHash: bytes(32),
});

describe('proof of possession', () => {
  it('verifies for its own commitment and statement', () => {
    fc.assert(
      fc.property(cases, ({ wide, random, ...statement }) => {
        const k = drawScalar(() => wide.slice());
        return verifyPossession(commitScalar(k), statement, createPossession(k, statement, random));
      }),
      { numRuns: 20 },
    );
  });

  it('fails for another dst, node, proposal, commitment, and for any changed byte', () => {
    const k = encodeScalar(123456789n);
    const statement: PossessionStatement = { dst: utf8('ab'), nodeId: 'c', proposalHash: new Uint8Array(32) };
    const proof = createPossession(k, statement, new Uint8Array(32).fill(7));
    const K = commitScalar(k);
    expect(verifyPossession(K, statement, proof)).toBe(true);
    expect(verifyPossession(K, { ...statement, dst: utf8('ac') }, proof)).toBe(false);
    expect(verifyPossession(K, { ...statement, nodeId: 'd' }, proof)).toBe(false);
    // the parts are not just joined: moving a byte from one to the next is another statement
    expect(verifyPossession(K, { ...statement, dst: utf8('a'), nodeId: 'bc' }, proof)).toBe(false);
    expect(verifyPossession(K, { ...statement, proposalHash: new Uint8Array(32).fill(1) }, proof)).toBe(
      false,
    );
    expect(verifyPossession(commitScalar(encodeScalar(5n)), statement, proof)).toBe(false);
    for (let i = 0; i < proof.length; i++) {
      const changed = proof.slice();
      changed[i] = (changed[i] as number) ^ 1;
      expect(verifyPossession(K, statement, changed)).toBe(false);
    }
  });

  it('refuses the identity, bad encodings, scalars out of range and wrong lengths', () => {
    const k = encodeScalar(99n);
    const statement: PossessionStatement = { dst: utf8('x'), nodeId: 'n', proposalHash: new Uint8Array(32) };
    const proof = createPossession(k, statement, new Uint8Array(32));
    const K = commitScalar(k);
    // a proof for the identity that a door without an identity check would take: any c with R = s·B
    const s = 77n;
    const identity = new Uint8Array(32);
    const parts = [statement.dst, utf8(statement.nodeId), statement.proposalHash, identity];
    const encoded = concatBytes(...parts.flatMap((part) => [encodeU32(part.length), part]));
    const R = ristretto255.Point.BASE.multiply(s).toBytes();
    let c = 0n;
    for (const byte of sha512(concatBytes(utf8('tallystick-v1-possession'), encoded, R)).reverse()) {
      c = (c << 8n) | BigInt(byte);
    }
    const forged = concatBytes(encodeScalar(ristretto255.Point.Fn.create(c)), encodeScalar(s));
    expect(verifyPossession(identity, statement, forged)).toBe(false);
    expect(verifyPossession(new Uint8Array(32).fill(0xff), statement, proof)).toBe(false);
    expect(verifyPossession(K, statement, proof.subarray(1))).toBe(false);
    expect(verifyPossession(K, statement, new Uint8Array(64))).toBe(false);
    const large = proof.slice();
    large.fill(0xff, 32);
    expect(verifyPossession(K, statement, large)).toBe(false);
    expect(() => createPossession(new Uint8Array(32), statement, new Uint8Array(32))).toThrow(/scalar/);
    expect(() => createPossession(k, statement, new Uint8Array(31))).toThrow(/random/);
  });

  it('never uses one nonce for two statements, even with the same randomness', () => {
    const k = encodeScalar(1234n);
    const random = new Uint8Array(32);
    const proofs = ['a', 'b'].map((nodeId) => {
      const proof = createPossession(k, { dst: utf8('x'), nodeId, proposalHash: random }, random);
      const [c, s] = [proof.slice(0, 32), proof.slice(32)].map((part) =>
        BigInt(`0x${encodeHex(part.reverse())}`),
      );
      return ristretto255.Point.Fn.sub(s as bigint, ristretto255.Point.Fn.mul(c as bigint, 1234n));
    });
    expect(proofs[0]).not.toBe(proofs[1]);
  });

  it('gives the vectors', () => {
    expect(vectors.cases.length).toBeGreaterThan(0);
    for (const vector of vectors.cases) {
      const statement = {
        dst: parseHex(vector.dst),
        nodeId: vector.nodeId,
        proposalHash: parseHex(vector.proposalHash),
      };
      const k = parseHex(vector.k);
      expect(encodeHex(commitScalar(k))).toBe(vector.commitment);
      expect(encodeHex(createPossession(k, statement, parseHex(vector.random)))).toBe(vector.proof);
      expect(verifyPossession(parseHex(vector.commitment), statement, parseHex(vector.proof))).toBe(true);
    }
  });
});
