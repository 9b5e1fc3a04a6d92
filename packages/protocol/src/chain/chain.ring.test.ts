import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHex } from '../bytes/index.ts';
import {
  encodeMessage,
  isJsonFrame,
  parseChunkFrame,
  parseMessage,
  signMessage,
  type Message,
} from '../wire/index.ts';
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

/** A fault in one frame, and the code with which the session must end for everybody. */
interface FaultRow {
  readonly name: string;
  readonly code: string;
  /** The chunk frame to change; `undefined` keeps it. */
  readonly change: (frame: Uint8Array, chunk: number) => Uint8Array[] | undefined;
}

const faults: FaultRow[] = [
  { name: 'a chunk of an unknown version', code: 'wire.version', change: (f) => [withByte(f, 0, 9)] },
  { name: 'a chunk of an unknown kind', code: 'wire.type', change: (f) => [withByte(f, 1, 7)] },
  {
    name: 'a chunk of another session',
    code: 'wire.frame',
    change: (f) => [withByte(f, 8, (f[8] as number) ^ 1)],
  },
  { name: 'a chunk cut short', code: 'wire.frame', change: (f) => [f.slice(0, 5)] },
  { name: 'a chunk of a list that is not due', code: 'wire.order', change: (f) => [withByte(f, 2, 5)] },
  { name: 'a chunk of another hop', code: 'wire.order', change: (f) => [withByte(f, 3, 4)] },
  { name: 'a chunk beyond the end', code: 'chain.count', change: (f) => [withByte(f, 7, 200)] },
  {
    name: 'a position asked twice',
    code: 'chain.position',
    change: (f, c) => (c === 0 ? [f, f] : undefined),
  },
  {
    name: 'a position sent again with other content',
    code: 'chain.position',
    change: (f, c) => (c === 0 ? [f, withByte(f, 20, (f[20] as number) ^ 1)] : undefined),
  },
  {
    name: 'a position sent again when the next was sent',
    code: 'chain.position',
    change: (f, c) => (c === 1 ? [f, withByte(f, 7, 0)] : undefined),
  },
  {
    name: 'chunks out of order',
    code: 'chain.position',
    change: (f, c) => (c === 0 ? [withByte(f, 7, 1)] : undefined),
  },
  { name: 'one element too few', code: 'chain.count', change: (f) => [f.slice(0, f.length - 32)] },
  { name: 'one element too many', code: 'chain.count', change: (f) => [join(f, f.slice(16, 48))] },
  {
    name: 'a repeated element',
    code: 'chain.sorted',
    change: (f, c) => (c === 0 ? [repeatFirst(f)] : undefined),
  },
  {
    name: 'elements out of order',
    code: 'chain.sorted',
    change: (f, c) => (c === 0 ? [swapFirstTwo(f)] : undefined),
  },
];

function withByte(frame: Uint8Array, at: number, value: number): Uint8Array {
  const out = frame.slice();
  out[at] = value;
  return out;
}
function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
function repeatFirst(frame: Uint8Array): Uint8Array {
  const out = frame.slice();
  out.set(frame.subarray(16, 48), 48);
  return out;
}
function swapFirstTwo(frame: Uint8Array): Uint8Array {
  const out = frame.slice();
  out.set(frame.subarray(48, 80), 16);
  out.set(frame.subarray(16, 48), 48);
  return out;
}
describe('bad frames end the session for everybody, by one code', () => {
  const lists = { a: ['1', '2', '3', '4'], b: ['3', '4', '5', '6', '7'], c: ['4', '7', '8', '9'] };
  for (const { name, code, change } of faults) {
    for (const form of ['direct', 'sealed'] as const) {
      it(`${form}: ${name}`, () => {
        const chosen = form === 'direct' ? { a: lists.a, b: lists.b } : lists;
        const ring = new Ring({
          lists: chosen,
          output: form === 'direct' ? direct(['a', 'b']) : { kind: 'counts' },
          tamper: (from, _to, frame) => {
            if (isJsonFrame(frame) || from !== 'a' || frame[1] !== 1 || frame[2] !== 0 || frame[3] !== 0)
              return [frame];
            return change(frame, frame[7] as number) ?? [frame];
          },
        }).run();
        for (const { machine, error, outcome } of ring.places.values()) {
          expect(machine.state).toBe('aborted');
          expect(error?.code).toBe(code);
          expect(outcome).toBeUndefined();
        }
      });
    }
  }

  const badElements = [
    { name: 'the identity', code: 'element.identity', bytes: new Uint8Array(32) },
    {
      name: 'an encoding that is not canonical',
      code: 'element.encoding',
      bytes: new Uint8Array(32).fill(0xff),
    },
  ];
  for (const { name, code, bytes } of badElements) {
    it(`${name}, from a sender that commits to it`, () => {
      const ring = new Ring({
        lists,
        work: (id, job, vault) => {
          if (id !== 'a' || job.op !== 'readFirstStream') return undefined;
          const elements = vault.run(job) as Uint8Array;
          if (code === 'element.identity' && job.start === 0) elements.set(bytes);
          if (code === 'element.encoding' && job.start > 0) elements.set(bytes, elements.length - 32);
          return elements;
        },
      }).run();
      for (const { error } of ring.places.values()) expect(error?.code).toBe(code);
    });
  }

  it('a stream whose sender commits to something else', () => {
    const ring = new Ring({
      lists,
      // hop b evaluates list a: one element replaced by another valid one on the way to c
      tamper: (from, to, frame) => {
        if (isJsonFrame(frame) || from !== 'b' || to !== 'c' || frame[3] !== 1 || frame[7] !== 0)
          return [frame];
        return [repeatFirst(frame)];
      },
    }).run();
    for (const { error } of ring.places.values()) expect(error?.code).toBe('chain.incomplete');
  });

  it('a collector whose counts do not add up to the announced sizes', () => {
    const ring = new Ring({
      lists,
      tamper: (_from, _to, frame) => {
        if (!isJsonFrame(frame)) return [frame];
        const message = parseMessage(frame, 1e6);
        if (message.type !== 'view') return [frame];
        const { signature: _, ...body } = message;
        const exactly = (body.exactly ?? []).map((count, i) => (i === 0 ? count + 1 : count));
        return [encodeMessage(signMessage({ ...body, exactly }, ring.signer('zz-collector')))];
      },
    });
    ring.run();
    for (const { error } of ring.places.values()) expect(error?.code).toBe('chain.count');
  });

  it('a collector that tells one party other counts, which add up', () => {
    const two = { a: ['1', '2', '3'], b: ['3', '4'] };
    const ring = new Ring({
      lists: two,
      tamper: (_from, to, frame) => {
        if (!isJsonFrame(frame) || to !== 'a') return [frame];
        const message = parseMessage(frame, 1e6);
        if (message.type !== 'view') return [frame];
        const { signature: _, ...body } = message;
        return [encodeMessage(signMessage({ ...body, exactly: [1, 0, 2] }, ring.signer('zz-collector')))];
      },
    });
    ring.run();
    for (const { error } of ring.places.values()) expect(error?.code).toBe('consent.mismatch');
  });
});

it('frames carry the first bytes of the frozen hash', () => {
  const ring = new Ring({
    lists: { a: ['1'], b: ['2'] },
    output: direct(['a']),
  }).run();
  const freeze = ring.sent
    .map((s) => s.frame)
    .filter(isJsonFrame)
    .map((f) => parseMessage(f, 1e6))
    .find((m) => m.type === 'freeze');
  const chunk = ring.sent.find((s) => !isJsonFrame(s.frame));
  if (freeze?.type !== 'freeze' || chunk === undefined) throw new Error('nothing was sent');
  expect(parseChunkFrame(chunk.frame, parseHex(freeze.consentsHash)).kind).toBe('stream');
});
