/** Which oversight bodies a node knows by an agreement, and by which key. */
import type { HeldAgreement } from '@tallystick/host/agreements';
import { fakeClock } from '@tallystick/host/clock';
import { createIdentity, type Fingerprint, type Identity } from '@tallystick/host/identity';
import { systemRandom } from '@tallystick/host/random';
import { encodeHex } from '@tallystick/protocol/bytes';
import { beforeAll, expect, test } from 'vitest';
import { bodyPins, pinsOf } from './pins.ts';

let identities: Identity[];
beforeAll(async () => {
  const some = Array.from({ length: 7 }, () => createIdentity('some', fakeClock(), systemRandom));
  identities = await Promise.all(some);
});
const keyOf = (n: number): Uint8Array => (identities[n] as Identity).publicKey;
const pinOf = (n: number): Fingerprint => (identities[n] as Identity).fingerprint;

function held(id: string, name: string, bodies: Readonly<Record<string, number>>): HeldAgreement {
  const station = (of: string, n: number) => ({ id: of, publicKey: encodeHex(keyOf(n)) });
  const agreement = {
    name,
    parties: [station('north', 1)],
    collectors: [station('hub', 2)],
    oversight: Object.entries(bodies).map(([of, n]) => station(of, n)),
  };
  return { id, signed: { agreement } } as unknown as HeldAgreement;
}
const none = (): [] => [];

test('bodies follow from agreements, parties and collectors do not', () => {
  expect(bodyPins([held('a', 'pact', { watch: 3, court: 4 })], none)).toEqual([
    { id: 'watch', fingerprint: pinOf(3), agreement: 'pact' },
    { id: 'court', fingerprint: pinOf(4), agreement: 'pact' },
  ]);
});

test('by the key that it signs with now', () => {
  const rotated = (agreement: string) =>
    agreement === 'a' ? [{ of: 'watch', officer: null, publicKey: encodeHex(keyOf(5)) }] : [];
  const [watch] = bodyPins([held('a', 'pact', { watch: 3 })], rotated as Parameters<typeof bodyPins>[1]);
  expect(watch?.fingerprint).toBe(pinOf(5));
});

test('two agreements that say the same are one; two that differ are none, until somebody pins it', () => {
  const same = [held('a', 'pact', { watch: 3 }), held('b', 'other', { watch: 3 })];
  expect(bodyPins(same, none)).toEqual([{ id: 'watch', fingerprint: pinOf(3), agreement: 'pact' }]);
  const differ = [held('a', 'pact', { watch: 3, court: 4 }), held('b', 'other', { watch: 5 })];
  const bodies = bodyPins(differ, none);
  expect(bodies.map(({ id }) => id)).toEqual(['court']);
  const own = new Map([
    ['watch', pinOf(5)],
    ['court', pinOf(6)],
  ]);
  expect(Object.fromEntries(pinsOf(own, bodies))).toEqual(Object.fromEntries(own));
});
