/**
 * The same bytes as @noble/ciphers, for every length; the draft's own vector.
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decryptXChaCha, encryptXChaCha } from './xchacha.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('XChaCha20-Poly1305', () => {
  it('is what @noble/ciphers gives, and opens what it sealed', () => {
    fc.assert(
      fc.property(
        bytes(32),
        bytes(24),
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 40 }),
        (key, nonce, plain, context) => {
          const sealed = encryptXChaCha(key, nonce, plain, context);
          expect(sealed).toEqual(xchacha20poly1305(key, nonce, context).encrypt(plain));
          expect(decryptXChaCha(key, nonce, sealed, context)).toEqual(plain);
        },
      ),
    );
  });

  it('gives the vector of draft-irtf-cfrg-xchacha-03 appendix A.3.1', () => {
    const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
    const plain = new TextEncoder().encode(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    );
    const key = hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f');
    const nonce = hex('404142434445464748494a4b4c4d4e4f5051525354555657');
    const sealed = encryptXChaCha(key, nonce, plain, hex('50515253c0c1c2c3c4c5c6c7'));
    expect(Buffer.from(sealed.subarray(plain.length)).toString('hex')).toBe(
      'c0875924c1c7987947deafd8780acf49',
    );
    expect(Buffer.from(sealed.subarray(0, 16)).toString('hex')).toBe('bd6d179d3e83d43b9576579493c0e939');
  });

  it('opens nothing that was changed', () => {
    const [key, nonce, context] = [new Uint8Array(32), new Uint8Array(24), new Uint8Array(3)];
    const sealed = encryptXChaCha(key, nonce, new Uint8Array(5), context);
    for (let i = 0; i < sealed.length; i++) {
      const changed = sealed.slice();
      changed[i] = (changed[i] as number) ^ 1;
      expect(() => decryptXChaCha(key, nonce, changed, context)).toThrow();
    }
    expect(() => decryptXChaCha(key, nonce, sealed, new Uint8Array(2))).toThrow();
    expect(() => decryptXChaCha(key, nonce, sealed.subarray(0, 10), context)).toThrow();
  });
});
