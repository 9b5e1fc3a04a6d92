/** What an analyst says becomes a request that the agreement permits as it stands, or one error that names the field. */
import { systemRandom } from '@tallystick/host/random';
import { type StandingAgreement, standingId } from '@tallystick/protocol/agreement';
import {
  checkRequestShape,
  checkTerms,
  decide,
  requestId,
  signApproval,
  signRequest,
} from '@tallystick/protocol/policy';
import { describe, expect, test } from 'vitest';
import { agreementOf, hashOf, signerOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import {
  hour,
  nowMs,
  sealWorld,
  signAll,
  worldOf,
} from '../../packages/protocol/src/policy/world.testkit.ts';
import type { RequestParams } from '../../packages/node/src/control/standing-api.ts';
import { createStandingProposal, draftRequest } from '../../packages/node/src/session/standing-proposal.ts';
import { pairAsked } from '../session/standing.testkit.ts';

type Edit = (agreement: StandingAgreement) => void;
const none: Edit = () => undefined;

/** What a person need not say is left out. */
const { subject: _, receivers: __, records: ___, ...said } = pairAsked;
const pair: RequestParams = { ...said, with: ['borea'] };
const numbers: RequestParams = {
  ...pair,
  purpose: 'measure',
  uses: ['statistics'],
  output: 'numbers',
  with: ['cedra', 'borea'],
};
const threat: RequestParams = {
  ...pair,
  tier: 'imminent',
  emergency: hashOf('emergency'),
  output: 'threat',
  with: ['borea', 'cedra'],
  predicate: 'all',
};

function draft(params: RequestParams, edit: Edit = none) {
  const agreement = agreementOf();
  edit(agreement);
  const agreementId = standingId(agreement);
  const drafted = draftRequest({ params, agreement, agreementId, self: 'alba', nowMs, random: systemRandom });
  return { agreement, ...drafted };
}

/** What a node of the proposer would say of it, with everything else in order. */
function failures(base: 'pair' | 'numbers' | 'threat', params: RequestParams, edit: Edit = none): string[] {
  const { agreement, draft: request, id } = draft(params, edit);
  const world = worldOf(base);
  const { approvals } = world;
  const { state } = sealWorld(world);
  const signed = approvals.map(({ of, officer, key }, i) => {
    const body = { id: hashOf(String(i)).slice(0, 32), of, officer, request: id, expiresAtMs: nowMs + hour };
    return signApproval(body, signerOf(key));
  });
  const known = { ...state, self: 'alba', announced: [], phase: 'propose' };
  const others = ['borea', 'cedra'];
  const membership = {
    ...state.membership,
    notSuspended: [...others, 'watch', 'inspect'].map((from) => ({ from, atMs: nowMs })),
  };
  const clock = {
    ...state.clock,
    offsets: [...others, 'hub', 'hub-2'].map((peer) => ({ peer, offsetMs: 0 })),
  };
  const [partner] = state.ledger.partners;
  const ledger = { ...state.ledger, partners: others.map((one) => ({ ...partner, partner: one })) };
  const all = { ...known, membership, clock, ledger };
  const asked = { ...signRequest(request, signerOf(`alba/${request.requester}`)), approvals: signed };
  const decision = decide(signAll(agreement), [], asked, all, nowMs);
  return decision.kind === 'permit' ? [] : decision.failed.map(({ code, at }) => `${code} ${at}`);
}

describe('what the agreement leaves no choice about need not be said', () => {
  test.each<['pair' | 'numbers' | 'threat', RequestParams]>([
    ['pair', pair],
    ['numbers', numbers],
    ['threat', threat],
  ])('%s: permitted as it is drafted', (base, params) => {
    expect(failures(base, params)).toEqual([]);
  });

  test('times, nonce and commitment are its own; the case stays here', () => {
    const [one, two] = [draft(pair), draft(pair)];
    expect(one.id).toBe(requestId(one.draft));
    expect(one.draft).toMatchObject({
      agreement: standingId(one.agreement),
      proposer: 'alba',
      createdAtMs: nowMs,
      expiresAtMs: nowMs + hour,
      retentionDays: 30,
      output: { receivers: ['alba'], marks: { tlp: 'AMBER', pap: 'GREEN' } },
      collectors: [],
    });
    expect(one.caseReference.reference).toBe('case 7');
    expect(JSON.stringify(one.draft)).not.toContain('case 7');
    for (const field of ['nonce', 'caseCommitment'] as const) {
      expect(one.draft[field]).not.toBe(two.draft[field]);
    }
    expect(one.id).not.toBe(two.id);
  });

  test('counts go to every party and are charged in noise; matches in records, as many as may be', () => {
    expect(draft(numbers).draft).toMatchObject({
      output: { receivers: ['alba', 'borea', 'cedra'], statistics: ['histogram'] },
      cost: { microEpsilon: 500_000, femtoDelta: 1_000_000, records: 0 },
      collectors: ['hub'],
    });
    // A session's share of what a pair has a day.
    const least: Edit = ({ caps }) => void ((caps.pairRecordsPerDay = 77), (caps.pairSessionsPerDay = 3));
    const small: Edit = ({ lists }) => lists.forEach((one) => void (one.maxIdentifiers = 700));
    expect(draft(pair, small).draft.cost.records).toBe(700);
    expect(draft(pair).draft.cost).toEqual({ microEpsilon: 0, femtoDelta: 0, records: 50_000 });
    expect(draft(pair, least).draft.cost.records).toBe(25);
    const exact: Edit = (agreement) => void (agreement.privacy.noise = null);
    expect(draft(numbers, exact).draft.cost).toEqual({ microEpsilon: 0, femtoDelta: 0, records: 50_000 });
  });

  test('who brings a list is not asked to collect while somebody else may', () => {
    const first: Edit = (agreement) => {
      for (const one of agreement.outputs)
        if (one.id === 'threat') one.collectors = ['cedra', 'hub', 'hub-2'];
    };
    expect(draft(threat, first).draft.collectors).toEqual(['hub', 'hub-2']);
    expect(failures('threat', threat, first)).toEqual([]);
  });

  test('one predicate is taken; of several one must be said', () => {
    const { predicate: _, ...unsaid } = threat;
    const only: Edit = (agreement) => {
      for (const one of agreement.outputs)
        if (one.id === 'threat' && one.kind === 'matches') one.predicates = ['all'];
    };
    expect(failures('threat', unsaid, only)).toEqual([]);
    expect(() => draft(unsaid)).toThrow('predicate: want one of all, at-least');
  });
});

const twoLists: Edit = (agreement) => {
  const [list] = agreement.lists;
  if (list) agreement.lists.push({ ...list, party: 'borea', category: 'missing' });
};
const twoSubjects: Edit = (agreement) => {
  const others = agreement.lists.map((list) => ({ ...list, subject: 'organisation' as const }));
  agreement.lists = [...agreement.lists, ...others];
};

test('where it leaves a choice, what is said is taken', () => {
  const category = { ...pair, categories: { borea: 'missing' as const } };
  expect(draft(category, twoLists).draft.lists).toEqual([
    { party: 'alba', category: 'wanted' },
    { party: 'borea', category: 'missing' },
  ]);
  expect(draft({ ...pair, subject: 'organisation' }, twoSubjects).draft.subject).toBe('organisation');
  const said = draft({
    ...pair,
    receivers: ['borea', 'alba'],
    records: 5,
    retentionDays: 3,
    expiresInMinutes: 7,
    light: true,
  });
  expect(said.draft).toMatchObject({
    output: { receivers: ['borea', 'alba'] },
    cost: { records: 5 },
    retentionDays: 3,
    expiresAtMs: nowMs + 7 * 60_000,
    verified: false,
  });
});

test.each<[string, RequestParams, Edit, string]>([
  ['an output that is none', { ...pair, output: 'pairs' }, none, 'output: want one of pair, numbers, threat'],
  ['one of two subjects', pair, twoSubjects, 'subject: want one'],
  ['one of two lists', pair, twoLists, 'categories.borea: want one of wanted, missing'],
  ['nobody of that name', { ...pair, with: ['delta'] }, none, 'delta'],
  [
    'a list that nobody brings',
    { ...pair, subject: 'organisation' },
    none,
    'categories.alba: want one of none',
  ],
  ['ourselves', { ...pair, with: ['alba', 'borea'] }, none, 'with: alba is this node'],
  ['somebody twice', { ...pair, with: ['borea', 'borea'] }, none, 'with: want each party once'],
])('refused, naming the field: %s', (_, params, edit, want) => {
  expect(() => draft(params, edit)).toThrow(
    expect.objectContaining({ code: 'argument.invalid', message: expect.stringContaining(want) as string }),
  );
});

describe('what is drafted is a request, whatever was asked', () => {
  test.each<[string, RequestParams]>([
    ['a purpose that is not agreed', { ...pair, purpose: 'curiosity' }],
    ['a receiver twice', { ...pair, receivers: ['alba', 'alba'] }],
    ['a tier without its emergency', { ...threat, emergency: undefined } as unknown as RequestParams],
    ['longer than agreed', { ...pair, expiresInMinutes: 43_200 }],
  ])('%s: its shape is in order, and decisions deny it', (_, params) => {
    const request = signRequest(draft(params).draft, signerOf('alba/ana'));
    expect(checkRequestShape(request).problems).toEqual([]);
  });
});

test('the proposal of a request says what the request says', () => {
  const { agreement, draft: unsigned, caseReference } = draft(pair);
  const request = signRequest(unsigned, signerOf('alba/ana'));
  const facts = { agreement, request, keys: [] };
  const self = { id: 'alba', sign: signerOf('alba') } as unknown as Parameters<
    typeof createStandingProposal
  >[3];
  const session = '0'.repeat(32);
  const own = createStandingProposal(session, facts, caseReference, self, nowMs + 5, systemRandom);
  expect(own.caseReference).toBe(caseReference);
  expect(own.proposal).toMatchObject({
    session,
    proposer: 'alba',
    proposedAtMs: nowMs + 5,
    expiresAtMs: request.expiresAtMs,
    agreement: { standing: { agreement: standingId(agreement), request: requestId(request) } },
  });
  expect(checkTerms(facts, own.proposal)).toEqual([]);
});
