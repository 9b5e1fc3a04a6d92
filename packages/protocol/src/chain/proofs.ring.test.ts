/**
 * The verified form against parties that deviate. Each row is seen to succeed without the proof (`verified: false`):
 * otherwise it would test nothing.
 */
import { ed25519, ristretto255 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { concatBytes, encodeHex, parseHex } from '../bytes/index.ts';
import { encodeScalar, multiplyElement, tagElements } from '../suite/index.ts';
import { encodeMessage, isJsonFrame, parseMessage, signMessage, type Message } from '../wire/index.ts';
import type { NaiveVault } from './naive-vault.testkit.ts';
import { Ring, type RingSetup } from './ring.testkit.ts';
import type { Job, JobResult } from './types.ts';

const lists = { a: ['1', '2', '3', '4'], b: ['3', '4', '5', '6', '7'], c: ['4', '7', '8', '9'] };
const truth = new Ring({ lists, sentinels: 0 }).run().place('a').outcome;
const direct = { kind: 'matches' as const, to: ['a', 'b'], predicate: null, which: false };
const { Point } = ristretto255;

type Deviation = (id: string, job: Job, vault: NaiveVault) => JobResult | undefined;

/** What a hop does to the elements it evaluates: all of its answer to one `evaluate` of b on list a. */
const hopDeviations: Record<
  string,
  (out: Uint8Array, job: Job & { op: 'evaluate' }, vault: NaiveVault) => Uint8Array
> = {
  'replaces one element': (out) => withElement(out, 0, multiplyElement(encodeScalar(5n), first(out))),
  'uses another scalar for all': (out) => eachElement(out, (e) => multiplyElement(encodeScalar(7n), e)),
  'uses another scalar for some': (out) =>
    withElement(out, 1, multiplyElement(encodeScalar(7n), out.slice(32, 64))),
  'swaps two': (out) => concatBytes(out.slice(32, 64), out.slice(0, 32), out.slice(64)),
  'repeats one': (out) => withElement(out, 1, first(out)),
  'moves weight from one element to another': (out) => {
    // keeps the plain sum: caught only because the weights are random and private
    const shift = Point.BASE.multiply(9n);
    const one = Point.fromBytes(first(out)).add(shift).toBytes();
    const two = Point.fromBytes(out.slice(32, 64)).subtract(shift).toBytes();
    return concatBytes(one, two, out.slice(64));
  },
};

function first(out: Uint8Array): Uint8Array {
  return out.slice(0, 32);
}
function withElement(out: Uint8Array, at: number, element: Uint8Array): Uint8Array {
  const changed = out.slice();
  changed.set(element, at * 32);
  return changed;
}
function eachElement(out: Uint8Array, change: (element: Uint8Array) => Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < out.length; at += 32) parts.push(change(out.slice(at, at + 32)));
  return concatBytes(...parts);
}
function deviateAt(who: string, list: number, change: (typeof hopDeviations)[string]): Deviation {
  return (id, job, vault) => {
    if (id !== who || job.op !== 'evaluate' || job.list !== list || job.start !== 0) return undefined;
    return change(vault.run(job) as Uint8Array, job, vault);
  };
}

function expectAll(ring: Ring, code: string): void {
  for (const { machine, error, outcome } of ring.places.values()) {
    expect(outcome).toBeUndefined();
    expect(machine.state).toBe('aborted');
    expect(error?.code).toBe(code);
  }
}

describe('form sealed: a hop that deviates', () => {
  for (const [name, change] of Object.entries(hopDeviations)) {
    for (const who of ['b', 'c']) {
      it(`${name} (${who}, on the list of a)`, () => {
        const work = deviateAt(who, 0, change);
        expectAll(new Ring({ lists, work }).run(), 'chain.proof');
        const light = new Ring({ lists, work, verified: false, sentinels: 0 }).run();
        // Without proofs nobody notices, unless two tags of one list become equal.
        expect(light.place('a').error?.code).toBe(name === 'repeats one' ? 'chain.sorted' : undefined);
        if (name === 'uses another scalar for all') {
          expect(light.place('a').outcome).not.toEqual({ ...truth, verified: false });
        }
      });
    }
  }

  it('all hops together', () => {
    const one = deviateAt('b', 0, hopDeviations['replaces one element'] as never);
    const two = deviateAt('c', 0, hopDeviations['replaces one element'] as never);
    const work: Deviation = (id, job, vault) => one(id, job, vault) ?? two(id, job, vault);
    expectAll(new Ring({ lists, work }).run(), 'chain.proof');
  });

  it('two owners whose chains are spoiled get no tag of the third', () => {
    const one = deviateAt('b', 0, hopDeviations['replaces one element'] as never);
    const ring = new Ring({ lists, work: one }).run();
    expectAll(ring, 'chain.proof');
    expect(ring.sent.some((s) => !isJsonFrame(s.frame) && s.frame[1] === 3)).toBe(false);
    expect(ring.sent.some((s) => typeOf(s.frame)?.type === 'sentinels')).toBe(false);
  });

  it('weights known early let a hop repair what it replaced; fresh ones do not', () => {
    // The hop adds D to element 0 and −(w0/w1)·D to element 1: invisible to weights w0, w1.
    const repair = (w: readonly [bigint, bigint]): Deviation =>
      deviateAt('b', 0, (out) => {
        const Fn = ed25519.Point.Fn;
        const shift = Point.BASE.multiply(9n);
        const back = shift.multiply(Fn.mul(w[0], Fn.inv(w[1])));
        const one = Point.fromBytes(first(out)).add(shift).toBytes();
        const two = Point.fromBytes(out.slice(32, 64)).subtract(back).toBytes();
        return concatBytes(one, two, out.slice(64));
      });
    const known: [bigint, bigint] = [11n, 13n];
    const leaky = (weights: readonly [bigint, bigint] | undefined): RingSetup['work'] => {
      const spoil = repair(known);
      return (id, job, vault) => {
        if (weights === undefined || job.op !== 'foldOwn' || id !== 'a') return spoil(id, job, vault);
        return vault.foldWith([...weights, ...Array<bigint>(64).fill(1n)]);
      };
    };
    expect(
      new Ring({ lists, sentinels: 0, work: leaky(known) as never }).run().place('a').error,
    ).toBeUndefined();
    expectAll(new Ring({ lists, sentinels: 0, work: leaky(undefined) as never }).run(), 'chain.proof');
  });
});

function typeOf(frame: Uint8Array): Message | undefined {
  return isJsonFrame(frame) ? parseMessage(frame, 1e6) : undefined;
}

const settings = [
  ['sealed', { lists }],
  ['direct', { lists: { a: ['1', '2', '3'], b: ['3', '4'] }, output: direct }],
] as const satisfies readonly (readonly [string, RingSetup])[];

describe.each(settings)('asking for a proof: form %s', (_, options) => {
  /** A message of a's to b, made by a test that holds a's key. */
  function asA(ring: Ring, hop: number, element: string): Uint8Array {
    const body = { type: 'prove' as const, session: ring.proposal.session, from: 'a', list: 0, hop, element };
    return encodeMessage(signMessage(body, ring.signer('a')));
  }
  const other = encodeHex(Point.BASE.multiply(21n).toBytes());

  it('twice for the same element gets the recorded answer, for another nothing', () => {
    for (const [change, ends] of [
      [false, false],
      [true, true],
    ] as const) {
      const ring: Ring = new Ring({
        ...options,
        tamper: (from, to, frame) => {
          const message = typeOf(frame);
          if (from !== 'a' || to !== 'b' || message?.type !== 'prove') return [frame];
          return [frame, asA(ring, 1, change ? other : message.element)];
        },
      });
      ring.run();
      const proofs = ring.sent.flatMap((s) => {
        const message = typeOf(s.frame);
        return s.from === 'b' && message?.type === 'proof' && message.list === 0 ? [message.proof] : [];
      });
      if (ends) expectAll(ring, 'chain.position');
      else expect(new Set(proofs).size).toBe(1);
    }
  });

  it('before the stream has passed is refused', () => {
    let asked = false;
    const ring: Ring = new Ring({
      ...options,
      tamper: (from, to, frame) => {
        if (asked || from !== 'a' || to !== 'b' || isJsonFrame(frame)) return [frame];
        asked = true;
        return [asA(ring, 1, other), frame];
      },
    });
    expectAll(ring.run(), 'chain.position');
  });

  it('by somebody who does not own the list, or of another hop, is refused', () => {
    const ring: Ring = new Ring({
      ...options,
      tamper: (from, to, frame) => {
        const message = typeOf(frame);
        if (from !== 'a' || to !== 'b' || message?.type !== 'prove') return [frame];
        return [asA(ring, 2, message.element)];
      },
    });
    expectAll(ring.run(), 'wire.order');
  });

  it('a proof of another list, or with a byte changed, is refused', () => {
    const ring: Ring = new Ring({
      ...options,
      tamper: (from, _to, frame) => {
        const message = typeOf(frame);
        if (from !== 'b' || message?.type !== 'proof' || message.list !== 0) return [frame];
        const { signature: _, ...body } = message;
        const proof = encodeHex(parseHex(body.proof).map((byte, i) => (i === 3 ? byte ^ 1 : byte)));
        return [encodeMessage(signMessage({ ...body, proof }, ring.signer('b')))];
      },
    });
    expectAll(ring.run(), 'chain.proof');
  });
});

it('direct: who receives nothing is proved nothing, and gets no evaluation for asking', () => {
  let asked = false;
  const ring: Ring = new Ring({
    lists: settings[1][1].lists,
    output: { ...direct, to: ['a'] },
    tamper: (from, _to, frame) => {
      if (asked || from !== 'b' || typeOf(frame)?.type !== 'proof') return [frame];
      asked = true;
      const element = encodeHex(Point.BASE.multiply(21n).toBytes());
      const body = { type: 'prove' as const, session: ring.proposal.session, from: 'b', list: 1, hop: 1 };
      return [encodeMessage(signMessage({ ...body, element }, ring.signer('b'))), frame];
    },
  });
  expectAll(ring.run(), 'wire.order');
  expect(ring.sent.some(({ from, frame }) => from === 'a' && typeOf(frame)?.type === 'proof')).toBe(false);
});

describe('a proof that holds, of another element than the one asked', () => {
  const elsewhere = Point.BASE.multiply(21n).toBytes();
  /** b answers every question of a's with a good proof about an element of its own choice. */
  const work: RingSetup['work'] = (id, job, vault) =>
    id === 'b' && job.op === 'prove' ? vault.run({ ...job, element: elsewhere }) : undefined;
  const evade = (options: RingSetup): Ring => {
    const ring: Ring = new Ring({
      ...options,
      work,
      tamper: (from, to, frame) => {
        const message = typeOf(frame);
        if (from !== 'b' || to !== 'a' || message?.type !== 'proof') return [frame];
        const { signature: _, ...body } = message;
        const told = { ...body, element: encodeHex(elsewhere) };
        return [encodeMessage(signMessage(told, ring.signer('b')))];
      },
    });
    return ring.run();
  };

  it('is refused in both forms, and so is one that names the element asked', () => {
    for (const [, options] of settings) {
      const evaded = evade(options);
      expectAll(evaded, 'chain.proof');
      expect(evaded.place('a').error?.message).toContain('of another element');
      expectAll(new Ring({ ...options, work }).run(), 'chain.proof');
    }
  });
});

describe('form direct: a peer that forges matches', () => {
  /** Sends z·B for a name and answers with z·K_a, knowing only K_a: docs/protocol.md. */
  const forge: Deviation = (id, job, vault) => {
    if (id !== 'b') return undefined;
    if (job.op === 'readFirstStream') {
      const stream = vault.run(job) as Uint8Array;
      const forged = Point.BASE.multiply(z).toBytes();
      const rest: Uint8Array[] = [];
      for (let at = 32; at < stream.length; at += 32) rest.push(stream.slice(at, at + 32));
      return concatBytes(...[forged, ...rest].sort((x, y) => (encodeHex(x) < encodeHex(y) ? -1 : 1)));
    }
    if (job.op !== 'evaluatePeer') return undefined;
    const out = vault.run(job) as Uint8Array;
    const answer = Point.fromBytes(keyOfA).multiply(z).toBytes();
    if (job.give === 'elements') return withElement(out, 0, answer);
    const tag = tagElements(answer, vault.tagContext, out.length / (job.elements.length / 32));
    const changed = out.slice();
    changed.set(tag, 0);
    return changed;
  };
  const z = 12345n;
  let keyOfA = new Uint8Array(32);

  function run(verified: boolean): Ring {
    const only = { a: ['1', '2', '3'], b: ['7', '8', '9'] };
    const ring = new Ring({ lists: only, output: direct, verified, chunkElements: 16, work: forge });
    keyOfA = new Uint8Array(multiplyElement((ring.place('a').vault as NaiveVault).k, Point.BASE.toBytes()));
    return ring.run();
  }

  it('succeeds in the light form', () => {
    expect(run(false).place('a').outcome).toMatchObject({ summary: { identifiers: 1 }, verified: false });
  });

  it('fails in the verified form, for both', () => {
    expectAll(run(true), 'chain.proof');
  });
});
