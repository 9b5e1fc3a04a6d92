/**
 * Standing agreements: every problem is found, with its path and code, and nothing is skipped.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agreementOf, keyOf, signerOf } from '../policy/world-agreement.testkit.ts';
import { signAll } from '../policy/world.testkit.ts';
import { checkStanding, parseStanding, standingClauses } from './check.ts';
import { instantMs } from './instant.ts';
import { problemTexts } from './problem-texts.ts';
import type { Problem } from './problems.ts';
import { signStanding, standingId, verifySigned } from './signed.ts';
import type { StandingAgreement } from './standing.ts';
import { cases } from './standing-cases.testkit.ts';
import { readStrictJson, stripComments } from './text.ts';

const words = (problems: readonly Problem[]): string[] =>
  problems.map(({ path, code }) => `${path} ${code}`).sort();
const fresh = (): StandingAgreement => JSON.parse(JSON.stringify(agreementOf())) as StandingAgreement;

describe('problems', () => {
  test.each(cases.map(([name, edit, ...want]) => ({ name, edit, want })))('$name', ({ edit, want }) => {
    const agreement = fresh();
    edit(agreement);
    const { value, problems } = checkStanding(agreement);
    expect(words(problems)).toEqual(want.toSorted());
    expect(value).toEqual(want.length === 0 ? agreement : undefined);
  });

  test.each(standingClauses)('without %s', (clause) => {
    const { [clause]: _, ...rest } = fresh();
    expect(words(checkStanding(rest).problems)).toEqual([`${clause} field.missing`]);
    expect(() => parseStanding(rest)).toThrow(expect.objectContaining({ code: 'agreement.invalid' }));
  });

  test('every code of the vocabulary is found by a test of this file', () => {
    const found = new Set(cases.flatMap(([, , ...want]) => want.map((word) => word.split(' ')[1] as string)));
    const others = ['text.not-json', 'text.not-canonical', 'key.repeated-field'];
    const ofSignatures = Object.keys(problemTexts).filter((code) => code.startsWith('signature.'));
    expect(
      [...found, 'field.missing', ...others, ...ofSignatures]
        .filter((code, i, all) => all.indexOf(code) === i)
        .sort(),
    ).toEqual(Object.keys(problemTexts).sort());
  });

  test('any JSON: problems, never a throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(checkStanding(value).problems.length).toBeGreaterThan(0);
        expect(verifySigned(value).problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });
});

describe('signatures', () => {
  const signed = () =>
    JSON.parse(JSON.stringify(signAll(fresh()))) as ReturnType<typeof signAll> & {
      signatures: { signature: string; by: string; publicKey: string }[];
    };
  const problems = (value: unknown): string[] => words(verifySigned(value).problems);

  test('signed by all', () => {
    expect(problems(signed())).toEqual([]);
    expect(standingId(signed().agreement)).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a missing one, a repeated one, one by a stranger', () => {
    const value = signed();
    value.signatures[4] = { ...(value.signatures[0] as (typeof value.signatures)[number]) };
    value.signatures.push({ ...(value.signatures[0] as (typeof value.signatures)[number]), by: 'stranger' });
    expect(problems(value)).toEqual([
      'oversight.1 signature.missing',
      'signatures.4 signature.repeated',
      'signatures.5 signature.unknown-signer',
    ]);
  });

  test('by another key than the agreement names', () => {
    const value = signed();
    const wrong = signStanding(value.agreement, 'alba', keyOf('other'), signerOf('other'));
    value.signatures[0] = { ...wrong };
    expect(problems(value)).toEqual(['signatures.0 signature.wrong-key']);
    value.signatures[0] = { ...wrong, publicKey: keyOf('alba') };
    expect(problems(value)).toEqual(['signatures.0 signature.wrong']);
  });

  test('a changed byte of the agreement: no signature stands', () => {
    const value = signed();
    value.agreement.title += '.';
    expect(problems(value)).toEqual([0, 1, 2, 3, 4].map((i) => `signatures.${i} signature.wrong`));
  });

  test("a signature that is not in Ed25519's strict form", () => {
    const value = signed();
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const first = value.signatures[0] as (typeof value.signatures)[number];
    // S + L verifies under lax rules (RFC 8032 §5.1.7 refuses it).
    const bytes = Uint8Array.from(first.signature.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    let s = 0n;
    for (let i = 63; i >= 32; i--) s = (s << 8n) | BigInt(bytes[i] as number);
    s += order;
    for (let i = 32; i < 64; i++, s >>= 8n) bytes[i] = Number(s & 255n);
    first.signature = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    expect(problems(value)).toEqual(['signatures.0 signature.wrong']);
  });
});

describe('text', () => {
  const repeated = (text: string): string[] => words(readStrictJson(text).problems);

  test('a field that stands twice is a problem, wherever it stands', () => {
    expect(repeated('{"a":1,"b":[{"c":1},{"c":{"d":1,"e":2,"d":3}}],"a":2}')).toEqual([
      'a key.repeated-field',
      'b.1.c.d key.repeated-field',
    ]);
    expect(repeated('{"a":1,"\\u0061":2}')).toEqual(['a key.repeated-field']);
    expect(repeated('{"a":"{\\"a\\":1,","b":["a","a",":"],"c":{"a":{}}}')).toEqual([]);
    expect(repeated('{')).toEqual([' text.not-json']);
  });

  test('JSON without repeated fields has no problem', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read = readStrictJson(JSON.stringify(value, null, 1));
        expect(read.problems).toEqual([]);
        expect(JSON.stringify(read.value)).toBe(JSON.stringify(value));
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  test('only whole lines are comments', () => {
    const draft = '// a\n{\n  // "a": 2,\n  "a": "http://x" // no\n}';
    expect(stripComments(draft)).toBe('\n{\n\n  "a": "http://x" // no\n}');
    expect(readStrictJson(stripComments(draft)).problems).toEqual([{ path: '', code: 'text.not-json' }]);
  });
});

describe('instants', () => {
  test('are those of the calendar', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
        (date) => {
          const text = date.toISOString().replace(/\.\d{3}/, '');
          expect(instantMs(text)).toBe(Date.parse(text));
        },
      ),
      { endOnFailure: true },
    );
  });

  test.each([
    '2027-01-01',
    '2027-1-1T00:00:00Z',
    '2027-13-01T00:00:00Z',
    '2027-00-01T00:00:00Z',
    '2027-01-00T00:00:00Z',
    '2027-01-32T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2027-01-01T24:00:00Z',
    '2027-01-01T00:60:00Z',
    '2027-01-01T00:00:60Z',
    '2027-01-01T00:00:00+00:00',
    '1969-12-31T23:59:59Z',
    ' 2027-01-01T00:00:00Z',
    '2027-01-01T00:00:00Z\n',
  ])('%j is none', (text) => {
    expect(instantMs(text)).toBeUndefined();
  });
});
