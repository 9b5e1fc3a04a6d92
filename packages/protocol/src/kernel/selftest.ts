/**
 * Known answers that an engine must give before it is used.
 *
 * Purpose: catch a machine or runtime on which the kernel computes wrongly (an unfused multiply-add gives wrong
 * results in silence) at start-up, in a few milliseconds.
 * Assumes: nothing about the engine. Does not know: which engine it tests.
 * Source: RFC 9496 appendix A.1 (multiples of the generator), A.2 (bad encodings), A.3 (one-way map); RFC 9497
 * appendix A.1.1 (blinded element of the first input); tags by the suite's own hash.
 */
import { utf8 } from '../bytes/index.ts';
import { elementBytes, type GroupEngine } from '../suite/group.ts';
import { tagElements } from '../suite/tag.ts';

/** RFC 9496 A.1: B[1] … B[15] at places 1, 2, 3, 5, 10, 14, 15. */
const multiples = {
  1: 'e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76',
  2: '6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919',
  3: '94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259',
  5: 'e882b131016b52c1d3337080187cf768423efccbb517bb495ab812c4160ff44e',
  10: '20706fd788b2720a1ed2a5dad4952b01f413bcf0e7564de8cdc816689e2db95f',
  14: '46376b80f409b29dc2b5f6f0c52591990896e5716f41477cd30085ab7f10301e',
  15: 'e0c418f7c8d9c4cdd7395b93ea124f3ad99021bb681dfc3302a9d99a2e53e64e',
} as const;

/** RFC 9496 A.3, first and second input and output. */
const mapped = {
  inputs: [
    '5d1be09e3d0c82fc538112490e35701979d99e06ca3e2b5b54bffe8b4dc772c14d98b696a1bbfb5ca32c436cc61c16563790306c79eaca7705668b47dffe5bb6',
    'f116b34b8f17ceb56e8732a60d913dd10cce47a6d53bee9204be8b44f6678b270102a56902e2488c46120e9276cfe54638286b9e4b3cdb470b542d46c2068d38',
  ],
  outputs: [
    '3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46',
    'f26e5b6f7d362d2d2a94c5d0e7602cb4773c95a2e5c31a64f133189fa76ed61b',
  ],
} as const;

/** RFC 9497 A.1.1.1: Input, Blind, BlindedElement; the domain separation tag is of §4.1. */
const blinded = {
  dst: 'HashToGroup-OPRFV1-\u0000-ristretto255-SHA512',
  input: '00',
  blind: '64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706',
  element: '609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c',
} as const;

/** A non-canonical encoding, a negative one, one off the curve (RFC 9496 A.2). */
const badEncodings = [
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371',
] as const;

function fromHex(...texts: readonly string[]): Uint8Array {
  const text = texts.join('');
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

function littleEndian(value: number, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  out[0] = value;
  return out;
}

const same = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

function refuses(engine: GroupEngine, elements: Uint8Array): boolean {
  try {
    engine.decodeCheck(elements);
    return false;
  } catch {
    return true;
  }
}

/** The name of the first known answer that the engine does not give, or `undefined` when it gives all. */
export function failedKnownAnswer(engine: GroupEngine): string | undefined {
  const three = fromHex(multiples[1], multiples[2], multiples[3]);
  const times5 = fromHex(multiples[5], multiples[10], multiples[15]);
  const checks: readonly (readonly [string, () => boolean])[] = [
    ['evaluate', () => same(engine.evaluate(three, littleEndian(5, 32)), times5)],
    [
      'hashAndBlind',
      () =>
        same(engine.hashAndBlind(fromHex(...mapped.inputs), littleEndian(1, 32)), fromHex(...mapped.outputs)),
    ],
    [
      'blindMessages',
      () => {
        const messages = { text: fromHex(blinded.input), ends: Uint32Array.of(1) };
        const element = engine.blindMessages(messages, utf8(blinded.dst), fromHex(blinded.blind));
        return same(element, fromHex(blinded.element));
      },
    ],
    [
      'evaluateToTags',
      () => {
        const context = times5.subarray(0, elementBytes);
        const tags = engine.evaluateToTags(three, littleEndian(5, 32), context, 7);
        return same(tags, tagElements(times5, context, 7));
      },
    ],
    [
      'weightedSum',
      () => {
        const weights = new Uint8Array([1, 2, 3].flatMap((w) => [...littleEndian(w, 16)]));
        return same(engine.weightedSum(three, weights), fromHex(multiples[14]));
      },
    ],
    [
      'decodeCheck',
      () =>
        !refuses(engine, three) && badEncodings.every((bad) => refuses(engine, fromHex(multiples[1], bad))),
    ],
  ];
  for (const [name, passes] of checks) {
    try {
      if (!passes()) return name;
    } catch {
      return name;
    }
  }
  return undefined;
}
