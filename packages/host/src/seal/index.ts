/**
 * Sealing at rest.
 *
 * Purpose: bytes that go to disk are encrypted and authenticated (XChaCha20-Poly1305) under a
 * random data key, bound to a context that says what they are. The data key itself is sealed under a key that
 * scrypt (RFC 7914) derives from the operator's secret: a passphrase, a key file or an environment variable.
 * Assumes: the secret is not kept beside the data.
 * Does not know: where sealed bytes are stored.
 *
 * Sealed form: version 1 (1 byte) ‖ nonce (24 bytes, random) ‖ ciphertext and tag (length + 16).
 */
import { createHmac, hkdfSync, type Hmac, scrypt } from 'node:crypto';
import { TallyError } from '@tallystick/protocol/errors';
import { z } from 'zod';
import type { Random } from '../random/index.ts';
import { authTagBytes, decryptXChaCha, encryptXChaCha } from './xchacha.ts';

export { readSecret, type SecretSource } from './secret.ts';

export const dataKeyBytes = 32;
const version = 1;
const nonceBytes = 24;
/** Bytes that sealing adds. */
export const sealOverheadBytes = 1 + nonceBytes + authTagBytes;

export interface Sealer {
  /** @param context what the bytes are and whose, e.g. `list/ofac/chunk/3`; public, needed to unseal. */
  seal(plain: Uint8Array, context: string): Uint8Array;
  /** @throws TallyError `store.corrupt` for bytes that were not sealed so, under this key and context. */
  unseal(sealed: Uint8Array, context: string): Uint8Array;
  /** HMAC-SHA-256 under a key of its own for the purpose: says nothing of its input to who lacks the data key. */
  keyedHash(purpose: string): Hmac;
  /** Zeroes this sealer's copy of the key; it cannot be used afterwards. */
  destroy(): void;
}

/** @param dataKey 32 bytes; copied. */
export function createSealer(dataKey: Uint8Array, random: Random): Sealer {
  if (dataKey.length !== dataKeyBytes) {
    throw new TallyError('argument.invalid', `data key: want ${dataKeyBytes} bytes, got ${dataKey.length}`);
  }
  const key = dataKey.slice();
  let destroyed = false;
  const alive = (): void => {
    if (destroyed) throw new TallyError('internal.bug', 'sealer: used after it was destroyed');
  };
  return {
    seal(plain, context) {
      alive();
      return sealWith(key, plain, context, random);
    },
    unseal(sealed, context) {
      alive();
      const plain = unsealWith(key, sealed, context);
      if (plain === undefined)
        throw new TallyError('store.corrupt', `sealed ${context}: does not authenticate`);
      return plain;
    },
    keyedHash(purpose) {
      alive();
      const own = Buffer.from(hkdfSync('sha256', key, '', `tallystick-v1-keyed/${purpose}`, dataKeyBytes));
      const hash = createHmac('sha256', own);
      own.fill(0);
      return hash;
    },
    destroy() {
      destroyed = true;
      key.fill(0);
    },
  };
}

const contextBytes = (context: string): Uint8Array =>
  new TextEncoder().encode(`tallystick-v1-seal/${context}`);

function sealWith(key: Uint8Array, plain: Uint8Array, context: string, random: Random): Uint8Array {
  const nonce = random(nonceBytes);
  const body = encryptXChaCha(key, nonce, plain, contextBytes(context));
  const out = new Uint8Array(1 + nonceBytes + body.length);
  out[0] = version;
  out.set(nonce, 1);
  out.set(body, 1 + nonceBytes);
  return out;
}

function unsealWith(key: Uint8Array, sealed: Uint8Array, context: string): Uint8Array | undefined {
  if (sealed.length < sealOverheadBytes || sealed[0] !== version) return undefined;
  const nonce = sealed.subarray(1, 1 + nonceBytes);
  try {
    return decryptXChaCha(key, nonce, sealed.subarray(1 + nonceBytes), contextBytes(context));
  } catch {
    return undefined;
  }
}

/** Cost of scrypt; memory is 128·N·r bytes. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB and about half a second: OWASP's first choice for scrypt (Password Storage Cheat Sheet). */
export const defaultScryptCost: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };
const leastN = 2 ** 10;
const mostN = 2 ** 20;

const envelopeSchema = z.strictObject({
  version: z.literal(1),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    N: z.int().min(leastN).max(mostN),
    r: z.int().min(1).max(32),
    p: z.int().min(1).max(16),
    salt: z.base64(),
  }),
  wrapped: z.base64(),
});

/** The sealed data key with its parameters: JSON, not secret. */
export type KeyEnvelope = z.infer<typeof envelopeSchema>;

function derive(secret: Uint8Array, salt: Uint8Array, { N, r, p }: ScryptCost): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const maxmem = 128 * N * r * p + 32 * 1024 * 1024;
    scrypt(secret, salt, 32, { N, r, p, maxmem }, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(new TallyError('argument.invalid', 'scrypt: parameters are not usable', { cause: error }));
    });
  });
}

const wrapContext = ({ N, r, p }: ScryptCost): string => `data-key/scrypt/${N}/${r}/${p}`;

/**
 * A fresh data key and its envelope.
 * @param secret not empty. The caller zeroes `secret` and `dataKey` when it has done with them.
 */
export async function createDataKey(
  secret: Uint8Array,
  random: Random,
  cost: ScryptCost = defaultScryptCost,
): Promise<{ dataKey: Uint8Array; envelope: KeyEnvelope }> {
  if (secret.length === 0) throw new TallyError('argument.invalid', 'secret: want at least 1 byte, got 0');
  const dataKey = random(dataKeyBytes);
  const salt = random(16);
  const wrapping = await derive(secret, salt, cost);
  const wrapped = sealWith(wrapping, dataKey, wrapContext(cost), random);
  wrapping.fill(0);
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const { N, r, p } = cost;
  return {
    dataKey,
    envelope: { version: 1, kdf: { name: 'scrypt', N, r, p, salt: base64(salt) }, wrapped: base64(wrapped) },
  };
}

/** @throws TallyError `store.corrupt` where it is no envelope. */
export function parseKeyEnvelope(value: unknown): KeyEnvelope {
  const result = envelopeSchema.safeParse(value);
  if (!result.success) {
    throw new TallyError(
      'store.corrupt',
      `key envelope.${result.error.issues[0]?.path.join('.') ?? ''}: not usable`,
    );
  }
  return result.data;
}

/** @returns the data key, 32 bytes, for the caller to zero. @throws TallyError `store.key` for a wrong secret. */
export async function openDataKey(envelope: KeyEnvelope, secret: Uint8Array): Promise<Uint8Array> {
  const { kdf, wrapped } = parseKeyEnvelope(envelope);
  const wrapping = await derive(secret, Buffer.from(kdf.salt, 'base64'), kdf);
  const dataKey = unsealWith(wrapping, Buffer.from(wrapped, 'base64'), wrapContext(kdf));
  wrapping.fill(0);
  if (dataKey === undefined) throw new TallyError('store.key', 'the secret does not open the data key');
  if (dataKey.length !== dataKeyBytes)
    throw new TallyError('store.corrupt', `data key: want ${dataKeyBytes} bytes, got ${dataKey.length}`);
  return dataKey;
}
