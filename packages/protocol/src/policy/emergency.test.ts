/**
 * Emergencies: who may declare and review, what is refused, and that what a node knows does not depend on the order.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { standingId } from '../agreement/signed.ts';
import { encodeHex } from '../bytes/index.ts';
import { canonicalBytes, domainHash, isSigned } from '../wire/canonical.ts';
import {
  applyEmergency,
  type Emergency,
  type EmergencyMessage,
  emergencyId,
  emergencyWhen,
  policyEmergencies,
  signEmergency,
} from './emergency.ts';
import { agreementOf, hashOf, keyOf, signerOf } from './world-agreement.testkit.ts';
import { hour, minute, nowMs } from './world.testkit.ts';

const agreement = agreementOf();
const facts = { agreement, keys: [], nowMs };
const id = standingId(agreement);
type Declaration = Extract<EmergencyMessage, { type: 'declare' }>;
type Review = Extract<EmergencyMessage, { type: 'review' }>;

const declare = (change: Partial<Declaration> = {}, key = `${change.of ?? 'alba'}/approver-1`) =>
  signEmergency(
    {
      type: 'declare',
      agreement: id,
      of: 'alba',
      officer: 'approver-1',
      grounds: 'planned-attack',
      atMs: nowMs - hour,
      ...change,
    },
    signerOf(key),
  ) as Declaration;

const declared = declare();
const review = (change: Partial<Review> = {}, key = change.by ?? 'watch') =>
  signEmergency(
    {
      type: 'review',
      agreement: id,
      by: 'watch',
      emergency: emergencyId(declared),
      finding: 'justified',
      atMs: nowMs,
      ...change,
    },
    signerOf(key),
  ) as Review;

function after(...messages: unknown[]): readonly Emergency[] {
  let emergencies: readonly Emergency[] = [];
  for (const message of messages) {
    const outcome = applyEmergency(facts, emergencies, message);
    if (outcome.kind === 'refused') throw new Error(outcome.reasons.join(' '));
    if (outcome.kind === 'applied') emergencies = outcome.emergencies;
  }
  return emergencies;
}

describe('declared and reviewed', () => {
  test('an approver declares, a body that may authorise reviews', () => {
    expect(policyEmergencies(after(declared))).toEqual([
      { id: emergencyId(declared), declaredAtMs: nowMs - hour, review: null },
    ]);
    expect(policyEmergencies(after(declared, review()))).toEqual([
      {
        id: emergencyId(declared),
        declaredAtMs: nowMs - hour,
        review: { atMs: nowMs, finding: 'justified' },
      },
    ]);
  });

  test('heard twice: nothing changes', () => {
    const once = after(declared, review());
    for (const message of [declared, review()])
      expect(applyEmergency(facts, once, message)).toEqual({ kind: 'known' });
  });

  test('where one body of two doubts, it is not justified', () => {
    const two = agreementOf();
    for (const body of two.oversight) body.powers = ['authorise', 'suspend'];
    const of = { agreement: standingId(two) };
    const first = declare(of);
    const emergency = emergencyId(first);
    const world = { agreement: two, keys: [], nowMs };
    let known: readonly Emergency[] = [];
    for (const message of [
      first,
      review({ ...of, emergency }),
      review({ ...of, emergency, by: 'inspect', finding: 'not-justified', atMs: nowMs - minute }),
    ]) {
      const outcome = applyEmergency(world, known, message);
      expect(outcome.kind).toBe('applied');
      if (outcome.kind === 'applied') known = outcome.emergencies;
    }
    expect(policyEmergencies(known)[0]?.review).toEqual({ atMs: nowMs - minute, finding: 'not-justified' });
  });

  test('a key that replaced the agreed one signs, and the old one no more', () => {
    const keys = [{ of: 'alba', officer: 'approver-1', publicKey: keyOf('alba/new') }];
    expect(applyEmergency({ ...facts, keys }, [], declare({}, 'alba/new')).kind).toBe('applied');
    expect(applyEmergency({ ...facts, keys }, [], declared)).toMatchObject({
      reasons: ['message.signature'],
    });
  });
});

describe('refused, and nothing changes', () => {
  const known = after(declared);
  const without = agreementOf();
  without.tiers.imminent = null;
  test.each<[string, unknown, string, typeof facts?]>([
    ['what is no message', { type: 'declare' }, 'message.malformed'],
    ['a field too many', { ...declared, note: 'x' }, 'message.malformed'],
    ['a ground that is no word', declare({ grounds: 'convenience' as never }), 'message.malformed'],
    ['another agreement', declare({ agreement: hashOf('other') }), 'message.other-agreement'],
    ['a declaration of the future', declare({ atMs: nowMs + minute + 1 }), 'message.from-future'],
    ['a review of the future', review({ atMs: nowMs + minute + 1 }), 'message.from-future'],
    ['by no officer', declare({ officer: 'nobody' }), 'officer.unknown'],
    ['by an officer of nobody', declare({ of: 'delta' }, 'alba/approver-1'), 'officer.unknown'],
    ['by an analyst', declare({ officer: 'ana' }, 'alba/ana'), 'officer.role'],
    ['by a custodian', declare({ officer: 'keeper' }, 'alba/keeper'), 'officer.role'],
    ['signed by a colleague', declare({}, 'alba/approver-2'), 'message.signature'],
    ['backdated after it was signed', { ...declared, atMs: nowMs - 2 * hour }, 'message.signature'],
    ['reviewed by a party', review({ by: 'alba' }), 'body.unknown'],
    ['reviewed by a body that may not authorise', review({ by: 'inspect' }), 'body.power'],
    ['a review signed by an approver', review({}, 'alba/approver-1'), 'message.signature'],
    ['a finding that was turned', { ...review(), finding: 'not-justified' }, 'message.signature'],
    ['a review of nothing declared', review({ emergency: hashOf('none') }), 'emergency.unknown'],
    ['a review before its declaration', review({ atMs: nowMs - hour - minute - 1 }), 'review.before'],
    [
      'no such tier',
      declare({ agreement: standingId(without) }),
      'tier.absent',
      { ...facts, agreement: without },
    ],
  ])('%s', (_, message, reason, world = facts) => {
    expect(applyEmergency(world, known, message)).toEqual({ kind: 'refused', reasons: [reason] });
  });

  test('a body that contradicts itself', () => {
    const reviewed = after(declared, review());
    for (const other of [review({ finding: 'not-justified' }), review({ atMs: nowMs - 1 })]) {
      expect(applyEmergency(facts, reviewed, other)).toEqual({
        kind: 'refused',
        reasons: ['review.contradicts'],
      });
    }
  });

  test('at the edge of the tolerance both are taken', () => {
    expect(applyEmergency(facts, [], declare({ atMs: nowMs + minute })).kind).toBe('applied');
    expect(applyEmergency(facts, known, review({ atMs: nowMs - hour - minute })).kind).toBe('applied');
  });
});

test('whatever order declarations and then reviews arrive in, every node knows the same', () => {
  const many = [0, 1, 2, 3].map((i) => declare({ atMs: nowMs - i * minute }));
  const reviews = many
    .slice(0, 3)
    .map((one, i) =>
      review({ emergency: emergencyId(one), finding: i === 0 ? 'not-justified' : 'justified' }),
    );
  const known = (messages: readonly EmergencyMessage[]) =>
    [...policyEmergencies(after(...messages))].sort((a, b) => (a.id < b.id ? -1 : 1));
  const want = known([...many, ...reviews]);
  const shuffled = (all: readonly EmergencyMessage[]) =>
    fc.shuffledSubarray([...all], { minLength: all.length, maxLength: all.length });
  fc.assert(
    fc.property(shuffled(many), shuffled(reviews), (first, then) => {
      expect(known([...first, ...then])).toEqual(want);
    }),
    { numRuns: 20, endOnFailure: true },
  );
});

describe('with time', () => {
  const [plain] = after(declared) as [Emergency];
  const [justified] = after(declared, review()) as [Emergency];
  const [doubted] = after(declared, review({ finding: 'not-justified' })) as [Emergency];
  const at = nowMs - hour;
  test.each<[string, Emergency, number, boolean, boolean]>([
    ['as it is declared', plain, at, true, false],
    ['a millisecond before it lapses', plain, at + 24 * hour - 1, true, false],
    ['as it lapses', plain, at + 24 * hour, false, false],
    ['when its review is due', plain, at + 72 * hour, false, false],
    ['when its review is late', plain, at + 72 * hour + 1, false, true],
    ['reviewed, then late', justified, at + 72 * hour + 1, false, false],
    ['found justified', justified, nowMs, true, false],
    ['found not justified', doubted, nowMs, false, false],
  ])('%s', (_, emergency, when, isInForce, isLocking) => {
    expect(emergencyWhen(agreement, emergency, when)).toMatchObject({
      isInForce,
      isLocking,
      lapsesAtMs: at + 24 * hour,
      reviewDueAtMs: at + 72 * hour,
    });
  });
});

test('signed and named in its own domain; a longer signature is none', () => {
  const { signature, ...body } = declared;
  expect(isSigned('emergency', body, signature, keyOf('alba/approver-1'))).toBe(true);
  expect(emergencyId(declared)).toBe(encodeHex(domainHash('emergency', canonicalBytes(body))));
  for (const text of [`${signature}00`, `00${signature}`]) {
    expect(applyEmergency(facts, [], { ...body, signature: text })).toEqual({
      kind: 'refused',
      reasons: ['message.malformed'],
    });
  }
});

test('where no tier is agreed an emergency is over as it begins', () => {
  const [one] = after(declared) as readonly [Emergency];
  const without = { ...agreement, tiers: { ...agreement.tiers, imminent: null } };
  expect(emergencyWhen(without, one, declared.atMs)).toMatchObject({
    isInForce: false,
    lapsesAtMs: declared.atMs,
    reviewDueAtMs: declared.atMs,
  });
});
