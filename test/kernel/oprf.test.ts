/**
 * RFC 9497 appendix A.1 through the kernel: blind, evaluate (batches as batches), unblind, and the proofs' folded pair.
 *
 * What is no work of the kernel (keys, transcripts, outputs) is computed here from §2.2 and §3.3, so that every value of
 * every vector comes out of its inputs. Proofs run through the suite's own prover and verifier.
 */
import { ristretto255_hasher } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import {
  commitScalar,
  type DleqChallenge,
  encodeScalar,
  expandMessage,
  type GroupEngine,
  invertScalar,
  parseScalar,
  proveWithNonce,
  verifyDleq,
} from '@tallystick/protocol/suite';
import { describe, expect, it } from 'vitest';
import { hex, integerOf, join, kernelEngine, kernelNames, littleEndian } from './engines.ts';
import { oprfKeyInfo, type OprfMode, oprfModes, oprfSeed, type OprfVector } from './oprf-vectors.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const none = new Uint8Array(0);

const twoBytes = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 255);
const framed = (value: Uint8Array): Uint8Array => join(twoBytes(value.length), value);
const contextOf = (mode: number): Uint8Array =>
  join(utf8('OPRFV1-'), Uint8Array.of(mode), utf8('-ristretto255-SHA512'));

/** HashToScalar (§4.1). */
function hashToScalar(input: Uint8Array, mode: number, name = 'HashToScalar-'): bigint {
  return ristretto255_hasher.hashToScalar(input, { DST: join(utf8(name), contextOf(mode)) });
}

/** DeriveKeyPair (§3.2.1); its first try is never zero here. */
function deriveKey(mode: number): Uint8Array {
  const input = join(hex(oprfSeed), framed(hex(oprfKeyInfo)), Uint8Array.of(0));
  return encodeScalar(hashToScalar(input, mode, 'DeriveKeyPair'));
}

/** POPRF's t = skS + m (§3.3.3). */
function tweaked({ secretKey, mode, info = '' }: OprfMode): Uint8Array {
  const m = hashToScalar(join(utf8('Info'), framed(hex(info))), mode);
  return encodeScalar(parseScalar(hex(secretKey)) + m);
}

/** The scalar by which the server multiplies: skS, or 1/t. */
const serverScalar = (mode: OprfMode): Uint8Array =>
  mode.mode === 2 ? invertScalar(tweaked(mode)) : hex(mode.secretKey);

/** Blinds one input at a time (each has a blind of its own), by both ways into the kernel. */
function blind(engine: GroupEngine, mode: number, input: Uint8Array, scalar: Uint8Array): Uint8Array {
  const dst = join(utf8('HashToGroup-'), contextOf(mode));
  const element = engine.blindMessages({ text: input, ends: Uint32Array.of(input.length) }, dst, scalar);
  expect(engine.hashAndBlind(expandMessage(input, dst), scalar)).toEqual(element);
  return element;
}

/** Finalize's hash (§3.3.1, §3.3.3). */
function output({ info }: OprfMode, input: Uint8Array, element: Uint8Array): Uint8Array {
  const middle = info === undefined ? none : framed(hex(info));
  return sha512(join(framed(input), middle, framed(element), utf8('Finalize')));
}

/** ComputeComposites (§2.2.1): Σ dᵢ·Cᵢ and Σ dᵢ·Dᵢ, multiplied and added up by the kernel. */
function composites(
  engine: GroupEngine,
  mode: number,
  key: Uint8Array,
  { c, d }: { readonly c: readonly string[]; readonly d: readonly string[] },
): [Uint8Array, Uint8Array] {
  const seed = sha512(join(framed(key), framed(join(utf8('Seed-'), contextOf(mode)))));
  const factors = c.map((one, i) => {
    const pair = join(framed(hex(one)), framed(hex(d[i] ?? '')));
    const input = join(framed(seed), twoBytes(i), pair, utf8('Composite'));
    return encodeScalar(hashToScalar(input, mode));
  });
  const ones = join(...c.map(() => littleEndian(1n, 16)));
  const sum = (elements: readonly string[]): Uint8Array =>
    engine.weightedSum(
      join(...elements.map((one, i) => engine.evaluate(hex(one), factors[i] ?? none))),
      ones,
    );
  return [sum(c), sum(d)];
}

/** The RFC's transcript (§2.2.1): Bm, a0 … a3; our first element, the generator, is not part of it. */
const challengeOf =
  (mode: number): DleqChallenge =>
  (_statement, [, ...elements]) =>
    hashToScalar(join(...elements.map(framed), utf8('Challenge')), mode);

const cases = oprfModes.flatMap((mode) =>
  mode.vectors.map((vector) => [vector.section, mode, vector] as const),
);

it('RFC 9497 A.1: keys follow from seed and info', () => {
  for (const { mode, secretKey, publicKey } of oprfModes) {
    expect(toHex(deriveKey(mode))).toBe(secretKey);
    if (publicKey !== undefined) expect(toHex(commitScalar(hex(secretKey)))).toBe(publicKey);
  }
});

describe.each(kernelNames)('RFC 9497, ristretto255-SHA512, %s kernel', (name) => {
  const engine = kernelEngine(name);

  it.each(cases)('%s: blinds, evaluates, finalizes', (_section, mode, vector) => {
    const { inputs, blinds, blinded, evaluated, outputs } = vector;
    const elements = inputs.map((input, i) => blind(engine, mode.mode, hex(input), hex(blinds[i] ?? '')));
    expect(elements.map(toHex)).toEqual(blinded);
    // the batch of the vector is one batch of the kernel
    expect(toHex(engine.evaluate(join(...elements), serverScalar(mode)))).toBe(evaluated.join(''));
    const unblinded = evaluated.map((one, i) =>
      engine.evaluate(hex(one), invertScalar(hex(blinds[i] ?? ''))),
    );
    expect(inputs.map((input, i) => toHex(output(mode, hex(input), unblinded[i] ?? none)))).toEqual(outputs);
  });

  it.each(oprfModes)('$name: inputs that share a blind, as one batch', ({ mode, vectors }) => {
    const single = vectors.filter(({ inputs }) => inputs.length === 1);
    const texts = single.map(({ inputs }) => hex(...inputs));
    let end = 0;
    const ends = Uint32Array.from(texts, (text) => (end += text.length));
    const dst = join(utf8('HashToGroup-'), contextOf(mode));
    expect(new Set(single.map(({ blinds }) => blinds[0])).size).toBe(1);
    const got = engine.blindMessages({ text: join(...texts), ends }, dst, hex(single[0]?.blinds[0] ?? ''));
    expect(toHex(got)).toBe(single.map(({ blinded }) => blinded[0]).join(''));
  });

  it.each(cases.filter(([, { mode }]) => mode !== 0))('%s: proves and verifies', (_section, mode, vector) => {
    const [scalar, c, d] = pairOf(mode, vector);
    const key = commitScalar(scalar);
    if (mode.mode === 1) expect(toHex(key)).toBe(mode.publicKey);
    const [m, z] = composites(engine, mode.mode, key, { c, d });
    const challenge = challengeOf(mode.mode);
    const nonce = integerOf(hex(vector.proofScalar ?? ''));
    const made = proveWithNonce(scalar, m, none, nonce, challenge);
    expect(toHex(made.product)).toBe(toHex(z));
    expect(toHex(made.proof)).toBe(vector.proof);
    expect(verifyDleq(key, m, z, none, hex(vector.proof ?? ''), challenge)).toBe(true);
    expect(verifyDleq(key, z, m, none, hex(vector.proof ?? ''), challenge)).toBe(false);
  });
});

/** What a vector proves: D = k·C for VOPRF; for POPRF, whose server divides by t, blinded = t·evaluated (§3.3.3). */
function pairOf(
  mode: OprfMode,
  { blinded, evaluated }: OprfVector,
): [Uint8Array, readonly string[], readonly string[]] {
  return mode.mode === 1 ? [hex(mode.secretKey), blinded, evaluated] : [tweaked(mode), evaluated, blinded];
}
