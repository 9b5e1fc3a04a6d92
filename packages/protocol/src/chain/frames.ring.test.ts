/** Frames that are not as agreed: each ends the session for everybody, by one code. */
import { describe, expect, it } from 'vitest';
import { parseHex } from '../bytes/index.ts';
import { encodeMessage, isJsonFrame, parseChunkFrame, parseMessage, signMessage } from '../wire/index.ts';
import { Ring } from './ring.testkit.ts';

const direct = (to: string[]) => ({ kind: 'matches' as const, to, predicate: null, which: false });

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
