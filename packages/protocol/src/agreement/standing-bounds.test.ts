/**
 * Standing agreements, one step beside the cases of standing.test.ts: what is still in order, what a malformed clause must
 * not bring to light in others, and what exactly is signed.
 */
import { describe, expect, test } from 'vitest';
import { agreementOf, keyOf } from '../policy/world-agreement.testkit.ts';
import { signAll } from '../policy/world.testkit.ts';
import { isSigned } from '../wire/canonical.ts';
import { checkStanding, parseStanding } from './check.ts';
import type { Problem } from './problems.ts';
import { checkSignedShape, verifySigned } from './signed.ts';
import type { StandingAgreement } from './standing.ts';

// `any`, because most changes are none that the type permits.
// oxlint-disable-next-line typescript/no-explicit-any -- see above
type Edit = (agreement: any) => unknown;

const words = (problems: readonly Problem[]): string[] =>
  problems.map(({ path, code }) => `${path} ${code}`).sort();
const changed = (edit: Edit): StandingAgreement => {
  const agreement = JSON.parse(JSON.stringify(agreementOf())) as StandingAgreement;
  edit(agreement);
  return agreement;
};

/** Matches of alba and borea, and nothing that is for counts. */
const pairOnly: Edit = (a) => {
  a.outputs = [a.outputs[0]];
  a.purposes = [a.purposes[0]];
  a.tiers.imminent = null;
};
/** Counts alone. */
const countsOnly: Edit = (a) => {
  a.outputs = [a.outputs[1]];
  a.purposes = [a.purposes[1]];
  a.tiers.imminent = null;
};
const release = 'budget.below-one-release';

test.each<[string, Edit, ...string[]]>([
  ['one body of two can suspend', (a) => (a.oversight[1].powers = ['veto'])],
  ['one approval, and oversight is only notified', (a) => (a.tiers.routine.oversight = 'notified')],
  [
    'nobody authorises, and nobody has to',
    (a) => (
      (a.tiers.routine.oversight = 'notified'),
      (a.tiers.imminent = null),
      (a.outputs[2].tiers = ['routine']),
      (a.oversight[0].powers = ['veto', 'suspend'])
    ),
  ],
  [
    'nobody authorises, and only the routine tier asks',
    (a) => (
      (a.tiers.imminent = null),
      (a.outputs[2].tiers = ['routine']),
      (a.oversight[0].powers = ['veto', 'suspend'])
    ),
    'tiers.routine.oversight tier.nobody-authorises',
  ],
  [
    'nobody authorises, and only emergencies need it',
    (a) => ((a.tiers.routine.oversight = 'notified'), (a.oversight[0].powers = ['veto', 'suspend'])),
    'tiers.imminent.oversight tier.nobody-reviews',
  ],
  [
    'a pair may have all of a day',
    (a) => (
      (a.caps.pairSessionsPerDay = a.caps.sessionsPerDay), (a.caps.pairRecordsPerDay = a.caps.recordsPerDay)
    ),
  ],
  ['the log is kept as long as the results', (a) => (a.retention = { resultDays: 90, logDays: 90 })],
  [
    'the log is kept until an enquiry must be decided, and as soon as it is acknowledged',
    (a) => ((a.retention.logDays = 60), (a.redress.acknowledgeDays = 60)),
  ],
  ['lists of one size', (a) => (a.lists[0].minIdentifiers = a.lists[0].maxIdentifiers)],
  [
    'two parties with lists',
    (a) => (
      pairOnly(a),
      a.lists.pop(),
      Object.assign(a.privacy, { minCount: 0, noise: null, padTo: null }),
      (a.privacy.budget.microEpsilon = 0)
    ),
  ],
  [
    'counts that are not split, of lists without labels',
    (a) => ((a.outputs[1].labels = false), (a.lists[0].labels = null)),
  ],
  [
    'laplace noise, which has no delta',
    (a) => (
      Object.assign(a.privacy.noise, { mechanism: 'laplace', deltaExponent: null }),
      (a.privacy.budget.femtoDelta = 0)
    ),
  ],
  ['counts alone, which cost no record', (a) => (countsOnly(a), (a.privacy.budget.records = 0))],
  [
    'counts that a list owner merges cost records',
    (a) => (
      countsOnly(a),
      Object.assign(a.outputs[0], { collectors: ['cedra'], listOwnerCollects: 'charged-as-matches' }),
      (a.privacy.budget.records = 0)
    ),
    `privacy.budget.records ${release}`,
  ],
  [
    'matches alone, and no record that they may cost',
    (a) => (
      pairOnly(a),
      Object.assign(a.privacy, { minCount: 0, noise: null, padTo: null }),
      Object.assign(a.privacy.budget, { microEpsilon: 0, records: 0 })
    ),
    `privacy.budget.records ${release}`,
  ],
  [
    'counts alone, and less than one release',
    (a) => (countsOnly(a), (a.privacy.budget.microEpsilon = 499_999)),
    `privacy.budget.microEpsilon ${release}`,
  ],
  [
    'matches cost no epsilon, whatever noise is named',
    (a) => (pairOnly(a), (a.privacy.budget.microEpsilon = 0), (a.privacy.budget.femtoDelta = 0)),
    'privacy.minCount privacy.without-counts',
    'privacy.noise privacy.without-counts',
    'privacy.padTo privacy.without-counts',
  ],
  [
    "a collector of a party's id",
    (a) => (a.collectors[1].id = 'alba'),
    'collectors.1.id id.repeated',
    'outputs.2.collectors.1 collector.unknown',
  ],
  [
    "a collector of a party's key",
    (a) => (
      (a.collectors[1].publicKey = a.parties[0].publicKey),
      (a.collectors[1].fingerprint = a.parties[0].fingerprint)
    ),
    'collectors.1.publicKey key.repeated',
  ],
  // A malformed clause is named, and no contradiction is made up from it.
  ['a version that is none', (a) => ((a.version = 'x'), (a.supersedes = null)), 'version field.type'],
  ['a version before it that is none', (a) => ((a.version = 1), (a.supersedes = 7)), 'supersedes field.type'],
  ['collectors that are none', (a) => (a.collectors = 7), 'collectors field.type'],
])('%s', (_, edit, ...want) => {
  expect(words(checkStanding(changed(edit)).problems)).toEqual(want.toSorted());
});

describe('what is no agreement at all', () => {
  test.each<[string, unknown, string]>([
    ['nothing', null, 'field.type'],
    ['a text', 'x', 'field.type'],
    ['a list', [], 'field.type'],
    ['a function', () => 1, 'field.type'],
  ])('%s is one problem with the whole', (_, value, code) => {
    expect(checkStanding(value)).toEqual({ value: undefined, problems: [{ path: '', code }] });
  });

  test('thrown with every problem', () => {
    const { title: _, version: __, ...rest } = agreementOf();
    const thrown = (value: unknown): string => {
      try {
        return parseStanding(value).title;
      } catch (error) {
        return `${(error as { code: string }).code} ${(error as Error).message}`;
      }
    };
    expect(thrown(agreementOf())).toBe(agreementOf().title);
    expect(thrown('x')).toBe('agreement.invalid agreement: field.type');
    expect(thrown(rest)).toBe('agreement.invalid agreement: title field.missing; version field.missing');
  });
});

describe('signed', () => {
  const signed = signAll(agreementOf());

  test('by all: it is given as it came', () => {
    expect(verifySigned(signed)).toEqual({ value: signed, problems: [] });
  });

  test('over the agreement alone, in its own domain', () => {
    for (const { by, publicKey, signature } of signed.signatures) {
      expect(publicKey).toBe(keyOf(by));
      expect(isSigned('standing-agreement', signed.agreement, signature, publicKey)).toBe(true);
    }
  });

  test('by all but the first: its place is named', () => {
    const signatures = signed.signatures.slice(1);
    expect(words(verifySigned({ ...signed, signatures }).problems)).toEqual(['parties.0 signature.missing']);
  });

  test('a longer signature is none', () => {
    const [first, ...rest] = signed.signatures as [(typeof signed.signatures)[number]];
    for (const signature of [`${first.signature}00`, `00${first.signature}`]) {
      const signatures = [{ ...first, signature }, ...rest];
      expect(words(verifySigned({ ...signed, signatures }).problems)).toEqual([
        'signatures.0.signature text.form',
      ]);
    }
  });

  test('signatures and agreement are looked at whatever is wrong with the other', () => {
    const { title: _, ...untitled } = signed.agreement;
    const of = (value: unknown) => {
      const checked = checkSignedShape(value);
      return [checked.value, words(checked.problems)];
    };
    expect(of({ ...signed, signatures: 7 })).toEqual([undefined, ['signatures field.type']]);
    expect(of({ ...signed, agreement: untitled })).toEqual([undefined, ['title field.missing']]);
    expect(of({ agreement: untitled, signatures: 7 })).toEqual([
      undefined,
      ['signatures field.type', 'title field.missing'],
    ]);
    expect(of({ ...signed, signatures: [] })).toEqual([{ ...signed, signatures: [] }, []]);
  });
});
