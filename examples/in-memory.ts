/**
 * Two parties in memory: the arithmetic of the direct form, without nodes, channels or consent.
 *
 * Run it with: npx tsx --conditions=@tallystick/source examples/in-memory.ts
 */
import { randomBytes } from 'node:crypto';
import { openInline } from '@tallystick/node/compute';
import { deriveIdentifiers, type WatchlistRecord } from '@tallystick/protocol/records';
import { drawScalar, elementDst, tagBytesFor } from '@tallystick/protocol/suite';

const person = (id: string, name: string, passport: string): WatchlistRecord => ({
  id,
  subject: 'person',
  names: [{ text: name, quality: 'good' }],
  birthDates: [],
  documents: [{ kind: 'passport', number: passport }],
});
const north = [person('n1', 'Irena Kalvari', 'KA 441 9083'), person('n2', 'Tomas Bergvall', 'SE7714402')];
const south = [person('s1', 'KALVARI, Irena', 'ka4419083'), person('s2', 'Joana Mirandela', 'P5520917')];

const compute = await openInline();
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const dst = elementDst(random(32)); // in a session: the agreement's id
const context = random(32); // in a session: the hash of all consents

/** One party: its identifiers, and a scalar that never leaves it. */
const party = (records: WatchlistRecord[]) => {
  const identifiers = records.flatMap(
    (record) => deriveIdentifiers(record, ['document', 'name']).identifiers,
  );
  const scalar = drawScalar(random);
  const texts = identifiers.map((identifier) => Buffer.from(identifier));
  let end = 0;
  const batch = { text: Buffer.concat(texts), ends: Uint32Array.from(texts, (text) => (end += text.length)) };
  return {
    identifiers,
    blind: () => compute.blind(batch, dst, scalar),
    tags: (elements: Uint8Array, bytes: number) => compute.evaluateToTags(elements, scalar, context, bytes),
  };
};

const [a, b] = [party(north), party(south)];
const tagBytes = tagBytesFor([a.identifiers.length, b.identifiers.length]);
const split = (tags: Uint8Array): string[] =>
  Array.from({ length: tags.length / tagBytes }, (_, i) =>
    Buffer.from(tags.subarray(i * tagBytes, (i + 1) * tagBytes)).toString('hex'),
  );

// Each blinds its own list; the other multiplies by its own scalar: both come to the same tags.
const returnedToA = split(await b.tags(await a.blind(), tagBytes));
const computedByA = new Set(split(await a.tags(await b.blind(), tagBytes)));
const common = a.identifiers.filter((_, i) => computedByA.has(returnedToA[i] ?? ''));
console.log(`north holds ${a.identifiers.length} identifiers, south ${b.identifiers.length}; in common:`);
for (const identifier of common) console.log(`  ${identifier}`);
await compute.close();
