import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMessage, isJsonFrame, type Message, parseMessage } from '../wire/index.ts';
import { tagBytesFor } from '../suite/index.ts';
import { atLeastFrom } from './counts.ts';
import { Ring } from './ring.testkit.ts';

/** The plaintext answer, by sets. */
function plainCounts(lists: Readonly<Record<string, readonly string[]>>): number[] {
  const ids = Object.keys(lists).sort();
  const exactly = new Array<number>((1 << ids.length) - 1).fill(0);
  for (const identifier of new Set(Object.values(lists).flat())) {
    let mask = 0;
    ids.forEach((id, i) => {
      if (lists[id]?.includes(identifier)) mask |= 1 << i;
    });
    exactly[mask - 1] = (exactly[mask - 1] as number) + 1;
  }
  return exactly;
}

const direct = (to: string[]) => ({ kind: 'matches' as const, to, predicate: null, which: false });
const list = fc.uniqueArray(
  fc.integer({ min: 0, max: 14 }).map((n) => `name:${n}`),
  { minLength: 1, maxLength: 8 },
);

describe('form direct', () => {
  it('gives each receiver its own matches, on random lists (oracle: sets)', () => {
    fc.assert(
      fc.property(
        list,
        list,
        fc.constantFrom<string[]>(['a'], ['b'], ['a', 'b']),
        fc.nat(),
        fc.boolean(),
        (a, b, to, seed, verified) => {
          const ring = new Ring({
            lists: { a, b },
            output: direct(to),
            seed: seed + 1,
            verified,
          }).run();
          const common = a.filter((identifier) => b.includes(identifier)).sort();
          for (const id of ['a', 'b']) {
            const { outcome, vault, error } = ring.place(id);
            expect(error).toBeUndefined();
            const summary = to.includes(id) ? { identifiers: common.length, records: common.length } : null;
            expect(outcome).toEqual({ kind: 'matches', summary, verified });
            expect([...(vault?.matched ?? [])].sort()).toEqual(to.includes(id) ? common : []);
          }
        },
      ),
      { numRuns: 10, endOnFailure: true },
    );
  });

  it('sends a party that does not receive nothing of its own list back', () => {
    const ring = new Ring({
      lists: { a: ['x', 'y'], b: ['y', 'z'] },
      output: direct(['a']),
    }).run();
    const chunks = ring.sent.filter((s) => !isJsonFrame(s.frame) && s.from === 'a');
    expect(chunks.map((s) => s.frame[1])).toEqual([1]);
  });
});

describe('form sealed', () => {
  it('counts every combination exactly, N = 2 to 6, on random lists (oracle: sets)', () => {
    fc.assert(
      fc.property(
        fc.array(list, { minLength: 2, maxLength: 6 }),
        fc.nat(),
        fc.boolean(),
        (all, seed, verified) => {
          const lists = Object.fromEntries(all.map((entry, i) => [`p${i}`, entry]));
          const ring = new Ring({ lists, seed: seed + 1, verified }).run();
          const exactly = plainCounts(lists);
          for (const { outcome, error } of ring.places.values()) {
            expect(error).toBeUndefined();
            expect(outcome).toEqual({ kind: 'counts', exactly, verified });
          }
        },
      ),
      { numRuns: 6, endOnFailure: true },
    );
  });

  it('ends well in whatever order links deliver: a question may overtake a seal', () => {
    const lists = { a: ['x'], b: ['x', 'y', 'z', 'u'], c: ['x', 'u', 'v', 'w', 't'] };
    for (let seed = 1; seed <= 8; seed++) {
      const ring = new Ring({ lists, seed, chunkElements: 2, sentinels: 0 }).run();
      for (const { error } of ring.places.values()) expect(error, `seed ${seed}`).toBeUndefined();
    }
  });

  it('marks what fits the predicate, for the receivers alone (oracle: sets)', () => {
    const predicate = fc.oneof(
      fc.constant({ kind: 'all' as const }),
      fc.constant({ kind: 'any' as const }),
      fc.constant({ kind: 'atLeast' as const, lists: 2 }),
      fc.constant({ kind: 'atLeast' as const, lists: 3 }),
    );
    const three = fc.array(list, { minLength: 3, maxLength: 5 });
    fc.assert(
      fc.property(three, predicate, fc.boolean(), fc.nat(), (all, wanted, which, seed) => {
        const lists = Object.fromEntries(all.map((entry, i) => [`p${i}`, entry]));
        const output = { kind: 'matches' as const, to: ['p0', 'p2'], predicate: wanted, which };
        const ring = new Ring({ lists, output, seed: seed + 1 }).run();
        const holders = (identifier: string) => all.filter((entry) => entry.includes(identifier)).length;
        const least = wanted.kind === 'all' ? all.length : wanted.kind === 'any' ? 2 : wanted.lists;
        for (const [id, { outcome, vault, error }] of ring.places) {
          expect(error).toBeUndefined();
          const receives = output.to.includes(id);
          const want = (lists[id] ?? []).filter((identifier) => holders(identifier) >= least).sort();
          const summary = receives ? { identifiers: want.length, records: want.length } : null;
          expect(outcome).toEqual({ kind: 'matches', summary, verified: true });
          expect([...(vault?.matched ?? [])].sort()).toEqual(receives ? want : []);
          expect(vault?.marks.length ?? 0).toBe(receives ? (lists[id]?.length ?? 0) + 2 : 0);
        }
        // nobody but the collector learns a count
        const views = ring.sent.filter((s) => isJsonFrame(s.frame)).map((s) => parseMessage(s.frame, 1e6));
        for (const view of views) if (view.type === 'view') expect(view.exactly).toBeNull();
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });

  const policy = {
    microEpsilon: null,
    deltaExponent: null,
    identifiersPerRecord: 1,
    mechanism: 'laplace' as const,
  };

  it('withholds cells below the minimum, and releases no wrong number (oracle: sets)', () => {
    fc.assert(
      fc.property(fc.array(list, { minLength: 2, maxLength: 3 }), fc.nat(), (all, seed) => {
        const lists = Object.fromEntries(all.map((entry, i) => [`p${i}`, entry]));
        const ring = new Ring({ lists, seed: seed + 1, privacy: { ...policy, minCount: 3 } }).run();
        const exactly = plainCounts(lists);
        const atLeast = atLeastFrom(exactly);
        const { outcome, error } = ring.place('p0');
        expect(error).toBeUndefined();
        if (outcome?.kind !== 'release') throw new Error('want a release');
        outcome.release.exactly.forEach((cell, i) => {
          if (typeof cell === 'number') expect(cell).toBe(exactly[i]);
          else expect(['below-minimum', 'complementary']).toContain(cell);
        });
        outcome.release.atLeast.forEach((cell, i) => {
          if (typeof cell === 'number') expect(cell).toBe(atLeast[i]);
        });
        for (const { outcome: other } of ring.places.values()) expect(other).toEqual(outcome);
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });

  it('sends a noised release on the tick of the clock, the same to all', () => {
    const lists = { a: ['1', '2', '3'], b: ['2', '3', '4', '5'] };
    const privacy = { ...policy, minCount: 0, microEpsilon: 1_000_000 };
    const ring = new Ring({ lists, privacy }).run();
    expect(ring.machine('zz-collector').state).toBe('collecting');
    expect(ring.sent.some((s) => isJsonFrame(s.frame) && parseMessage(s.frame, 1e6).type === 'view')).toBe(
      false,
    );
    const tickMs = ring.machine('zz-collector').nextDeadlineMs();
    expect(tickMs % 1000).toBe(0);
    ring.pass(tickMs - ring.nowMs);
    ring.settle();
    const { outcome } = ring.place('a');
    expect(outcome).toMatchObject({
      kind: 'release',
      release: { noise: { mechanism: 'laplace', scale: '3/1' } },
    });
    for (const { outcome: other } of ring.places.values()) expect(other).toEqual(outcome);
  });

  it('sums exact cells to at-least cells', () => {
    expect(atLeastFrom([1, 2, 4])).toEqual([5, 6, 4]);
  });

  it('sends chunks whose lengths follow from sizes alone, tags shorter than they are', () => {
    const lengths = (lists: Record<string, string[]>, seed: number) =>
      new Ring({ lists, seed, chunkElements: 12 })
        .run()
        .sent.filter(({ frame }) => !isJsonFrame(frame))
        .map(({ from, to, frame }) => `${from}>${to} ${frame[1]}/${frame[3]} ${frame.length}`);
    const names = Array.from({ length: 20 }, (_, i) => `name:${i}`);
    const [alike, apart] = [names.slice(0, 10), names.slice(10)];
    const first = lengths({ a: alike, b: alike, c: alike }, 1);
    const second = lengths({ a: alike, b: apart, c: names.slice(5, 15) }, 2);
    expect(first.toSorted()).toEqual(second.toSorted());
    const tags = first.flatMap((line) => (line.includes(' 3/') ? [Number(line.split(' ')[2])] : []));
    expect(tags).toHaveLength(3);
    // 10 names and 2 sentinels in one chunk, behind 16 bytes of header
    const plain = 16 + 12 * tagBytesFor([12, 12, 12]);
    for (const length of tags) expect(length).toBeLessThan(plain);
  });

  it('lets no tag leave before every owner said that its chain is whole', () => {
    const lists = { a: ['x', 'y', 'u', 'v'], b: ['y', 'z'], c: ['y'] };
    const ring = new Ring({ lists }).run();
    const firstTag = ring.sent.findIndex((s) => !isJsonFrame(s.frame) && s.frame[1] === 3);
    const types = ring.sent
      .slice(0, firstTag)
      .flatMap((s) => (isJsonFrame(s.frame) ? [parseMessage(s.frame, 1e6)] : []));
    const barriers = new Set(types.flatMap((m: Message) => (m.type === 'barrier' ? [m.from] : [])));
    expect(firstTag).toBeGreaterThan(0);
    expect([...barriers].sort()).toEqual(['a', 'b', 'c']);
  });
});

describe('the consent barrier', () => {
  it('sends nothing derived from a list before every freeze is in', () => {
    const lists = { a: ['x'], b: ['y'], c: ['z'] };
    // c's freeze to a is lost: a must send no chunk at all
    const ring = new Ring({
      lists,
      tamper: (from, to, frame) =>
        isJsonFrame(frame) && from === 'c' && to === 'a' && parseMessage(frame, 1e6).type === 'freeze'
          ? []
          : [frame],
    }).run();
    expect(ring.sent.filter((s) => s.from === 'a' && !isJsonFrame(s.frame))).toEqual([]);
    expect(ring.machine('a').state).toBe('freezing');
  });

  it('ends for all where one party was shown other consents', () => {
    const lists = { a: ['x'], b: ['y'], c: ['z'] };
    const ring = new Ring({
      lists,
      tamper: (from, to, frame) => {
        if (!isJsonFrame(frame) || from !== 'c' || to !== 'a') return [frame];
        const message = parseMessage(frame, 1e6);
        if (message.type !== 'freeze') return [frame];
        return [encodeMessage({ ...message, consentsHash: '00'.repeat(32) })];
      },
    }).run();
    for (const { machine } of ring.places.values()) expect(machine.state).toBe('aborted');
    expect(ring.place('a').error?.code).toBe('consent.signature');
    expect(ring.place('b').error?.code).toBe('consent.signature');
  });
});
