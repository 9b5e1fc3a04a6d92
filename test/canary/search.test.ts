/** The search finds what it claims to find; without this, a canary test that finds nothing would say nothing. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { Needles } from './search.ts';

const secret = 'Qx Jürgen-Канарейка 417';
const scalar = randomBytes(32);
const noise = (): Buffer => randomBytes(1 + (randomBytes(1)[0] ?? 0));
const within = (bytes: Uint8Array): Buffer => Buffer.concat([noise(), bytes, noise()]);
const reversed = (bytes: Uint8Array): Buffer => Buffer.from(Uint8Array.from(bytes).toReversed());
const swapped = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

const needles = new Needles();
needles.addText('text', secret);
needles.addBytes('scalar', scalar);

test.each<[string, string, Uint8Array]>([
  ['text', 'utf8', Buffer.from(secret)],
  ['text', 'utf8', Buffer.from(secret.toUpperCase())],
  ['text', 'utf8, raw, reversed', reversed(Buffer.from(secret.toLowerCase()))],
  ['text', 'utf16le', Buffer.from(secret, 'utf16le')],
  ['text', 'utf16be', swapped(secret)],
  ['text', 'utf8, hex', Buffer.from(Buffer.from(secret).toString('hex'))],
  ['text', 'utf16be, HEX', Buffer.from(swapped(secret).toString('hex').toUpperCase())],
  ['scalar', 'raw', scalar],
  ['scalar', 'raw, reversed', reversed(scalar)],
  ['scalar', 'hex', Buffer.from(scalar.toString('hex'))],
  ['scalar', 'hex, reversed', Buffer.from(reversed(scalar).toString('hex'))],
])('%s as %s', (what, form, bytes) => {
  expect(needles.search(within(bytes))).toContainEqual({ what, form });
});

test.each(['base64', 'base64url'] as const)(
  '%s, wherever the secret stands within what was encoded',
  (form) => {
    for (let before = 0; before < 6; before++) {
      for (let after = 0; after < 3; after++) {
        for (const [what, label, bytes] of [
          ['text', `utf8, ${form} at ${before % 3}`, Buffer.from(secret)],
          ['text', `utf16le, ${form} at ${before % 3}`, Buffer.from(secret, 'utf16le')],
          ['scalar', `${form} at ${before % 3}`, scalar],
          ['scalar', `${form} at ${before % 3}, reversed`, reversed(scalar)],
        ] as const) {
          const encoded = Buffer.concat([randomBytes(before), bytes, randomBytes(after)]).toString(form);
          expect(needles.search(within(Buffer.from(encoded)))).toContainEqual({ what, form: label });
        }
      }
    }
  },
);

test('at the very beginning and end, and not where it is cut off', () => {
  expect(needles.search(scalar)).toContainEqual({ what: 'scalar', form: 'raw' });
  expect(needles.search(scalar.subarray(0, 31))).toEqual([]);
  expect(needles.search(randomBytes(1 << 20))).toEqual([]);
});

test('what could be there by chance is not looked for', () => {
  expect(() => new Needles().addText('short', 'abcd')).toThrow('too short');
});
