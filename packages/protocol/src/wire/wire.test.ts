import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ed25519 } from '@noble/curves/ed25519.js';
import { encodeHex, utf8 } from '../bytes/index.ts';
import { errorTable, TallyError } from '../errors/index.ts';
import { canonicalBytes, domainHash, signValue, verifyValue } from './canonical.ts';
import { encodeChunkFrame, frameHeaderBytes, isJsonFrame, parseChunkFrame } from './frames.ts';
import { encodeHello, parseHello } from './hello.ts';
import { encodeMessage, parseMessage, signMessage, verifyMessage } from './messages.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return error instanceof TallyError ? error.code : 'not a TallyError';
  }
  return 'nothing thrown';
};
const session = '00112233445566778899aabbccddeeff';

describe('canonical JSON', () => {
  it('RFC 8785 §3.2.2 and §3.2.3: the numbers and the sorting of its examples', () => {
    const numbers = [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001];
    const literals = [null, true, false];
    const string = '€$\u000f\nA\'B"\\\\"/';
    expect(text(canonicalBytes({ numbers, string, literals }))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const keys = { '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 };
    expect(text(canonicalBytes(keys))).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.integer()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalBytes(reversed)).toEqual(canonicalBytes(value));
      }),
    );
  });
});

describe('domain hashes and signatures', () => {
  it('no two divisions into parts hash alike', () => {
    expect(domainHash('d', utf8('ab'), utf8('c'))).not.toEqual(domainHash('d', utf8('a'), utf8('bc')));
    expect(domainHash('d', utf8('x'))).not.toEqual(domainHash('dx'));
  });

  it('a signature holds for its domain, value and key only', () => {
    const secret = new Uint8Array(32).fill(7);
    const sign = (message: Uint8Array) => ed25519.sign(message, secret);
    const key = encodeHex(ed25519.getPublicKey(secret));
    const other = encodeHex(ed25519.getPublicKey(new Uint8Array(32).fill(8)));
    const signature = encodeHex(signValue('consent', { a: 1 }, sign));
    expect(() => verifyValue('consent', { a: 1 }, signature, key)).not.toThrow();
    expect(codeOf(() => verifyValue('refusal', { a: 1 }, signature, key))).toBe('consent.signature');
    expect(codeOf(() => verifyValue('consent', { a: 2 }, signature, key))).toBe('consent.signature');
    expect(codeOf(() => verifyValue('consent', { a: 1 }, signature, other))).toBe('consent.signature');
    expect(codeOf(() => verifyValue('consent', { a: 1 }, '00'.repeat(64), key))).toBe('consent.signature');
  });
});

describe('control messages', () => {
  const sign = (message: Uint8Array) => ed25519.sign(message, new Uint8Array(32).fill(7));
  const freeze = signMessage({ type: 'freeze', session, from: 'a', consentsHash: '11'.repeat(32) }, sign);

  it('come back as they went', () => {
    expect(parseMessage(encodeMessage(freeze), 1e5)).toEqual(freeze);
    expect(() =>
      verifyMessage(freeze, encodeHex(ed25519.getPublicKey(new Uint8Array(32).fill(7)))),
    ).not.toThrow();
  });

  const bad: [string, Uint8Array, string][] = [
    ['too long', utf8(`{"type":"abort"${' '.repeat(2000)}}`), 'wire.length'],
    ['no JSON', utf8('{"type":'), 'wire.frame'],
    ['no UTF-8', Uint8Array.from([0x7b, 0xff, 0x7d]), 'wire.frame'],
    ['an unknown type', utf8('{"type":"gossip"}'), 'wire.type'],
    ['a type of the prototype', utf8('{"type":"constructor"}'), 'wire.type'],
    [
      'an unknown field',
      utf8(JSON.stringify({ type: 'abort', session, code: 400, why: 'x' })),
      'wire.message',
    ],
    ['a missing field', utf8(JSON.stringify({ type: 'abort', session })), 'wire.message'],
    [
      'a field of another type',
      utf8(JSON.stringify({ type: 'abort', session, code: '400' })),
      'wire.message',
    ],
    ['a fraction', utf8(JSON.stringify({ type: 'abort', session, code: 400.5 })), 'wire.message'],
    [
      'hex in capitals',
      utf8(JSON.stringify({ type: 'abort', session: session.toUpperCase(), code: 400 })),
      'wire.message',
    ],
  ];
  for (const [name, bytes, code] of bad) {
    it(`${name} is ${code}`, () => expect(codeOf(() => parseMessage(bytes, 1000))).toBe(code));
  }

  it('error texts name the field and never hold what was sent', () => {
    const bytes = utf8(JSON.stringify({ type: 'abort', session, code: 'passport:SECRET' }));
    expect(() => parseMessage(bytes, 1000)).toThrow(/^abort\.code: /);
    expect(() => parseMessage(bytes, 1000)).not.toThrow(/SECRET/);
  });

  it('any bytes give a message or a coded error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(codeOf(() => parseMessage(bytes, 1000))).toMatch(/^(wire\..*|nothing thrown)$/);
      }),
    );
  });
});

describe('chunk frames', () => {
  const hash = new Uint8Array(32).fill(5);
  const frame = {
    kind: 'tags' as const,
    list: 3,
    hop: 2,
    chunk: 70_000,
    payload: Uint8Array.from([1, 2, 3]),
  };

  it('come back as they went, and are no JSON', () => {
    const bytes = encodeChunkFrame(frame, hash);
    expect(bytes.length).toBe(frameHeaderBytes + 3);
    expect(isJsonFrame(bytes)).toBe(false);
    expect(parseChunkFrame(bytes, hash)).toEqual(frame);
  });

  it('a short one, another version, kind or session are refused by code', () => {
    const bytes = encodeChunkFrame(frame, hash);
    const changed = (at: number, value: number) => Uint8Array.from(bytes, (b, i) => (i === at ? value : b));
    expect(codeOf(() => parseChunkFrame(bytes.subarray(0, 15), hash))).toBe('wire.frame');
    expect(codeOf(() => parseChunkFrame(changed(0, 2), hash))).toBe('wire.version');
    expect(codeOf(() => parseChunkFrame(changed(1, 0), hash))).toBe('wire.type');
    expect(codeOf(() => parseChunkFrame(bytes, new Uint8Array(32)))).toBe('wire.frame');
  });
});

describe('version negotiation', () => {
  it('takes the highest version in common', () => {
    expect(parseHello(encodeHello('x', 7, [1, 2, 5]), [2, 1, 3])).toEqual({
      protocol: 2,
      software: 'x',
      atMs: 7,
    });
  });
  it('none in common is wire.version; nonsense is coded', () => {
    expect(codeOf(() => parseHello(encodeHello('x', 7, [7]), [1]))).toBe('wire.version');
    // A later version may say more: that it is later is what it is told.
    const later = { type: 'hello', versions: [7], news: true };
    expect(codeOf(() => parseHello(utf8(JSON.stringify(later)), [1]))).toBe('wire.version');
    const more = { ...JSON.parse(new TextDecoder().decode(encodeHello('x', 7, [1]))), news: true };
    expect(codeOf(() => parseHello(utf8(JSON.stringify(more)), [1]))).toBe('wire.message');
    expect(codeOf(() => parseHello(utf8('{}'), [1]))).toBe('wire.message');
    expect(codeOf(() => parseHello(utf8('hello'), [1]))).toBe('wire.frame');
    expect(codeOf(() => parseHello(new Uint8Array(2000), [1]))).toBe('wire.length');
  });
});

describe('the error table', () => {
  it('uses every wire number once', () => {
    const numbers = Object.values(errorTable).map((row) => row.abort);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
