/**
 * Agreements that a station holds: only what everybody signed and what names it; kept sealed, given back as signed.
 */
import { createAgreementShelf, stationsUnder } from '@tallystick/host/agreements';
import { createSealer } from '@tallystick/host/seal';
import { systemRandom } from '@tallystick/host/random';
import { memoryStore, type Store } from '@tallystick/host/store';
import { standingId } from '@tallystick/protocol/agreement';
import { parseHex } from '@tallystick/protocol/bytes';
import { expect, test } from 'vitest';
import { signAll } from '../../packages/protocol/src/policy/world.testkit.ts';
import { agreementOf, keyOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';

const key = new Uint8Array(32).fill(7);
const shelfOf = (id: string, store: Store = memoryStore(), name = id) =>
  createAgreementShelf(store, createSealer(key, systemRandom), { id, publicKey: parseHex(keyOf(name)) });
const signed = signAll(agreementOf());
const id = standingId(signed.agreement);

const refusal = (act: () => unknown): string => {
  try {
    act();
    return '';
  } catch (thrown) {
    return `${(thrown as { code: string }).code} ${(thrown as Error).message}`;
  }
};

test.each(['alba', 'hub', 'watch'])(
  '%s, whom it names, installs it, twice too, and has it after a start',
  (self) => {
    const store = memoryStore();
    const shelf = shelfOf(self, store);
    expect(shelf.install(signed)).toEqual({ id, signed });
    shelf.install(signed);
    const later = shelfOf(self, store);
    expect(later.get(id)?.signed).toEqual(signed);
    expect(later.list().map((one) => one.id)).toEqual([id]);
    const versions = [{ id, version: 2, notBeforeMs: Date.parse('2027-01-01T00:00:00Z') }];
    expect(later.versions('three-rivers')).toEqual(versions);
    expect(later.versions('another')).toEqual([]);
    expect(JSON.stringify(store.list('agreements'))).not.toContain('three-rivers');
  },
);

test('refused, and nothing is kept', () => {
  const store = memoryStore();
  const { agreement, signatures } = signed;
  const forged = { ...agreement, title: 'Another title' };
  for (const [shelf, value, want] of [
    [shelfOf('alba', store), { agreement, signatures: signatures.slice(1) }, 'signature.missing'],
    [shelfOf('alba', store), { agreement: forged, signatures }, 'signature.wrong'],
    [shelfOf('alba', store), { agreement: { ...agreement, extra: 1 }, signatures }, 'field.unknown'],
    [shelfOf('delta', store), signed, 'does not name delta'],
    [shelfOf('alba', store, 'borea'), signed, 'does not name alba with the key'],
  ] as const) {
    const said = refusal(() => shelf.install(value));
    expect(said).toMatch(/^agreement\.invalid /);
    expect(said).toContain(want);
  }
  expect(store.list('agreements')).toEqual([]);
});

test('two agreements that claim to be the same version: the second is refused', () => {
  const shelf = shelfOf('alba');
  shelf.install(signed);
  const other = signAll({ ...agreementOf(), title: 'The same, but not' });
  expect(refusal(() => shelf.install(other))).toContain('claims to be version 2');
  expect(shelf.list().map((one) => one.id)).toEqual([id]);
});

test('what was changed on disk does not open', () => {
  const store = memoryStore();
  shelfOf('alba', store).install(signed);
  const [kept] = store.list('agreements');
  store.delete('agreements', id);
  store.put('agreements', 'f'.repeat(64), kept?.value ?? null);
  expect(refusal(() => shelfOf('alba', store))).not.toBe('');
});

test('every station has the fingerprint of its key', () => {
  const { agreement } = signed;
  const named = new Map(stationsUnder(agreement).map((one) => [one.id, one]));
  for (const { id: party, fingerprint } of [...agreement.parties, ...(agreement.collectors ?? [])]) {
    expect(named.get(party)?.fingerprint).toBe(fingerprint);
  }
  expect(named.get('watch')).toMatchObject({ kind: 'oversight', publicKey: keyOf('watch') });
});
