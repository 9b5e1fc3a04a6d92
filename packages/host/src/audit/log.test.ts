import { encodeHex } from '@tallystick/protocol/bytes';
import { type EntryBody, isIncluded, leafHash, MerkleTree, parseEntry } from '@tallystick/protocol/audit';
import { describe, expect, it } from 'vitest';
import { type Clock, fakeClock } from '../clock/index.ts';
import { systemRandom } from '../random/index.ts';
import { createSealer } from '../seal/index.ts';
import { memoryStore, type Store } from '../store/index.ts';
import { openAuditLog, recoverAuditLog } from './index.ts';

const hex = (byte: number, bytes: number): string => Buffer.alloc(bytes, byte).toString('hex');
const refusal = (session: number): EntryBody => ({
  type: 'refuse',
  by: 'b',
  session: hex(session, 16),
  agreement: null,
  request: null,
  proposal: hex(9, 32),
  reasons: ['purpose'],
});

function world() {
  const dataKey = systemRandom(32);
  const publicKey = systemRandom(32);
  const store = memoryStore();
  const clock = fakeClock();
  const optionsOf = (from: Store = store, at: Clock = clock, key: Uint8Array = publicKey) => ({
    store: from,
    sealer: createSealer(dataKey, systemRandom),
    clock: at,
    random: systemRandom,
    identity: { id: 'a', publicKey: key, sign: () => systemRandom(64) },
  });
  const open = (...given: Parameters<typeof optionsOf>) => openAuditLog(optionsOf(...given));
  const recover = (from: Store = store) => recoverAuditLog(optionsOf(from));
  return { store, clock, open, recover };
}

/** A store that fails when it is to write a key of the log. */
const failing = (store: Store, isDown: () => boolean): Store => ({
  ...store,
  put: (collection, key, value) => {
    if (isDown()) throw new Error('disk full');
    store.put(collection, key, value);
  },
});

describe('audit log', () => {
  it('begins with whose it is, numbers entries without gaps, and opens again as it was', () => {
    const { open, clock } = world();
    const log = open();
    const entries = [1, 2, 3, 4].map((session) => {
      clock.advance(5);
      return log.append(refusal(session));
    });
    expect(entries.map(({ index }) => index)).toEqual([1, 2, 3, 4]);
    const again = open();
    expect(again.broken).toBeUndefined();
    expect([again.id, again.size]).toEqual([log.id, 5]);
    expect([...again.leaves()].map((leaf) => parseEntry(leaf).type)).toEqual([
      'open',
      'refuse',
      'refuse',
      'refuse',
      'refuse',
    ]);
    const tree = new MerkleTree();
    for (const leaf of again.leaves()) {
      expect(parseEntry(leaf).before).toBe(Buffer.from(tree.root()).toString('hex'));
      tree.append(leafHash(leaf));
    }
    const head = { size: 5, root: again.tree.root() };
    const [third] = again.leaves(3, 4);
    expect(isIncluded(leafHash(third as Uint8Array), 3, head, again.tree.inclusion(3))).toBe(true);
  });

  it('keeps times from going back where the clock does', () => {
    const { open } = world();
    let nowMs = 2_000_000;
    const log = open(memoryStore(), { ...fakeClock(), nowMs: () => nowMs });
    log.append(refusal(2));
    nowMs = 5;
    expect(log.append(refusal(3)).atMs).toBe(2_000_000);
  });

  it('appends nothing where the write fails, and goes on where it works again', () => {
    const { store, open } = world();
    open();
    let isDown = false;
    const log = open(failing(store, () => isDown));
    isDown = true;
    expect(() => log.append(refusal(1))).toThrow('disk full');
    expect(log.size).toBe(1);
    isDown = false;
    expect(log.append(refusal(1)).index).toBe(1);
    expect(open().broken).toBeUndefined();
  });

  it('writes an act and its entry together, or neither', () => {
    const { store, open } = world();
    open();
    let isDown = false;
    const log = open(failing(store, () => isDown));
    const charge = (session: number) =>
      log.appendWith(() => {
        store.put('ledgers', 'book', session);
        return { entry: refusal(session), result: session };
      });
    expect(charge(1)).toBe(1);
    isDown = true;
    expect(() => charge(2)).toThrow('disk full');
    expect(store.get('ledgers', 'book')).toBe(1);
    isDown = false;
    expect(() =>
      log.appendWith(() => {
        store.put('ledgers', 'book', 3);
        throw new Error('over budget');
      }),
    ).toThrow('over budget');
    expect([store.get('ledgers', 'book'), log.size]).toEqual([1, 2]);
    const nothing = log.appendWith(() => ({ entry: null, result: 'repeat' }));
    expect([nothing, log.size, charge(4)]).toEqual(['repeat', 2, 4]);
    expect([...open().leaves()].map((leaf) => parseEntry(leaf).index)).toEqual([0, 1, 2]);
  });

  it('belongs to the key that it names: another station’s, or a key put there by hand, opens none', () => {
    const { store, clock, open } = world();
    expect(open().broken).toBeUndefined();
    expect(open(store, clock, systemRandom(32)).broken?.code).toBe('log.broken');
  });

  it('refuses an entry that its schema refuses, and stays as it was', () => {
    const { open } = world();
    const log = open();
    const named: object = { ...refusal(1), name: 'somebody' };
    expect(() => log.append(named as EntryBody)).toThrow(expect.objectContaining({ code: 'log.entry' }));
    expect(log.size).toBe(1);
    expect(open().broken).toBeUndefined();
  });

  const key = (index: number): string => `entry/${String(index).padStart(10, '0')}`;
  const damages: [string, (store: Store) => void, string][] = [
    ['a tail that was cut off', (store) => void store.delete('audit', key(3)), 'entry 3 is missing'],
    ['an entry that was taken out', (store) => void store.delete('audit', key(1)), 'entry 1 is missing'],
    [
      'a bit that was flipped',
      (store) => {
        const bytes = Buffer.from(store.get('audit', key(2)) as string, 'base64');
        bytes[40] = (bytes[40] ?? 0) ^ 1;
        store.put('audit', key(2), bytes.toString('base64'));
      },
      'entry 2 was changed',
    ],
    [
      'two entries that were exchanged',
      (store) => {
        const [one, two] = [store.get('audit', key(1)), store.get('audit', key(2))];
        store.put('audit', key(1), two ?? null);
        store.put('audit', key(2), one ?? null);
      },
      'entry 1 was changed',
    ],
    [
      'an entry that was put behind the last',
      (store) => store.put('audit', key(4), store.get('audit', key(3)) ?? null),
      'want 4 entries, got more',
    ],
    ['a head that was taken away', (store) => void store.delete('audit', 'head'), 'want 0 entries, got more'],
    ['a head that is none', (store) => store.put('audit', 'head', 'AAAA'), 'its head was changed'],
  ];
  it.each(damages)('says so at the start: %s', (_, damage, named) => {
    const { store, open } = world();
    const log = open();
    for (const session of [1, 2, 3]) log.append(refusal(session));
    damage(store);
    const again = open();
    expect(again.broken).toMatchObject({ code: 'log.broken', message: `audit log: ${named}` });
    expect(() => again.append(refusal(4))).toThrow(expect.objectContaining({ code: 'log.broken' }));
  });

  it.each(damages)('goes on with what fits, where a person wants it, and says so: %s', (name, damage) => {
    const { store, open, recover } = world();
    const log = open();
    for (const session of [1, 2, 3]) log.append(refusal(session));
    const left = [...log.leaves()].map(parseEntry);
    damage(store);
    const before = store.list('audit').map(({ value }) => value);
    const { kept, aside } = recover();
    const again = open();
    expect(again.broken).toBeUndefined();
    const entries = [...again.leaves()].map(parseEntry);
    expect(entries.slice(0, kept)).toEqual(left.slice(0, kept));
    const isHeadLost = name.includes('head');
    const want = isHeadLost ? { size: 4 } : { size: 4, root: encodeHex(log.tree.root()) };
    expect(entries.slice(kept)).toMatchObject([
      { type: 'witness', by: 'a', of: 'a', code: 'log.broken', ...want },
    ]);
    expect(aside).toBeGreaterThan(name.includes('taken away') ? -1 : 0);
    // Nothing that was there is gone.
    const after = new Set(store.list('audit').map(({ value }) => value));
    expect(before.filter((value) => !after.has(value))).toEqual([]);
    expect(() => recover()).toThrow(expect.objectContaining({ code: 'log.whole' }));
    again.append(refusal(4));
    expect(open().broken).toBeUndefined();
  });

  it('begins anew where not even its first entry fits', () => {
    const { store, open, recover } = world();
    const log = open();
    log.append(refusal(1));
    store.delete('audit', key(0));
    expect(recover()).toEqual({ kept: 0, aside: 2 });
    const again = open();
    expect(again.broken).toBeUndefined();
    expect(again.id).not.toBe(log.id);
    expect([...again.leaves()].map(parseEntry)).toMatchObject([
      { type: 'open' },
      { type: 'witness', size: 2, root: encodeHex(log.tree.root()), code: 'log.broken' },
    ]);
  });

  it('is not recovered where the write fails', () => {
    const { store, open, recover } = world();
    const log = open();
    for (const session of [1, 2, 3]) log.append(refusal(session));
    store.delete('audit', key(2));
    const before = store.list('audit');
    let writes = 0;
    expect(() => recover(failing(store, () => ++writes > 2))).toThrow('disk full');
    expect(writes).toBe(3);
    expect(store.list('audit')).toEqual(before);
    expect(open().broken?.code).toBe('log.broken');
  });

  it('knows an older head from the one that belongs to its entries', () => {
    const { store, open } = world();
    const log = open();
    log.append(refusal(1));
    const older = store.get('audit', 'head') ?? null;
    log.append(refusal(2));
    store.put('audit', 'head', older);
    expect(open().broken?.code).toBe('log.broken');
  });
});
