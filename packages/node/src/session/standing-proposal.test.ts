/** A request as an analyst says it: what is agreed is taken where nothing is said, and what has no place is named. */
import type { StandingAgreement } from '@tallystick/protocol/agreement';
import { expect, test } from 'vitest';
import type { RequestParams } from '../control/standing-api.ts';
import { draftRequest } from './standing-proposal.ts';

const list = (party: string) => ({ party, category: 'wanted', subject: 'person', maxIdentifiers: 1000 });
const output = {
  purposes: ['find'],
  collectors: ['hub'],
  collectorsNeeded: 1,
  marks: { tlp: 'RED', pap: 'RED' },
};
const agreement = {
  parties: ['alba', 'borea', 'cedra'].map((id) => ({ id })),
  lists: ['alba', 'borea', 'cedra'].map(list),
  outputs: [
    { ...output, id: 'numbers', kind: 'counts', form: 'sealed' },
    { ...output, id: 'all', kind: 'matches', form: 'sealed', predicates: ['all'] },
    { ...output, id: 'some', kind: 'matches', form: 'sealed', predicates: ['any', 'at-least'] },
    {
      ...output,
      id: 'pair',
      kind: 'matches',
      form: 'direct',
      predicates: null,
      collectors: null,
      collectorsNeeded: 0,
    },
  ],
  privacy: {
    minCount: 10,
    noise: { mechanism: 'laplace', microEpsilon: 500_000, deltaExponent: null },
    identifiersPerRecord: 4,
    padTo: null,
    budget: { records: 5000 },
  },
  caps: {
    sessionsPerDay: 1,
    recordsPerDay: 5000,
    pairSessionsPerDay: 1,
    pairRecordsPerDay: 5000,
    proposalMinutes: 60,
  },
  retention: { resultDays: 30 },
} as unknown as StandingAgreement;

const said: RequestParams = {
  agreement: 'three-rivers',
  requester: 'ana',
  purpose: 'find',
  uses: ['statistics'],
  tier: 'routine',
  caseReference: 'case 7',
  output: 'numbers',
  with: ['borea', 'cedra'],
  recipes: ['document'],
};
const draft = (change: Partial<RequestParams>, under = agreement) =>
  draftRequest({
    params: { ...said, ...change },
    agreement: under,
    agreementId: 'a'.repeat(64),
    self: 'alba',
    nowMs: 1_800_000_000_000,
    random: (n) => new Uint8Array(n),
  }).draft;

test('numbers are treated as agreed where nothing is said, else as said', () => {
  const { minCount, noise, identifiersPerRecord, padTo } = agreement.privacy;
  expect(draft({}).privacy).toEqual({ minCount, noise, identifiersPerRecord, padTo });
  const stricter = { minCount: 25, identifiersPerRecord: 2, padTo: 128 };
  expect(draft({ ...stricter, epsilon: '0.25' }).privacy).toEqual({
    ...stricter,
    noise: { ...noise, microEpsilon: 250_000 },
  });
  expect(draft({ epsilon: '0.25' }).cost.microEpsilon).toBeLessThan(draft({}).cost.microEpsilon);
  const exact = { ...agreement, privacy: { ...agreement.privacy, noise: null } };
  expect(() => draft({ epsilon: '0.25' }, exact)).toThrow(/^epsilon: /);
});

test('labels are by party, and merged as numbers are withheld unless it is said otherwise', () => {
  const one = { party: 'borea', field: 'tier', labels: ['high', 'low'] };
  const two = { party: 'alba', field: 'tier', labels: ['low'], minSize: 50 };
  expect(draft({ labels: [one, two] }).output.labels).toEqual([two, { ...one, minSize: 10 }]);
  expect(draft({ labels: [one], minCount: 25 }).output.labels).toEqual([{ ...one, minSize: 25 }]);
  expect(draft({}).output.labels).toBeNull();
});

test('the only predicate that is agreed need not be said; of several one must be', () => {
  expect(draft({ output: 'all' }).output.predicate).toBe('all');
  expect(draft({ output: 'pair', with: ['borea'] }).output.predicate).toBeNull();
  expect(() => draft({ output: 'some' })).toThrow('predicate: want one of any, at-least');
  expect(() => draft({ output: 'some', predicate: 'at-least' })).toThrow(/^atLeast: /);
  const two = draft({ output: 'some', predicate: 'at-least', atLeast: 2 });
  expect(two.output).toMatchObject({ predicate: 'at-least', atLeast: 2 });
});

test.each<[field: string, change: Partial<RequestParams>]>([
  ['minCount', { output: 'all', minCount: 5 }],
  ['epsilon', { output: 'all', epsilon: '1' }],
  ['identifiersPerRecord', { output: 'all', identifiersPerRecord: 2 }],
  ['padTo', { output: 'all', padTo: 64 }],
  ['labels', { output: 'all', labels: [] }],
  ['receivers', { receivers: ['alba'] }],
  ['predicate', { predicate: 'all' }],
  ['which', { which: true }],
])('%s has no place in the other kind of output', (field, change) => {
  expect(() => draft(change)).toThrow(new RegExp(`^${field}: is for`));
});
