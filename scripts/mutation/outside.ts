/**
 * What a room does not bring itself: packages, and a small `vitest`.
 *
 * Purpose: packages once for all mutants, with Node's signatures and remembered canonical texts, since tests make the
 * same ones for every mutant (the answers are the real ones); and `describe` and `test` that only collect, so that tests run in
 * this process, one by one, thousands of times.
 * Assumes: tests use no hooks, no snapshots, and no mock but the one of signatures, which is of no use here.
 * Does not know: mutants.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import * as ed25519 from '@noble/curves/ed25519.js';
import * as ristretto from '@noble/curves/abstract/hash-to-curve.js';
import * as sha2 from '@noble/hashes/sha2.js';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { expect } from 'vitest';
import * as zod from 'zod';
import type { Outside } from './build.ts';

export interface Test {
  readonly name: string;
  readonly run: () => unknown;
}

type Body = (...args: unknown[]) => unknown;

/** `describe`, `test` and `expect`, and the tests that they were given. */
export function collector(): { readonly tests: Test[]; readonly vitest: Readonly<Record<string, unknown>> } {
  const tests: Test[] = [];
  const within: string[] = [];
  const put = (name: string, run: () => unknown): void =>
    void tests.push({ name: [...within, name].join(' > '), run });
  const group = (name: string, run: () => unknown): void => {
    within.push(name);
    run();
    within.pop();
  };
  const each =
    (one: (name: string, run: () => unknown) => void) =>
    (rows: readonly unknown[]) =>
    (name: string, body: Body) => {
      for (const row of rows) {
        const args: unknown[] = Array.isArray(row) ? row : [row];
        one(name.replace(/%s/, String(args[0])), () => body(...args));
      }
    };
  const describe = Object.assign(group, { each: each(group) });
  const test = Object.assign(put, { each: each(put) });
  return { tests, vitest: { describe, test, expect, vi: { mock: () => undefined } } };
}

/** Answers beyond this number are forgotten, all at once: mutants make texts that nobody asks for again. */
const maxAnswers = 5000;

function remembered<A extends unknown[], R>(
  real: (...args: A) => R,
  keyOf: (...args: A) => string,
): (...args: A) => R {
  const answers = new Map<string, R>();
  return (...args) => {
    const key = keyOf(...args);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = real(...args);
    if (answers.size >= maxAnswers) answers.clear();
    answers.set(key, answer);
    return answer;
  };
}

type Bytes = Uint8Array;
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const spki = Buffer.from('302a300506032b6570032100', 'hex');
const hexOf = (bytes: Bytes): string => Buffer.from(bytes).toString('hex');
const secretKey = remembered(
  (secret: Bytes) => createPrivateKey({ key: Buffer.concat([pkcs8, secret]), format: 'der', type: 'pkcs8' }),
  hexOf,
);
const publicKeyOf = remembered(
  (key: Bytes) => createPublicKey({ key: Buffer.concat([spki, key]), format: 'der', type: 'spki' }),
  hexOf,
);
/** Node's: the same signatures, and the same answers for all that tests make, at a fiftieth of the time. */
const native = {
  ...ed25519.ed25519,
  sign: (message: Bytes, secret: Bytes) => new Uint8Array(sign(null, message, secretKey(secret))),
  verify: (signature: Bytes, message: Bytes, publicKey: Bytes) =>
    verify(null, message, publicKeyOf(publicKey), signature),
};

const sha256 = (message: Bytes): Bytes => new Uint8Array(createHash('sha256').update(message).digest());

// A number that is none (NaN) is the same as null here: the documents of tests hold none.
const textOf = (value: unknown): string => JSON.stringify(value) ?? '';

/** A pure function of one plain document, remembered; of what is none, asked anew. */
function rememberedOf(real: (value: unknown) => unknown): (value: unknown) => unknown {
  const ask = remembered(real, textOf);
  return (value) => {
    try {
      return ask(value);
    } catch {
      return real(value);
    }
  };
}

const shared = new Map<string, (value: unknown) => unknown>();

/** Under a name, for all instances of a room: of code that has no mutants. */
function remember(name: string, real: (value: unknown) => unknown): (value: unknown) => unknown {
  const known = shared.get(name) ?? rememberedOf(real);
  shared.set(name, known);
  return known;
}

// The same random documents for every mutant: what is killed today is killed tomorrow.
fc.configureGlobal({ seed: 1, endOnFailure: true });

/** For one instance of a room. */
export function outsideOf(vitest: Readonly<Record<string, unknown>>): Outside {
  return {
    '@noble/curves/ed25519.js': { ...ed25519, ed25519: native },
    '@noble/curves/abstract/hash-to-curve.js': ristretto,
    '@noble/hashes/sha2.js': { ...sha2, sha256: Object.assign(sha256, sha2.sha256) },
    canonicalize: { default: rememberedOf(canonicalize) },
    'fast-check': { default: fc },
    zod,
    vitest,
    remember: { remember },
  };
}
