import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from './reference.ts';

const engine = createReferenceEngine();
const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (h) => parseInt(h, 16));
const scalarOf = (value: number): Uint8Array => {
  const bytes = new Uint8Array(32);
  bytes[0] = value;
  return bytes;
};
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const code = (run: () => unknown): string => {
  try {
    run();
  } catch (thrown) {
    return `${(thrown as { code: string }).code} ${(thrown as Error).message}`;
  }
  return 'passed';
};

// RFC 9496 Appendix A.1: B[1], B[2], B[3]
const base = hex('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76');
const base2 = hex('6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919');
const base3 = hex('94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259');
const order = hex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');

describe('reference engine', () => {
  it('multiplies in order (RFC 9496 A.1)', () => {
    expect(engine.evaluate(base, scalarOf(2))).toEqual(base2);
    expect(engine.evaluate(join(base, base2), scalarOf(1))).toEqual(join(base, base2));
    expect(engine.evaluate(new Uint8Array(0), scalarOf(1))).toEqual(new Uint8Array(0));
  });

  it('maps uniform bytes (RFC 9496 A.3)', () => {
    const uniform = hex(
      '5d1be09e3d0c82fc538112490e35701979d99e06ca3e2b5b54bffe8b4dc772c14d98b696a1bbfb5ca32c436cc61c16563790306c79eaca7705668b47dffe5bb6',
    );
    const element = hex('3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46');
    expect(engine.hashAndBlind(uniform, scalarOf(1))).toEqual(element);
  });

  it('sums with weights', () => {
    const one = scalarOf(1).subarray(0, 16);
    expect(engine.weightedSum(join(base, base2), join(one, one))).toEqual(base3);
    expect(engine.weightedSum(base, new Uint8Array(16))).toEqual(new Uint8Array(32));
    expect(engine.weightedSum(new Uint8Array(0), new Uint8Array(0))).toEqual(new Uint8Array(32));
  });

  it('refuses bad lengths, elements and scalars, and names the first bad index', () => {
    const bad = new Uint8Array(32).fill(0xff);
    expect(code(() => engine.evaluate(base.subarray(1), scalarOf(1)))).toMatch(/^element\.length/);
    expect(code(() => engine.weightedSum(base, new Uint8Array(15)))).toMatch(/^element\.length/);
    expect(code(() => engine.decodeCheck(join(base, bad, new Uint8Array(32))))).toMatch(
      /^element\.encoding .*index 1/,
    );
    expect(code(() => engine.evaluate(join(base, base, new Uint8Array(32), bad), scalarOf(1)))).toMatch(
      /^element\.identity .*index 2/,
    );
    for (const scalar of [new Uint8Array(32), new Uint8Array(31), order, bad]) {
      expect(code(() => engine.evaluate(base, scalar))).toMatch(/^scalar\.range/);
      expect(code(() => engine.hashAndBlind(new Uint8Array(64), scalar))).toMatch(/^scalar\.range/);
    }
    const last = order.slice();
    last[0] = 0xec;
    expect(code(() => engine.evaluate(base, last))).toBe('passed');
  });
});
