/**
 * Verdicts of oversight: believed only as the word of a body of the agreement, by its present key, with its power.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { standingId } from '../agreement/signed.ts';
import { agreementOf, hashOf, keyOf, signerOf } from './world-agreement.testkit.ts';
import { signApproval } from './request.ts';
import { encodeHex } from '../bytes/index.ts';
import { canonicalBytes, domainHash, isSigned } from '../wire/canonical.ts';
import {
  parseVerdict,
  signVeto,
  type Verdict,
  verdictFacts,
  type Veto,
  vetoHash,
  vetoReasons,
} from './verdict.ts';

const agreement = agreementOf();
const id = standingId(agreement);
const request = hashOf('a request');
type Known = NonNullable<ReturnType<Parameters<typeof parseVerdict>[1]>>;
const known = (replaced: Known['replaced'] = []) => {
  return (asked: string) => (asked === id ? { agreement, replaced } : undefined);
};

const vetoOf = (change: Partial<Veto> = {}, key = 'watch'): Verdict => ({
  kind: 'veto',
  veto: signVeto(
    { agreement: id, request, by: 'watch', reason: 'unclear', atMs: 1000, ...change },
    signerOf(key),
  ),
});
const authorisationOf = (of = 'watch', officer: string | null = null, key = of): Verdict => ({
  kind: 'authorise',
  agreement: id,
  approval: signApproval({ id: '0'.repeat(32), of, officer, request, expiresAtMs: 2000 }, signerOf(key)),
});
const refusal = (verdict: unknown, of = known()): string => {
  try {
    parseVerdict(verdict, of);
    return '';
  } catch (thrown) {
    return `${(thrown as { code: string }).code} ${(thrown as Error).message}`;
  }
};

test('a veto and an authorisation are believed, and say what they are about', () => {
  for (const verdict of [vetoOf(), authorisationOf()]) {
    expect(parseVerdict(verdict, known())).toEqual(verdict);
    expect(verdictFacts(verdict)).toMatchObject({ agreement: id, request, by: 'watch' });
  }
});

describe('refused', () => {
  const good = vetoOf() as Extract<Verdict, { kind: 'veto' }>;
  const changed = (change: Partial<Veto>): Verdict => ({ kind: 'veto', veto: { ...good.veto, ...change } });
  test.each<[string, unknown, string]>([
    ["another's signature", vetoOf({}, 'inspect'), 'signature:'],
    ['another request', changed({ request: hashOf('another') }), 'signature:'],
    ['another reason', changed({ reason: 'order' }), 'signature:'],
    ['another time', changed({ atMs: 1001 }), 'signature:'],
    ["another body's name", changed({ by: 'inspect' }), 'signature:'],
    ['a party', vetoOf({ by: 'alba' }, 'alba'), 'no oversight body'],
    ['an agreement that is not held', changed({ agreement: hashOf('other') }), 'not held here'],
    ['a body without the power', authorisationOf('inspect'), 'power to authorise'],
    ['an officer', authorisationOf('watch', 'ana', 'watch'), 'signature:'],
    ['an unknown reason', { ...good, veto: { ...good.veto, reason: 'dislike' } }, 'form'],
    ['an unknown field', { ...good, veto: { ...good.veto, note: 'x' } }, 'form'],
    ['an unknown kind', { ...good, kind: 'pardon' }, 'form'],
  ])('%s', (_, verdict, want) => {
    expect(refusal(verdict)).toMatch(/^verdict\.invalid /);
    expect(refusal(verdict)).toContain(want);
  });

  test('a signature of one kind does not pass as the other: their domains differ', () => {
    const { signature } = good.veto;
    const forged = authorisationOf() as Extract<Verdict, { kind: 'authorise' }>;
    expect(refusal({ ...forged, approval: { ...forged.approval, signature } })).toContain('signature:');
  });

  test('any JSON, and nothing else is thrown', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(refusal(value)).toMatch(/^verdict\.invalid /);
      }),
      { numRuns: 100, endOnFailure: true },
    );
  });
});

test('a rotated key signs, and the one before signs no more', () => {
  const replaced = known([
    { of: 'alba', officer: null, publicKey: keyOf('alba-2') },
    { of: 'watch', officer: null, publicKey: keyOf('watch-2') },
  ]);
  expect(refusal(vetoOf({}, 'watch-2'), replaced)).toBe('');
  expect(refusal(vetoOf(), replaced)).toContain('signature:');
  expect(refusal(vetoOf({}, 'watch-2'))).toContain('signature:');
});

test('signed and named each in its own domain; a longer signature is none', () => {
  const { veto } = vetoOf() as Extract<Verdict, { kind: 'veto' }>;
  const { signature, ...body } = veto;
  expect(isSigned('veto', body, signature, keyOf('watch'))).toBe(true);
  expect(vetoHash(veto)).toBe(encodeHex(domainHash('veto', canonicalBytes(body))));
  for (const text of [`${signature}00`, `00${signature}`]) {
    expect(refusal({ kind: 'veto', veto: { ...body, signature: text } })).toBe(
      'verdict.invalid verdict: veto.signature has another form',
    );
  }
});

test('reasons fit into a refusal', () => {
  for (const reason of vetoReasons) expect(reason).toMatch(/^[a-z][a-z0-9.-]{0,63}$/);
});
