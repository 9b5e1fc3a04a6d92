/**
 * The kernel's SHA-512 behind `expand` and `tags`, straight from its memory: RFC 9380's vectors, and every length
 * against other implementations.
 */
import { createHash, randomBytes } from 'node:crypto';
import { expand_message_xmd } from '@noble/curves/abstract/hash-to-curve.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { instantiate, kernelNames, readKernel } from './engines.ts';
import { expanderDst, expansions } from './vectors.ts';

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly block: { readonly value: number };
  readonly input: { readonly value: number };
  readonly output: { readonly value: number };
  readonly term: { readonly value: number };
  readonly ends: { readonly value: number };
  readonly text: { readonly value: number };
  readonly textBytes: { readonly value: number };
  readonly messageBytes: { readonly value: number };
  init(): void;
  beginExpand(dstBytes: number): void;
  expand(count: number): void;
  beginTags(prefixBytes: number): void;
  tags(count: number, tagBytes: number): void;
}

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** §5.3.1 written out over node:crypto, for 64 bytes. */
function expandByNode(message: Uint8Array, dst: Uint8Array): Uint8Array {
  const dstPrime = Buffer.concat([dst, Uint8Array.of(dst.length)]);
  const hash = (...parts: readonly Uint8Array[]): Buffer =>
    createHash('sha512').update(Buffer.concat(parts)).digest();
  const b0 = hash(new Uint8Array(128), message, Uint8Array.of(0, 64, 0), dstPrime);
  return hash(b0, Uint8Array.of(1), dstPrime);
}

describe.each(kernelNames)('SHA-512 of the %s kernel', (name) => {
  const kernel = instantiate<Exports>(readKernel(name));
  kernel.init();
  const memory = new Uint8Array(kernel.memory.buffer);

  const expand = (messages: readonly Uint8Array[], dst: Uint8Array): Uint8Array[] =>
    expandBy(kernel, messages, dst);

  function expandBy(
    { beginExpand }: Pick<Exports, 'beginExpand'>,
    messages: readonly Uint8Array[],
    dst: Uint8Array,
  ): Uint8Array[] {
    memory.set(dst, kernel.term.value);
    beginExpand(dst.length);
    const ends = new Uint32Array(kernel.memory.buffer, kernel.ends.value, messages.length);
    let end = 0;
    for (const [i, message] of messages.entries()) {
      memory.set(message, kernel.text.value + end);
      ends[i] = end += message.length;
    }
    expect(end).toBeLessThanOrEqual(kernel.textBytes.value);
    kernel.expand(messages.length);
    return messages.map((_, i) =>
      memory.slice(kernel.input.value + 64 * i, kernel.input.value + 64 * i + 64),
    );
  }

  it('expands messages of every length from 0 to 300, whatever stands beside them', () => {
    const dst = randomBytes(66);
    const messages = Array.from({ length: 301 }, (_, length) => new Uint8Array(randomBytes(length)));
    const mixed = messages.map((_, i) => messages[(i * 97) % 301] as Uint8Array); // long beside short
    for (const order of [messages, mixed]) {
      for (let from = 0; from < order.length; from += 64) {
        const some = order.slice(from, from + 64);
        expect(expand(some, dst)).toEqual(some.map((one) => new Uint8Array(expandByNode(one, dst))));
      }
    }
  });

  it('expands the longest messages, full blocks of places and of bytes', () => {
    const dst = randomBytes(255);
    const [places, most, room] = [kernel.block.value, kernel.messageBytes.value, kernel.textBytes.value];
    const batches = [
      Array.from({ length: room / most }, () => new Uint8Array(randomBytes(most))),
      Array.from({ length: places }, () => new Uint8Array(randomBytes(room / places))),
      [new Uint8Array(randomBytes(most)), new Uint8Array(0), new Uint8Array(randomBytes(most - 1))],
    ];
    for (const batch of batches) {
      expect(expand(batch, dst)).toEqual(batch.map((one) => new Uint8Array(expandByNode(one, dst))));
    }
  });

  it('expands under domain separation tags of every length', () => {
    const messages = [new Uint8Array(0), new Uint8Array(randomBytes(30)), new Uint8Array(randomBytes(200))];
    for (let length = 1; length <= 255; length++) {
      const dst = new Uint8Array(randomBytes(length));
      expect(expand(messages, dst)).toEqual(messages.map((one) => expand_message_xmd(one, dst, 64, sha512)));
    }
  });

  const k3Dst = new TextEncoder().encode(expanderDst);
  const k3Messages = expansions.map(({ message }) => new TextEncoder().encode(message));

  it('RFC 9380 K.3: the messages of the vectors, to 64 bytes, as two other implementations give them', () => {
    const want = k3Messages.map((one) => toHex(expandByNode(one, k3Dst)));
    expect(want).toEqual(k3Messages.map((one) => toHex(expand_message_xmd(one, k3Dst, 64, sha512))));
    expect(expand(k3Messages, k3Dst).map(toHex)).toEqual(want);
  });

  /**
   * Puts another length into what follows a message (`I2OSP(64, 2) || I2OSP(0, 1) || DST_prime`), where beginExpand
   * wrote its own: b_1 is then that of the vector, which 32 bytes are cut from and 128 begin with.
   */
  function expandUnderLength(length: number): string[] {
    const suffix = Buffer.concat([Uint8Array.of(0, 64, 0), k3Dst, Uint8Array.of(k3Dst.length, 0x80)]);
    const beginExpand = (bytes: number): void => {
      kernel.beginExpand(bytes);
      const at = Buffer.from(kernel.memory.buffer).lastIndexOf(suffix);
      expect(at).toBeGreaterThan(0);
      memory[at + 1] = length;
    };
    return expandBy({ beginExpand }, k3Messages, k3Dst).map(toHex);
  }

  it('RFC 9380 K.3: every vector, as far as the kernel hashes', () => {
    const [to32, to128] = [expandUnderLength(32), expandUnderLength(128)];
    for (const [i, want] of expansions.entries()) {
      expect(to32[i]?.slice(0, 64)).toBe(want.to32);
      expect(to128[i]).toBe(want.to128.slice(0, 128));
      // the rest of the 128 bytes is b_2, which no input of the suite needs
      expect(toHex(expand_message_xmd(k3Messages[i] as Uint8Array, k3Dst, 128, sha512))).toBe(want.to128);
    }
  });

  it('makes tags of every length, of odd and even numbers of elements, behind any prefix', () => {
    for (const [count, prefixBytes] of [
      [1, 49],
      [2, 49],
      [7, 0],
      [255, 79],
      [256, 49],
    ] as const) {
      const prefix = randomBytes(prefixBytes);
      const elements = randomBytes(32 * count);
      for (const tagBytes of [1, 2, 8, 9, 15, 16, 17, 32, 63, 64]) {
        memory.set(prefix, kernel.term.value);
        kernel.beginTags(prefixBytes);
        memory.set(elements, kernel.output.value);
        kernel.tags(count, tagBytes);
        const want = Array.from({ length: count }, (_, i) =>
          createHash('sha512')
            .update(prefix)
            .update(elements.subarray(32 * i, 32 * i + 32))
            .digest()
            .subarray(0, tagBytes),
        );
        const got = memory.slice(kernel.input.value, kernel.input.value + count * tagBytes);
        expect(toHex(got)).toBe(toHex(Buffer.concat(want)));
      }
    }
  });
});
