import { type EntryBody, parseEntry } from '@tallystick/protocol/audit';
import { beforeEach, describe, expect, it } from 'vitest';
import { memoryStore, type Store } from '../store/index.ts';
import { clock, copyOf, House, type Station } from './house.testkit.ts';

const refusal: EntryBody = {
  type: 'refuse',
  by: 'a',
  session: null,
  agreement: null,
  request: null,
  proposal: 'ab'.repeat(32),
  reasons: ['purpose'],
};
const grow = ({ audit }: Station, n: number): void => {
  for (let i = 0; i < n; i++) audit.append(refusal);
};
const told = ({ audit }: Station) =>
  [...audit.leaves()].map(parseEntry).flatMap((entry) => (entry.type === 'witness' ? [entry] : []));
/** Turns a bit of an entry as it lies on the store. */
function flip(store: Store, index: number): void {
  const key = `entry/${String(index).padStart(10, '0')}`;
  const bytes = Buffer.from(store.get('audit', key) as string, 'base64');
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  store.put('audit', key, bytes.toString('base64'));
}

describe('a log that is not as it was left', () => {
  let house: House;
  let a: Station;
  let b: Station;
  let watch: Station;
  beforeEach(async () => {
    house = new House();
    for (const id of ['a', 'b', 'watch']) await house.add(id);
    house.bodies.push('watch');
    a = house.start('a');
    b = house.start('b');
    watch = house.start('watch');
    grow(a, 5);
    await a.witness.refresh();
  });

  it('is told of by its own station to everybody, with the entry, and written down where it can be', async () => {
    flip(a.store, 3);
    const broken = house.start('a', a.store);
    expect(broken.audit.broken).toMatchObject({
      code: 'log.broken',
      message: expect.stringContaining('entry 3'),
    });
    house.away.add('b');
    await broken.faults.tell();
    house.away.clear();
    await broken.faults.tell();
    // Asked again and again, and after another start, it stands there once.
    await broken.faults.tell();
    await house.start('a', a.store).faults.tell();
    for (const station of [b, watch]) {
      expect(told(station)).toMatchObject([{ of: 'a', by: 'a', code: 'log.broken', size: 3 }]);
      expect(station.witness.problemOf('a')).toBe('log.broken');
    }
    // The log as it was, from a backup: a proof says more than a word.
    flip(a.store, 3);
    const whole = house.start('a', a.store);
    grow(whole, 2);
    await whole.witness.refresh();
    expect(b.witness.problemOf('a')).toBeNull();
    expect(whole.witness.isConfirmedBy(['b', 'watch'])).toBe(true);
  });

  it('that a partner finds taken back is told to the oversight body, once, also over a start', async () => {
    const backup = copyOf(a.store);
    grow(a, 4);
    await a.witness.refresh(['b']);
    house.away.add('watch');
    await house.start('a', backup).witness.refresh(['b']);
    expect(b.witness.problemOf('a')).toBe('log.rollback');
    await b.faults.tell();
    expect(b.witnesses.held('a')?.told).toEqual([]);
    house.away.clear();
    const again = house.start('b', b.store);
    for (let i = 0; i < 3; i++) await again.faults.tell();
    expect(told(watch)).toMatchObject([{ of: 'a', by: 'b', code: 'log.rollback', size: 10 }]);
    expect(again.witnesses.held('a')?.told).toEqual(['watch']);
    // What somebody says of another is written down, and is not believed.
    expect(watch.witness.problemOf('a')).toBeNull();
    // And of this very fault a is told of itself: it knows.
    await house.start('a', backup).witness.refresh(['watch']);
    expect(watch.witness.problemOf('a')).toBeNull();
  });

  it('of which nobody told is nobody’s; words that are none, or of strangers, are refused', async () => {
    await b.faults.tell();
    expect(told(watch)).toEqual([]);
    const good = { of: 'a', code: 'log.fork', size: 3, root: 'ab'.repeat(32) };
    const refused = (body: unknown, code: string): Promise<void> =>
      expect(house.ask('b', 'watch', 'log.fault', body)).rejects.toMatchObject({ code });
    await refused({ ...good, of: 'c' }, 'peer.unknown');
    await refused({ ...good, code: 'log.accepted' }, 'wire.message');
    await refused({ ...good, more: 1 }, 'wire.message');
    await refused(null, 'wire.message');
    expect(told(watch)).toEqual([]);
    for (let i = 0; i < 3; i++) {
      clock.advance(1000);
      await house.ask('b', 'watch', 'log.fault', { ...good, size: i });
    }
    expect(told(watch)).toMatchObject([{ of: 'a', by: 'b', code: 'log.fork', size: 0 }]);
  });

  it('of a station that nothing is known of is written down all the same', async () => {
    const store = memoryStore();
    const stranger = house.start('watch', store);
    await house.ask('a', 'watch', 'log.fault', {
      of: 'a',
      code: 'log.broken',
      size: 2,
      root: 'ab'.repeat(32),
    });
    expect(told(stranger)).toMatchObject([{ of: 'a', by: 'a', code: 'log.broken', size: 2 }]);
  });

  it('is told of to nobody by a station whose store does not answer, and nothing is thrown', async () => {
    Object.assign(a.witnesses, {
      allHeld: () => {
        throw new Error('used after close');
      },
    });
    await expect(a.faults.tell()).resolves.toBeUndefined();
  });
});
