/** Two collectors: they merge for themselves, draw one noise, and are equal, or nobody gets a result. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TallyError } from '../errors/index.ts';
import {
  defaultLimits,
  encodeMessage,
  isJsonFrame,
  parseMessage,
  signMessage,
  type Message,
  type MessageOf,
  type MessageType,
} from '../wire/index.ts';
import { collectorIds, Ring, type RingSetup, type Tamper } from './ring.testkit.ts';

const [first, second] = collectorIds;
const list = fc.uniqueArray(
  fc.integer({ min: 0, max: 14 }).map((n) => `name:${n}`),
  { minLength: 1, maxLength: 8 },
);
const listsOf = (all: readonly string[][]) => Object.fromEntries(all.map((entry, i) => [`p${i}`, entry]));

function messageIn(frame: Uint8Array): Message | undefined {
  return isJsonFrame(frame) ? parseMessage(frame, 1e6) : undefined;
}

function saidBy<T extends MessageType>(ring: Ring, from: string, type: T): MessageOf<T>[] {
  return ring.sent.flatMap((sent) => {
    const message = sent.from === from ? messageIn(sent.frame) : undefined;
    return message?.type === type ? [message as MessageOf<T>] : [];
  });
}

const policy = {
  minCount: 0,
  microEpsilon: null,
  deltaExponent: null,
  identifiersPerRecord: 1,
  mechanism: 'laplace' as const,
};

/** Nobody has a result, everybody the same code. */
function expectNothing(ring: Ring, code: string): void {
  for (const [id, { outcome, error }] of ring.places) {
    expect(outcome, id).toBeUndefined();
    expect(error?.code, id).toBe(code);
  }
}

describe('two collectors', () => {
  it('tell everybody the same true counts, in one salt (oracle: sets)', () => {
    fc.assert(
      fc.property(fc.array(list, { minLength: 2, maxLength: 4 }), fc.nat(), (all, seed) => {
        const lists = listsOf(all);
        const ring = new Ring({ lists, seed: seed + 1, collectors: 2 }).run();
        const exactly = new Array<number>((1 << all.length) - 1).fill(0);
        for (const identifier of new Set(all.flat())) {
          const mask = all.reduce((bits, one, i) => (one.includes(identifier) ? bits | (1 << i) : bits), 0);
          exactly[mask - 1] = (exactly[mask - 1] as number) + 1;
        }
        for (const { outcome, error } of ring.places.values()) {
          expect(error).toBeUndefined();
          expect(outcome).toEqual({ kind: 'counts', exactly, verified: true });
        }
        const [one] = saidBy(ring, first, 'view');
        const [other] = saidBy(ring, second, 'view');
        expect({ ...one, from: '', signature: '' }).toEqual({ ...other, from: '', signature: '' });
        expect(one?.signature).not.toBe(other?.signature);
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });

  it('draw one noise, which neither chooses: both releases are equal, and others in another session', () => {
    const lists = { a: ['1', '2', '3', '4'], b: ['2', '3', '4', '5'], c: ['4', '9'] };
    const privacy = { ...policy, microEpsilon: 100_000 };
    const releases = [1, 2].map((seed) => {
      const ring = new Ring({ lists, privacy, seed, collectors: 2 }).run();
      const tickMs = Math.max(...collectorIds.map((id) => ring.machine(id).nextDeadlineMs()));
      ring.pass(tickMs - ring.nowMs);
      ring.settle();
      const views = collectorIds.map((id) => saidBy(ring, id, 'view')[0]?.release);
      expect(views[0]).toEqual(views[1]);
      for (const { outcome } of ring.places.values()) {
        expect(outcome).toMatchObject({ kind: 'release', release: views[0] });
      }
      return JSON.stringify(views[0]);
    });
    expect(new Set(releases).size).toBe(2);
  });

  it('return the same marks, within narrow windows (oracle: sets)', () => {
    fc.assert(
      fc.property(
        fc.array(list, { minLength: 3, maxLength: 3 }),
        fc.boolean(),
        fc.nat(),
        (all, which, seed) => {
          const lists = listsOf(all);
          const output = {
            kind: 'matches' as const,
            to: ['p0', 'p2'],
            predicate: { kind: 'any' as const },
            which,
          };
          const limits = { windowChunks: 2 };
          const ring = new Ring({
            lists,
            output,
            limits,
            chunkElements: 1,
            seed: seed + 1,
            collectors: 2,
          }).run();
          for (const [id, { error, vault, outcome }] of ring.places) {
            expect(error).toBeUndefined();
            expect(outcome?.kind).toBe('matches');
            const others = Object.entries(lists).flatMap(([other, own]) => (other === id ? [] : own));
            const want = output.to.includes(id)
              ? (lists[id] ?? []).filter((one) => others.includes(one))
              : [];
            expect([...(vault?.matched ?? [])].sort()).toEqual(want.sort());
            expect(vault?.marks.length ?? 0).toBe(output.to.includes(id) ? (lists[id]?.length ?? 0) + 2 : 0);
          }
        },
      ),
      { numRuns: 3, endOnFailure: true },
    );
  });

  it('get the labels, each over a stream of its own, and count the same cells', () => {
    const setup: RingSetup = {
      lists: { a: ['1', '2', '3', '4'], b: ['2', '3', '9'] },
      labels: [{ party: 'a', field: 'tier', labels: ['high', 'low'], minSize: 0 }],
      labelOf: { a: (identifier) => Number(identifier) % 2 },
      chunkElements: 2,
    };
    const [one, two] = ([1, 2] as const).map((collectors) => new Ring({ ...setup, collectors }).run());
    for (const { outcome, error } of two?.places.values() ?? []) {
      expect(error).toBeUndefined();
      expect(outcome).toEqual(one?.place('a').outcome);
    }
    expect(two?.place('a').outcome).toMatchObject({ exactly: [2, 1, 2], cells: expect.anything() });
  });

  it('commit before either opens', () => {
    const ring = new Ring({ lists: { a: ['1'], b: ['1'] }, collectors: 2 }).run();
    const steps = ring.sent.flatMap(({ from, frame }) => {
      const type = messageIn(frame)?.type;
      return type === 'seed' || type === 'share' ? [`${type} of ${from}`] : [];
    });
    expect(steps).toHaveLength(4);
    for (const [id, other] of [
      [first, second],
      [second, first],
    ])
      expect(steps.indexOf(`seed of ${other}`)).toBeLessThan(steps.indexOf(`share of ${id}`));
    for (const { to, frame } of ring.sent) {
      if (['seed', 'share'].includes(messageIn(frame)?.type ?? '')) expect(collectorIds).toContain(to);
    }
  });
});

describe('a collector that deviates', () => {
  const lists = { a: ['1', '2', '3'], b: ['3', '4'] };

  /** Changes what one collector says, under its own signature. */
  function change<T extends 'view' | 'share'>(
    id: string,
    type: T,
    how: (message: MessageOf<T>) => Partial<MessageOf<T>> | undefined,
  ): (ring: () => Ring) => Tamper {
    return (ring) => (from, _to, frame) => {
      const message = messageIn(frame);
      if (from !== id || message?.type !== type) return [frame];
      const changed = how(message as MessageOf<T>);
      if (changed === undefined) return [];
      const { signature: _, ...body } = { ...message, ...changed };
      return [encodeMessage(signMessage(body as never, ring().signer(id)))];
    };
  }

  function run(setup: Omit<RingSetup, 'lists' | 'tamper'>, tamper: (ring: () => Ring) => Tamper): Ring {
    const ring: Ring = new Ring({ lists, ...setup, tamper: tamper(() => ring) });
    return ring.run();
  }

  const wrong = { exactly: [1, 0, 2] };

  it('and counts wrongly, as the sizes allow, is believed where it is the only one', () => {
    const ring = run(
      {},
      change(first, 'view', () => wrong),
    );
    // Nobody can see it; but the collector itself knows what it told.
    for (const id of ['a', 'b']) expect(ring.place(id).outcome).toMatchObject({ kind: 'counts', ...wrong });
  });

  it.each(collectorIds)('and counts wrongly ends the session where there are two: %s', (id) => {
    const ring = run(
      { collectors: 2 },
      change(id, 'view', () => wrong),
    );
    expectNothing(ring, 'chain.collectors');
  });

  it('and tells one party otherwise ends the session for all', () => {
    const tamper = change(second, 'view', () => wrong);
    const ring = run(
      { collectors: 2 },
      (of) => (from, to, frame) => (to === 'b' ? tamper(of)(from, to, frame) : [frame]),
    );
    expectNothing(ring, 'chain.collectors');
  });

  it('and salts otherwise, or noises for itself, ends the session', () => {
    expectNothing(
      run(
        { collectors: 2 },
        change(second, 'view', () => ({ salt: 'ab'.repeat(32) })),
      ),
      'chain.collectors',
    );
    const noised = run(
      { collectors: 2, privacy: { ...policy, microEpsilon: 1_000_000 } },
      change(second, 'view', ({ release }) => ({
        release: release && { ...release, exactly: release.exactly.map((cell) => (cell === 0 ? 1 : 0)) },
      })),
    );
    noised.pass(1000 - (noised.nowMs % 1000));
    noised.settle();
    expectNothing(noised, 'chain.collectors');
  });

  it('and marks otherwise ends the session', () => {
    const three = { a: ['1', '2'], b: ['2'], c: ['1', '3'] };
    const output = { kind: 'matches' as const, to: ['a'], predicate: { kind: 'any' as const }, which: false };
    const ring: Ring = new Ring({
      lists: three,
      output,
      collectors: 2,
      tamper: (from, _to, frame) => {
        // Its commitment would fit what it sent: here it just never comes.
        if (from === second && messageIn(frame)?.type === 'seal') return [];
        if (from !== second || isJsonFrame(frame)) return [frame];
        const lied = frame.slice();
        lied[16] = (lied[16] as number) ^ 1;
        return [lied];
      },
    });
    ring.run();
    expectNothing(ring, 'chain.collectors');
  });

  it('and opens another share than it committed to ends the session', () => {
    expectNothing(
      run(
        { collectors: 2 },
        change(second, 'share', () => ({ share: '07'.repeat(32) })),
      ),
      'privacy.seed',
    );
  });

  it.each([[['share']], [['seed', 'share']]])('and never says its %j ends the session in time', (types) => {
    const ring = run(
      { collectors: 2 },
      () => (from, _to, frame) =>
        from === second && types.includes(messageIn(frame)?.type ?? '') ? [] : [frame],
    );
    expect(ring.machine(first).state).toBe('collecting');
    expect(saidBy(ring, first, 'view')).toEqual([]);
    const { heartbeatMs, silentMs } = defaultLimits;
    for (let passed = 0; passed < silentMs; passed += heartbeatMs) {
      expect(ring.machine(first).over).toBe(false);
      ring.pass(heartbeatMs);
      ring.settle();
    }
    expectNothing(ring, 'privacy.seed');
  });

  it('and stops before its view leaves nobody a result', () => {
    const ring = run(
      { collectors: 2 },
      change(second, 'view', () => undefined),
    );
    expect(saidBy(ring, first, 'view')).toHaveLength(2);
    for (const id of ['a', 'b']) expect(ring.place(id).outcome).toBeUndefined();
    const left = new TallyError('peer.left', 'left');
    for (const id of ['a', 'b']) ring.machine(id).closed(second, left, ring.nowMs);
    ring.settle();
    for (const id of ['a', 'b', first]) {
      expect(ring.place(id).outcome).toBeUndefined();
      expect(ring.place(id).error?.code).toBe('peer.left');
    }
  });

  it('says nothing to a party that it should say to the other, and nothing twice', () => {
    for (const type of ['seed', 'share'] as const) {
      const ring = run(
        { collectors: 2 },
        () => (from, _to, frame) =>
          from === second && messageIn(frame)?.type === type ? [frame, frame] : [frame],
      );
      expectNothing(ring, 'wire.order');
    }
  });
});

it('a party that sends the collectors different tags ends the session', () => {
  const lists = { a: ['1', '2', '3'], b: ['3', '4'] };
  let reads = 0;
  const ring = new Ring({
    lists,
    collectors: 2,
    sentinels: 0,
    chunkElements: 100,
    work: (id, job, vault) => {
      if (id !== 'a' || job.op !== 'readSortedTags' || reads++ === 0) return undefined;
      const tags = vault.run(job) as Uint8Array;
      const end = tags.length - 1;
      tags[end] = (tags[end] as number) ^ 1;
      const middle = tags.length / 3 - 1;
      tags[middle] = (tags[middle] as number) ^ 1;
      tags[2 * middle + 1] = (tags[2 * middle + 1] as number) ^ 1;
      return tags;
    },
  }).run();
  expectNothing(ring, 'chain.collectors');
});
