import { type EntryBody, parseEntry } from '@tallystick/protocol/audit';
import { TallyError } from '@tallystick/protocol/errors';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SigningIdentity } from '../identity/index.ts';
import { silentLog } from '../log/index.ts';
import type { MailHandler } from '../mail/index.ts';
import { systemRandom } from '../random/index.ts';
import { createSealer } from '../seal/index.ts';
import { memoryStore, type Store } from '../store/index.ts';
import { clock, copyOf, House, type Station } from './house.testkit.ts';
import { createWitnessStore, LogWitness, openAuditLog } from './index.ts';

const refusal: EntryBody = {
  type: 'refuse',
  by: 'a',
  session: null,
  agreement: null,
  request: null,
  proposal: 'ab'.repeat(32),
  reasons: ['purpose'],
};

describe('witnesses', () => {
  let house: House;
  let a: Station;
  let b: Station;
  beforeAll(async () => {
    house = new House();
    for (const id of ['a', 'b', 'c']) await house.add(id);
  });
  const begin = (): void => {
    house.away.clear();
    a = house.start('a');
    b = house.start('b');
    house.start('c');
  };
  const grow = (station: Station, n = 1): void => {
    for (let i = 0; i < n; i++) station.audit.append(refusal);
  };
  const witnessEntries = (station: Station) =>
    [...station.audit.leaves()].map(parseEntry).filter(({ type }) => type === 'witness');

  it('confirm a log that only grew, at every size', async () => {
    begin();
    expect(a.witness.statusFor(['b'])).toEqual({ intact: true, confirmed: false, witnessedAtMs: null });
    for (const more of [0, 1, 5, 3, 0, 14]) {
      grow(a, more);
      clock.advance(60_000);
      await a.witness.refresh(['b']);
      const { confirmed, witnessedAtMs } = a.witness.statusFor(['b']);
      expect([confirmed, witnessedAtMs]).toEqual([true, Math.floor(clock.nowMs() / 1000) * 1000]);
    }
    expect(a.witness.statusFor(['b', 'c']).confirmed).toBe(false);
    expect(a.witness.statusFor([]).confirmed).toBe(false);
    // Whoever was asked has asked back.
    expect(b.witness.statusFor(['a'])).toMatchObject({ intact: true, confirmed: true });
    expect(witnessEntries(a)).toEqual([]);
  });

  it('confirm again after an ordinary start, and not before', async () => {
    begin();
    grow(a, 3);
    await a.witness.refresh();
    const again = house.start('a', a.store);
    expect(again.witness.statusFor(['b']).confirmed).toBe(false);
    house.away.add('b');
    await again.witness.refresh();
    expect(again.witness.statusFor(['b']).confirmed).toBe(false);
    expect(again.witness.statusFor(['c']).confirmed).toBe(true);
    house.away.clear();
    await again.witness.refresh();
    expect(again.witness.statusFor(['b', 'c'])).toMatchObject({ intact: true, confirmed: true });
  });

  it.each([
    ['shorter', 0],
    ['as long, with other entries', 4],
    ['longer, with other entries', 9],
  ])('find a restored copy that is %s; both write it down, and it starts nothing', async (_, more) => {
    begin();
    grow(a, 2);
    const backup = copyOf(a.store);
    await a.witness.refresh();
    grow(a, 4);
    await a.witness.refresh();
    clock.advance(1000);
    const restored = house.start('a', backup);
    expect(restored.audit.broken).toBeUndefined();
    grow(restored, more);
    await restored.witness.refresh();
    expect(restored.witness.statusFor(['b'])).toMatchObject({ confirmed: false });
    const known = more === 0 ? 'log.rollback' : 'log.fork';
    expect(b.witness.problemOf('a')).toBe(known);
    expect(witnessEntries(b)).toMatchObject([{ of: 'a', code: known }]);
    expect(restored.audit.broken?.code).toBe('log.rollback');
    expect(() => restored.audit.append(refusal)).toThrow(expect.objectContaining({ code: 'log.rollback' }));
    expect(witnessEntries(restored)[0]).toMatchObject({ code: 'log.rollback' });
    // Asking again fills no disk.
    await restored.witness.refresh();
    expect(witnessEntries(b)).toHaveLength(1);
    // Its people were asked: from here on it is taken as it is.
    b.witness.accept('a');
    expect(witnessEntries(b)).toMatchObject([{ code: known }, { code: 'log.accepted', by: 'b' }]);
    const started = house.start('a', copyOf(restored.store));
    await started.witness.refresh(['b']);
    expect(started.witness.statusFor(['b'])).toMatchObject({ intact: true, confirmed: true });
  });

  it('accept no log that they cannot write down: what was held is held on', async () => {
    begin();
    let isDown = false;
    const store = memoryStore();
    const failing: Store = {
      ...store,
      put: (collection, key, value) => {
        if (isDown && key === 'head') throw new Error('disk full');
        store.put(collection, key, value);
      },
    };
    const careful = house.start('b', failing);
    const backup = copyOf(a.store);
    grow(a, 3);
    await a.witness.refresh(['b']);
    const restored = house.start('a', backup);
    await restored.witness.refresh(['b']);
    expect(careful.witness.problemOf('a')).toBe('log.rollback');
    isDown = true;
    expect(() => careful.witness.accept('a')).toThrow('disk full');
    isDown = false;
    expect(careful.witness.problemOf('a')).toBe('log.rollback');
    careful.witness.accept('a');
    expect(careful.witness.problemOf('a')).toBeNull();
    expect(() => careful.witness.accept('a')).toThrow(expect.objectContaining({ code: 'peer.unknown' }));
    const told = witnessEntries(careful).map((entry) => entry.type === 'witness' && entry.code);
    expect(told).toEqual(['log.rollback', 'log.accepted']);
  });

  it('take nothing that is not signed by who asks, nor anything malformed', async () => {
    begin();
    await a.witness.refresh(['b']);
    // b knows nothing of c; what c signed cannot pass for a.
    const served: MailHandler[] = [];
    const identity = house.identities.get('b') as SigningIdentity;
    const store = memoryStore();
    const sealer = createSealer(systemRandom(32), systemRandom);
    const witness = new LogWitness({
      audit: openAuditLog({ store, sealer, clock, random: systemRandom, identity }),
      store: createWitnessStore(store, sealer),
      identity,
      clock,
      log: silentLog,
      peers: () => new Map([['a', (house.identities.get('a') as SigningIdentity).fingerprint]]),
      mail: {
        ask: () => Promise.reject(new TallyError('peer.absent', 'away')),
        serve: (_, handler) => void served.push(handler),
      },
    });
    const [answer] = served as [MailHandler];
    const key = (id: string): string =>
      Buffer.from((house.identities.get(id) as SigningIdentity).publicKey).toString('hex');
    const c = house.start('c');
    const noteOf = (station: Station): string => {
      const { text, signatures } = station.audit.checkpoint();
      const [line] = signatures;
      const base64 = Buffer.concat([line?.keyId ?? Buffer.alloc(0), line?.bytes ?? Buffer.alloc(0)]);
      return `${text}\n— ${line?.name} ${base64.toString('base64')}\n`;
    };
    const good = { publicKey: key('a'), checkpoint: noteOf(a), old: 0, proof: [] };
    const refused = (body: unknown, code: string): Promise<void> =>
      expect(answer('a', body)).rejects.toMatchObject({ code });
    await refused({ ...good, publicKey: key('c') }, 'channel.pin');
    await refused({ ...good, checkpoint: noteOf(c) }, 'log.note');
    await refused({ ...good, checkpoint: good.checkpoint.replace('\n1\n', '\n2\n') }, 'log.note');
    await refused({ ...good, proof: ['x'] }, 'wire.message');
    await refused({ ...good, more: 1 }, 'wire.message');
    await refused(null, 'wire.message');
    expect(witness.problemOf('a')).toBeNull();
    expect(await answer('a', good)).toMatchObject({ type: 'cosigned' });
  });
});
