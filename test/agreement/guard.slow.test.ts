/** The facts of a decision reach it as they are: each port, changed alone, denies by its clause. */
import { createSingleUse } from '@tallystick/host/approvals';
import { fakeClock } from '@tallystick/host/clock';
import type { LedgerBooks } from '@tallystick/host/ledger';
import type { Greeting } from '@tallystick/host/pump';
import { memoryStore } from '@tallystick/host/store';
import { standingId } from '@tallystick/protocol/agreement';
import { type Approval, type PolicyRequest, requestId, signApproval } from '@tallystick/protocol/policy';
import type { MessageOf } from '@tallystick/protocol/wire';
import { describe, expect, test } from 'vitest';
import { hashOf, signerOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import { nowMs, sealWorld, worldOf } from '../../packages/protocol/src/policy/world.testkit.ts';
import { createStandingProposal } from '../../packages/node/src/session/standing-proposal.ts';
import { type GuardPorts, type SessionKnowledge, StandingGuard } from '@tallystick/node/guard';

const sealed = sealWorld(worldOf('pair'));
const { agreement } = sealed.agreement;
const agreementId = standingId(agreement);
const { state } = sealed;
const watchs = sealed.request.approvals.filter(({ of }) => of === 'watch');
const request: PolicyRequest = {
  ...sealed.request,
  approvals: sealed.request.approvals.filter(({ of }) => of === 'alba'),
};
const boreas = sealed.request.approvals.filter(({ of }) => of === 'borea');

function proposalOf(asked: PolicyRequest, session = '1'.repeat(32)): MessageOf<'proposal'> {
  const facts = { agreement, request: asked, keys: [] };
  const self = { id: 'alba', sign: signerOf('alba') } as unknown as Parameters<
    typeof createStandingProposal
  >[3];
  return createStandingProposal(session, facts, null, self, nowMs, (n) => new Uint8Array(n).fill(9)).proposal;
}

const held = { id: agreementId, signed: sealed.agreement };
const good: Greeting = { protocol: 1, version: '0.2.0', offsetMs: 0 };

/** The guard of borea, which is asked, and what it permits. */
function guardOf(change: Partial<GuardPorts> = {}): { guard: StandingGuard; ports: GuardPorts } {
  const ports: GuardPorts = {
    agreements: {
      get: (id) => (id === agreementId ? held : undefined),
      list: () => [held],
      versions: () => [{ id: agreementId, version: agreement.version, notBeforeMs: 0 }],
    },
    rules: [],
    singleUse: createSingleUse(memoryStore(), fakeClock(nowMs)),
    books: { list: () => [] } as Partial<LedgerBooks> as LedgerBooks,
    isClockTrusted: () => true,
    version: '0.2.0',
    membership: () => state.membership,
    vetoes: () => [],
    authorisations: () => watchs,
    emergencies: () => [],
    log: () => state.log,
    ...change,
  };
  return { guard: new StandingGuard('borea', ports), ports };
}

const knowledgeOf = (change: Partial<SessionKnowledge> = {}): SessionKnowledge => ({
  proposal: proposalOf(request),
  nowMs,
  greetings: new Map([['alba', good]]),
  approvals: boreas,
  announced: [{ party: 'borea', identifiers: 5_000 }],
  listVersion: hashOf('list'),
  ...change,
});

const failures = (ports: Partial<GuardPorts>, knowledge: Partial<SessionKnowledge> = {}): string[] =>
  guardOf(ports)
    .guard.failures('consent', knowledgeOf(knowledge))
    .map(({ clause, code }) => `${clause} ${code}`);

test('what everything speaks for is permitted', () => {
  expect(failures({})).toEqual([]);
});

describe('what a partner said as its channel opened', () => {
  const greeted = (change: Partial<Greeting>) => ({ greetings: new Map([['alba', { ...good, ...change }]]) });
  const clauseMs = agreement.freshness.clockSeconds * 1_000;
  test.each<[string, Partial<Greeting>, string[]]>([
    ['an older software', { version: '0.1.9' }, ['software.minVersion software.too-old']],
    ['a newer software', { version: '1.0.0' }, []],
    ['a version that is none', { version: 'newest' }, ['software.minVersion software.unknown']],
    ['no version', { version: '' }, ['software.minVersion software.unknown']],
    ['a clock that is just near enough', { offsetMs: -clauseMs }, []],
    ['a clock that is behind', { offsetMs: -clauseMs - 1 }, ['freshness.clockSeconds clock.off']],
    ['a clock that is ahead', { offsetMs: clauseMs + 1 }, ['freshness.clockSeconds clock.off']],
    [
      'a clock of another age',
      { offsetMs: Number.MAX_SAFE_INTEGER - 1 },
      ['freshness.clockSeconds clock.off'],
    ],
  ])('%s', (_, change, want) => {
    expect(failures({}, greeted(change))).toEqual(want);
  });

  test('nothing: its clock and its version are not known', () => {
    expect(failures({}, { greetings: new Map() })).toEqual([
      'freshness.clockSeconds clock.unknown',
      'software.minVersion software.unknown',
    ]);
  });
});

describe('each port, changed alone', () => {
  const used = (id: string) => ({
    taken: () => ({ noncesSeen: [], approvalsUsed: [id] }),
    claim: () => undefined,
  });
  test.each<[string, Partial<GuardPorts>, string]>([
    ['our clock jumped', { isClockTrusted: () => false }, 'freshness.clockSeconds clock.jumped'],
    ['our software is too old', { version: '0.1.0' }, 'software.minVersion software.too-old'],
    ['a rule of our own', { rules: [{ rule: 'purposes', only: ['measure'] }] }, 'rules.0 rule.purposes'],
    ['a veto', { vetoes: (id) => [{ by: 'watch', request: id }] }, 'oversight oversight.veto'],
    ['no authorisation', { authorisations: () => [] }, 'tiers.routine.oversight oversight.not-authorised'],
    [
      'a suspension',
      { membership: () => ({ ...state.membership, suspendedBy: ['watch'] }) },
      'suspension.by suspended',
    ],
    ['a broken log', { log: () => ({ ...state.log, intact: false }) }, 'freshness.witnessHours log.broken'],
    [
      'another agreement of this version',
      {
        agreements: {
          ...guardOf().ports.agreements,
          versions: () => [{ id: hashOf('x'), version: agreement.version, notBeforeMs: 0 }],
        },
      },
      'version version.conflict',
    ],
    [
      'a later version in force',
      {
        agreements: {
          ...guardOf().ports.agreements,
          versions: () => [{ id: hashOf('x'), version: agreement.version + 1, notBeforeMs: nowMs }],
        },
      },
      'version version.superseded',
    ],
    [
      'the nonce was seen',
      {
        singleUse: {
          taken: () => ({ noncesSeen: [request.nonce], approvalsUsed: [] }),
          claim: () => undefined,
        },
      },
      'caps.proposalMinutes proposal.replayed',
    ],
    ['an approval was used', { singleUse: used(boreas[0]?.id ?? '') }, 'parties.1.officers approval.used'],
  ])('%s', (_, ports, want) => {
    expect(failures(ports)).toContain(want);
  });

  test.each(['membership', 'vetoes', 'emergencies', 'log'] as const)(
    'without %s it is not known, which denies',
    (port) => {
      expect(failures({ [port]: undefined })).toContain(`state.${port} field.missing`);
    },
  );
});

describe('approvals from everywhere', () => {
  const late: Approval = { ...(watchs[0] as Approval), expiresAtMs: nowMs };
  test('one that two stations show counts once; one that is over is not shown at all', () => {
    expect(failures({ authorisations: () => [...watchs, ...watchs] })).toEqual([]);
    expect(failures({}, { approvals: [...boreas, ...boreas, ...request.approvals] })).toEqual([]);
    expect(failures({ authorisations: () => [late, ...watchs] })).toEqual([]);
    expect(failures({ authorisations: () => [late] })).toContain(
      'tiers.routine.oversight oversight.not-authorised',
    );
  });

  test('two different ones of one approver are one too many', () => {
    const [one] = boreas as [Approval];
    const { signature: _, ...body } = one;
    const again = signApproval({ ...body, id: hashOf('again').slice(0, 32) }, signerOf('borea/approver-1'));
    expect(failures({}, { approvals: [one, again] })).toContain('parties.1.officers approval.repeated');
  });

  test('a claim takes them all for this session, and nothing of them for another', () => {
    const { guard, ports } = guardOf();
    const first = knowledgeOf();
    expect(guard.failures('consent', first)).toEqual([]);
    guard.claim(first.proposal, boreas, nowMs);
    expect(guard.failures('consent', first)).toEqual([]);
    const again = knowledgeOf({ proposal: proposalOf(request, '2'.repeat(32)) });
    const codes = guard.failures('consent', again).map(({ code }) => code);
    expect(codes).toContain('proposal.replayed');
    // The proposer's, our own, and what oversight said: all three are used up.
    expect(codes.filter((code) => code === 'approval.used').length).toBe(3);
    expect(() => guard.claim(again.proposal, boreas, nowMs)).toThrow(
      expect.objectContaining({ code: 'agreement.denied' }),
    );
    const other = { ...request, nonce: hashOf('other nonce'), approvals: [] };
    expect(ports.singleUse.taken('3'.repeat(32), other)).toEqual({ noncesSeen: [], approvalsUsed: [] });
  });
});

describe('which agreement', () => {
  test('one that is not held: denied before anything else is looked at', () => {
    const proposal = { ...proposalOf(request), request: { ...request, agreement: hashOf('other') } };
    expect(failures({}, { proposal })).toEqual(['agreement agreement.unknown']);
    expect(guardOf().guard.unheld(proposal)).toMatchObject([{ at: 'request.agreement' }]);
  });

  test('none: denied by a node that holds one, and no matter to a node that holds none', () => {
    const proposal = { ...proposalOf(request), request: null };
    expect(failures({}, { proposal })).toEqual(['agreement agreement.required']);
    const empty = { ...guardOf().ports.agreements, list: () => [] };
    expect(failures({ agreements: empty }, { proposal })).toEqual([]);
  });

  test('terms that say something else than the request', () => {
    const proposal = structuredClone(proposalOf(request));
    proposal.agreement.recipes = ['name'];
    expect(failures({}, { proposal })).toContain('request.recipes terms.differ');
    const asBorea = { ...proposalOf(request), proposer: 'borea' };
    expect(failures({}, { proposal: asBorea })).toContain('request.proposer terms.differ');
  });
});

test('oversight is told of what it may have a say in, and of nothing else', () => {
  const told: string[] = [];
  const { guard } = guardOf({ tell: (one) => void told.push(requestId(one)) });
  guard.tell({ request: null });
  guard.tell({ request: { ...request, agreement: hashOf('other') } });
  expect(told).toEqual([]);
  guard.tell({ request });
  expect(told).toEqual([requestId(request)]);
});

test('the log is shown to those who bring a list, and not to ourselves', async () => {
  const asked: (readonly string[])[] = [];
  const { guard } = guardOf({
    witness: async (partners) => void asked.push(partners),
    log: (partners) => {
      asked.push(partners);
      return state.log;
    },
  });
  await guard.witnessed(request);
  guard.failures('consent', knowledgeOf());
  expect(asked).toEqual([['alba'], ['alba']]);
});
