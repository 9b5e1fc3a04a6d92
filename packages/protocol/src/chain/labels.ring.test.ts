import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Agreement } from '../agreement/index.ts';
import { cellSpace, noiseFor, withinTail } from '../privacy/index.ts';
import { encodeMessage, isJsonFrame, parseMessage, signMessage, type MessageOf } from '../wire/index.ts';
import { atLeastFrom } from './counts.ts';
import { nameGroups, sentinelLabel } from './labels.ts';
import { Ring, type RingSetup } from './ring.testkit.ts';
import type { Outcome } from './types.ts';

const policy = {
  minCount: 0,
  microEpsilon: null,
  deltaExponent: null,
  identifiersPerRecord: 1,
  mechanism: 'laplace' as const,
};

/** Identifiers by list; for labelled lists the label of each by a rule; how small labels are merged. */
interface World {
  readonly lists: Record<string, readonly string[]>;
  readonly names: Record<string, readonly string[] | null>;
  readonly minSize: number;
}

const labelIn = (salt: string, names: readonly string[], identifier: string): number => {
  const text = salt + identifier;
  return [...text].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) % 9973, 7) % names.length;
};

const world: fc.Arbitrary<World> = fc
  .record({
    all: fc.array(
      fc.uniqueArray(
        fc.integer({ min: 0, max: 14 }).map((n) => `name:${n}`),
        { minLength: 1, maxLength: 6 },
      ),
      { minLength: 2, maxLength: 4 },
    ),
    counts: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }),
    minSize: fc.integer({ min: 0, max: 4 }),
  })
  .map(({ all, counts, minSize }) => ({
    lists: Object.fromEntries(all.map((entry, i) => [`p${i}`, entry])),
    names: Object.fromEntries(
      // At least one list has labels.
      all.map((_, i) => {
        const many = i === 0 ? Math.max(1, counts[0] ?? 1) : (counts[i] ?? 0);
        return [`p${i}`, many === 0 ? null : Array.from({ length: many }, (_unused, l) => `label ${l}`)];
      }),
    ),
    minSize,
  }));

function setupOf({ lists, names, minSize }: World, more: Partial<RingSetup> = {}): RingSetup {
  const labels: NonNullable<Agreement['labels']> = [];
  const labelOf: Record<string, (identifier: string) => number> = {};
  for (const [party, own] of Object.entries(names)) {
    if (own === null) continue;
    labels.push({ party, field: 'tier', labels: [...own], minSize });
    labelOf[party] = (identifier) => labelIn(party, own, identifier);
  }
  return { lists, labels, labelOf, chunkElements: 2, ...more };
}

/** What was merged, as the session told it. */
function groupsOf(ring: Ring): readonly (readonly string[][] | null)[] {
  const frozen = ring.place('zz-collector').outputs.find((output) => output.type === 'frozen');
  if (frozen?.type !== 'frozen') throw new Error('not frozen');
  return frozen.labels.map((groups) => groups?.map((group) => [...group.labels]) ?? null);
}

/** Every cell by sets and words: "p0 label 1|label 2, p2" → how many. Nothing of the product's cells. */
function plainCells({ lists, names }: World, groups: ReturnType<typeof groupsOf>): Map<string, number> {
  const cells = new Map<string, number>();
  const ids = Object.keys(lists);
  for (const identifier of new Set(Object.values(lists).flat())) {
    const key = ids
      .flatMap((id, i) => {
        if (!lists[id]?.includes(identifier)) return [];
        const own = names[id];
        if (!own) return [id];
        const label = own[labelIn(id, own, identifier)] as string;
        return [`${id} ${groups[i]?.find((group) => group.includes(label))?.join('|')}`];
      })
      .join(', ');
    cells.set(key, (cells.get(key) ?? 0) + 1);
  }
  return cells;
}

/** The session's cells under the same words. */
function toldCells(ring: Ring, outcome: Outcome | undefined): Map<string, number | string> {
  if (outcome?.kind !== 'counts' && outcome?.kind !== 'release') throw new Error('want counts');
  const groups = groupsOf(ring);
  const space = spaceOf(ring);
  const ids = Object.keys(Object.fromEntries(ring.agreement.parties.map(({ id }) => [id, true])));
  expect(outcome.cells).toHaveLength(space.cells.length);
  return new Map(
    space.cells.map(({ mask, labels }, i) => {
      const parts = ids.flatMap((id, list) => {
        if ((mask & (1 << list)) === 0) return [];
        const label = labels[list];
        return [label == null ? id : `${id} ${groups[list]?.[label]?.join('|')}`];
      });
      return [parts.join(', '), outcome.cells?.[i] as number | string];
    }),
  );
}

function spaceOf(ring: Ring) {
  const frozen = ring.place('zz-collector').outputs.find((output) => output.type === 'frozen');
  if (frozen?.type !== 'frozen') throw new Error('not frozen');
  return cellSpace(
    frozen.sizes.map((size, i) => {
      const groups = frozen.labels[i];
      return groups ? { size, labels: groups.map((one) => ({ label: '', size: one.size })) } : { size };
    }),
  );
}

describe('counts by label', () => {
  it('are the plaintext ones in every cell, N = 2, 3, 4, on random lists and labels (oracle: sets)', () => {
    fc.assert(
      fc.property(world, fc.nat(), fc.boolean(), (given, seed, verified) => {
        const ring = new Ring(setupOf(given, { seed: seed + 1, verified })).run();
        for (const { error } of ring.places.values()) expect(error).toBeUndefined();
        const { outcome } = ring.place('p0');
        const want = plainCells(given, groupsOf(ring));
        for (const [name, count] of toldCells(ring, outcome)) expect(count, name).toBe(want.get(name) ?? 0);
        for (const { outcome: other } of ring.places.values()) expect(other).toEqual(outcome);
        // a merged group is as large as agreed, or alone
        for (const { labels } of ring.sent.flatMap(consents)) {
          if ((labels?.length ?? 0) > 1)
            for (const { size } of labels ?? []) expect(size).toBeGreaterThanOrEqual(given.minSize);
        }
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });

  it('withhold small cells, and release no wrong number in any of them (oracle: sets)', () => {
    fc.assert(
      fc.property(world, fc.nat(), (given, seed) => {
        const ring = new Ring(setupOf(given, { seed: seed + 1, privacy: { ...policy, minCount: 3 } })).run();
        for (const { error } of ring.places.values()) expect(error).toBeUndefined();
        const { outcome } = ring.place('p0');
        if (outcome?.kind !== 'release') throw new Error('want a release');
        const want = plainCells(given, groupsOf(ring));
        for (const [name, cell] of toldCells(ring, outcome)) {
          if (typeof cell === 'number') expect(cell, name).toBe(want.get(name) ?? 0);
          else expect(['below-minimum', 'complementary']).toContain(cell);
        }
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });

  it('are within what the noise can do, and all else follows from them', () => {
    fc.assert(
      fc.property(world, fc.nat(), (given, seed) => {
        const privacy = { ...policy, microEpsilon: 2_000_000 };
        const ring = new Ring(setupOf(given, { seed: seed + 1, privacy })).run();
        ring.pass(ring.machine('zz-collector').nextDeadlineMs() - ring.nowMs);
        ring.settle();
        const { outcome, error } = ring.place('p0');
        expect(error).toBeUndefined();
        if (outcome?.kind !== 'release') throw new Error('want a release');
        const noise = noiseFor(spaceOf(ring), privacy);
        expect(outcome.release.noise).toEqual({ mechanism: 'laplace', scale: '2/1' });
        const want = plainCells(given, groupsOf(ring));
        for (const [name, cell] of toldCells(ring, outcome))
          expect(withinTail(want.get(name) ?? 0, cell as number, noise), name).toBe(true);
        expect(outcome.release.atLeast.filter((_, i) => (i & (i + 1)) !== 0)).toEqual(
          atLeastFrom(outcome.release.exactly as number[]).filter((_, i) => (i & (i + 1)) !== 0),
        );
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });
});

const small: World = {
  lists: { a: ['1', '2', '3', '4', '5'], b: ['4', '5', '6'], c: ['1', '6', '7'] },
  names: { a: ['high', 'low'], b: ['fraud', 'tax', 'arms'], c: null },
  minSize: 0,
};

function consents({ frame }: { readonly frame: Uint8Array }): MessageOf<'consent'>[] {
  if (!isJsonFrame(frame)) return [];
  const message = parseMessage(frame, 1e6);
  return message.type === 'consent' ? [message] : [];
}

describe('labels travel', () => {
  it('to the collector alone, after every barrier, one byte a tag', () => {
    const ring = new Ring(setupOf(small)).run();
    const labelled = ring.sent.map((one, at) => ({ ...one, at })).filter(({ frame }) => frame[1] === 5);
    expect(new Set(labelled.map(({ to }) => to))).toEqual(new Set(['zz-collector']));
    expect(new Set(labelled.map(({ from }) => from))).toEqual(new Set(['a', 'b']));
    const barriers = ring.sent.flatMap(({ frame }, at) =>
      isJsonFrame(frame) && parseMessage(frame, 1e6).type === 'barrier' ? [at] : [],
    );
    expect(Math.min(...labelled.map(({ at }) => at))).toBeGreaterThan(Math.max(...barriers));
    const bytes = labelled.filter(({ from }) => from === 'a').flatMap(({ frame }) => [...frame.subarray(16)]);
    expect(bytes.toSorted((x, y) => x - y).filter((byte) => byte === sentinelLabel)).toHaveLength(2);
    expect(bytes).toHaveLength(5 + 2);
  });

  it('end the session for everybody, with nothing released, where nobody declared one', () => {
    for (const [wrong, at] of [
      [2, 0],
      [sentinelLabel, 0],
      [0, sentinelLabel],
    ]) {
      const ring = new Ring(
        setupOf(small, {
          work: (id, job, vault) => {
            if (id !== 'a' || job.op !== 'readLabels') return undefined;
            const bytes = vault.run(job) as Uint8Array;
            const place = bytes.indexOf(at as number);
            if (place >= 0) bytes[place] = wrong as number;
            return bytes;
          },
        }),
      ).run();
      for (const { error, outcome } of ring.places.values()) {
        expect(error?.code).toBe('chain.label');
        expect(outcome).toBeUndefined();
      }
      expect(
        ring.sent.some(({ frame }) => isJsonFrame(frame) && parseMessage(frame, 1e6).type === 'view'),
      ).toBe(false);
    }
  });

  it('are refused from a party that the agreement gives none', () => {
    const ring = new Ring(
      setupOf(small, {
        tamper: (from, to, frame) => {
          if (from !== 'c' || to !== 'zz-collector' || frame[1] !== 3) return [frame];
          const forged = frame.slice();
          forged[1] = 5;
          return [forged];
        },
      }),
    ).run();
    for (const { error } of ring.places.values()) expect(error?.code).toBe('wire.order');
  });
});

describe('a consent announces its labels', () => {
  const tamperWith =
    (change: (labels: { labels: string[]; size: number }[]) => { labels: string[]; size: number }[] | null) =>
    (given: World) => {
      const ring: Ring = new Ring(
        setupOf(given, {
          tamper: (from, _to, frame) => {
            const [consent] = consents({ frame });
            if (from !== 'a' || consent === undefined) return [frame];
            const { signature: _, ...body } = consent;
            const labels = change((consent.labels ?? []).map((one) => ({ ...one })));
            return [encodeMessage(signMessage({ ...body, labels }, ring.signer('a')))];
          },
        }),
      );
      return ring.run();
    };
  const first = (labels: { labels: string[]; size: number }[]) => labels[0] as (typeof labels)[number];

  it.each<[string, string, Parameters<typeof tamperWith>[0]]>([
    [
      'that nobody declared',
      'chain.label',
      ([one, ...more]) => [{ labels: ['x'], size: one?.size ?? 0 }, ...more],
    ],
    ['not all that are declared', 'chain.label', (all) => [{ ...first(all), size: 5 }]],
    ['one twice', 'chain.label', (all) => [...all, { labels: ['high'], size: 0 }]],
    ['in another order', 'chain.label', (all) => all.toReversed()],
    ['none', 'chain.label', () => null],
    [
      'with sizes that do not add up',
      'chain.count',
      ([one, ...more]) => [{ labels: ['high'], size: (one?.size ?? 0) + 1 }, ...more],
    ],
  ])('%s', (_, code, change) => {
    const ring = tamperWith(change)(small);
    expect(ring.place('b').error?.code).toBe(code);
    for (const { outcome } of ring.places.values()) expect(outcome).toBeUndefined();
    expect(ring.sent.every(({ frame }) => isJsonFrame(frame))).toBe(true);
  });

  it('smaller than the agreed size', () => {
    const ring = tamperWith((all) =>
      all.length === 1
        ? [
            { labels: ['high'], size: 1 },
            { labels: ['low'], size: 4 },
          ]
        : all,
    )({ ...small, minSize: 4 });
    expect(ring.place('b').error?.code).toBe('chain.count');
  });

  it('so many that there are too many cells', () => {
    const many = Array.from({ length: 250 }, (_, i) => `label ${i}`);
    const ring = new Ring(setupOf({ ...small, names: { a: many, b: many, c: null } })).run();
    expect(ring.place('a').error?.code).toBe('privacy.policy');
    expect(ring.sent.every(({ frame }) => isJsonFrame(frame))).toBe(true);
  });
});

describe('a collector', () => {
  const lie = (
    change: (view: MessageOf<'view'>) => Partial<MessageOf<'view'>>,
    more: Partial<RingSetup> = {},
  ) => {
    const ring: Ring = new Ring(
      setupOf(small, {
        ...more,
        tamper: (_from, _to, frame) => {
          if (!isJsonFrame(frame)) return [frame];
          const message = parseMessage(frame, 1e6);
          if (message.type !== 'view') return [frame];
          const { signature: _, ...body } = message;
          return [encodeMessage(signMessage({ ...body, ...change(message) }, ring.signer('zz-collector')))];
        },
      }),
    );
    return ring.run().place('a').error?.code;
  };
  /** One identifier of list a alone under another label: the same histogram over lists. */
  const moved = ({ cells }: MessageOf<'view'>) => {
    const [one, two, ...rest] = cells as number[];
    const by = (one as number) > 0 ? 1 : -1;
    return { cells: [(one as number) - by, (two as number) + by, ...rest] };
  };

  it('whose labelled cells do not add up to the announced labels', () => {
    expect(lie(moved)).toBe('chain.count');
  });
  it('that withholds the labels', () => {
    expect(lie(() => ({ cells: null }))).toBe('wire.message');
  });
  it('whose released cells do not make the numbers that it tells', () => {
    const lists = { a: Array.from({ length: 24 }, (_, i) => `${i}`), b: ['4', '5', '6', '30', '31', '32'] };
    const names = { a: ['high'], b: ['fraud'] };
    const privacy = { ...policy, minCount: 2 };
    const run = (change: Parameters<typeof lie>[0]) => {
      const { labels, labelOf } = setupOf({ lists, names, minSize: 0 });
      return lie(change, { lists, labels: labels ?? null, labelOf: labelOf ?? {}, privacy });
    };
    expect(run(() => ({}))).toBeUndefined();
    expect(run(({ cells }) => ({ cells: (cells ?? []).map(() => 'complementary' as const) }))).toBe(
      'chain.count',
    );
  });
  it('that releases what is small', () => {
    const privacy = { ...policy, minCount: 3 };
    const code = lie(({ cells }) => ({ cells: (cells ?? []).map(() => 1) }), { privacy });
    expect(code).toBe('chain.count');
  });
});

it('matches and the direct form carry no labels', () => {
  const output = { kind: 'matches' as const, to: ['a'], predicate: { kind: 'all' as const }, which: false };
  const ring = new Ring(setupOf(small, { output })).run();
  expect(ring.place('a').error?.code).toBe('agreement.invalid');
});

it('groups are called by their label, or other, or by their members where a label is called other', () => {
  const group = (...labels: string[]) => ({ labels, size: 1 });
  expect(nameGroups([group('high'), group('low', 'none')])).toEqual(['high', 'other']);
  expect(nameGroups([group('other'), group('low', 'none')])).toEqual(['other', 'low or none']);
  expect(nameGroups([group('low', 'none')])).toEqual(['all']);
});
