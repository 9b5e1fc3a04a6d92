/**
 * Agreements that a station holds: only what everybody signed and what names it; kept sealed, given back as signed.
 */
import { createAgreementShelf, stationsUnder } from '@tallystick/host/agreements';
import { createSealer } from '@tallystick/host/seal';
import { systemRandom } from '@tallystick/host/random';
import { memoryStore, type Store } from '@tallystick/host/store';
import { type StandingAgreement, standingId } from '@tallystick/protocol/agreement';
import { parseHex } from '@tallystick/protocol/bytes';
import type { EntryBody } from '@tallystick/protocol/audit';
import { TallyError } from '@tallystick/protocol/errors';
import { beforeEach, expect, test } from 'vitest';
import { nowMs, signAll } from '../../packages/protocol/src/policy/world.testkit.ts';
import { agreementOf, keyOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';

const key = new Uint8Array(32).fill(7);
let entries: EntryBody[] = [];
let isLogFull = false;
const audit = {
  append(body: EntryBody): never {
    if (isLogFull) throw new TallyError('store.write', 'no room');
    entries.push(body);
    return undefined as never;
  },
};
const shelfOf = (id: string, store: Store = memoryStore(), name = id) => {
  const self = { id, publicKey: parseHex(keyOf(name)) };
  return createAgreementShelf(store, createSealer(key, systemRandom), self, audit);
};
beforeEach(() => {
  entries = [];
  isLogFull = false;
});
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
    expect(shelf.install(signed, nowMs)).toEqual({ id, signed });
    shelf.install(signed, nowMs);
    const later = shelfOf(self, store);
    expect(later.get(id)?.signed).toEqual(signed);
    expect(later.list().map((one) => one.id)).toEqual([id]);
    const versions = [{ id, version: 2, notBeforeMs: Date.parse('2027-01-01T00:00:00Z') }];
    expect(later.versions('three-rivers')).toEqual(versions);
    expect(later.versions('another')).toEqual([]);
    expect(JSON.stringify(store.list('agreements'))).not.toContain('three-rivers');
  },
);

test('who signed stands in the log before it is kept, once; what cannot be logged is not kept', () => {
  const store = memoryStore();
  isLogFull = true;
  expect(refusal(() => shelfOf('alba', store).install(signed, nowMs))).toContain('no room');
  expect(store.list('agreements')).toEqual([]);
  isLogFull = false;
  shelfOf('alba', store).install(signed, nowMs);
  shelfOf('alba', store).install(signed, nowMs);
  const everybody = ['alba', 'borea', 'cedra', 'watch', 'inspect'];
  expect(entries).toEqual(
    everybody.map((by) => ({ type: 'sign', by, session: null, agreement: id, request: null })),
  );
});

const changed = (change: Partial<StandingAgreement>) => signAll({ ...agreementOf(), ...change });

test('refused, and nothing is kept', () => {
  const store = memoryStore();
  const { agreement, signatures } = signed;
  const forged = { ...agreement, title: 'Another title' };
  const ended = changed({ notBefore: '2026-01-01T00:00:00Z', notAfter: '2027-03-01T12:00:00Z' });
  for (const [shelf, value, want] of [
    [shelfOf('alba', store), { agreement, signatures: signatures.slice(1) }, 'signature.missing'],
    [shelfOf('alba', store), { agreement: forged, signatures }, 'signature.wrong'],
    [shelfOf('alba', store), { agreement: { ...agreement, extra: 1 }, signatures }, 'field.unknown'],
    [shelfOf('alba', store), ended, 'notAfter: has ended'],
    [shelfOf('delta', store), signed, 'does not name delta'],
    [shelfOf('alba', store, 'borea'), signed, 'does not name alba with the key'],
  ] as const) {
    const said = refusal(() => shelf.install(value, nowMs));
    expect(said).toMatch(/^agreement\.invalid /);
    expect(said).toContain(want);
    expect(entries.splice(0)).toMatchObject([
      { type: 'attempt', code: 'agreement.invalid', from: null, count: 1 },
    ]);
  }
  expect(store.list('agreements')).toEqual([]);
});

test('its last millisecond is a life; one that has not begun is taken, to be there in time', () => {
  const ends = changed({ notBefore: '2026-01-01T00:00:00Z', notAfter: '2027-03-01T12:00:00Z' });
  expect(shelfOf('alba').install(ends, nowMs - 1).id).toBe(standingId(ends.agreement));
  expect(shelfOf('alba').install(signed, 0).id).toBe(id);
});

test('two agreements that claim to be the same version: the second is refused', () => {
  const shelf = shelfOf('alba');
  shelf.install(signed, nowMs);
  const other = changed({ title: 'The same, but not' });
  expect(refusal(() => shelf.install(other, nowMs))).toContain('claims to be version 2');
  expect(shelf.list().map((one) => one.id)).toEqual([id]);
});

test('other versions of the name stand beside it, also older ones; decisions say which is in force', () => {
  const shelf = shelfOf('alba');
  shelf.install(signed, nowMs);
  const [older, next] = [
    changed({ version: 1, supersedes: null }),
    changed({ version: 3, supersedes: id, notBefore: '2027-06-01T00:00:00Z' }),
  ];
  shelf.install(older, nowMs);
  shelf.install(next, nowMs);
  expect(shelf.versions('three-rivers').map(({ version }) => version)).toEqual([2, 1, 3]);
  expect(shelf.list().map(({ signed: { agreement } }) => agreement.version)).toEqual([1, 2, 3]);
});

test('what was changed on disk does not open', () => {
  const store = memoryStore();
  shelfOf('alba', store).install(signed, nowMs);
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
