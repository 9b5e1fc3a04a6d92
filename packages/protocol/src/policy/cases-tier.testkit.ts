/** Cases about urgency, approvals and oversight (clauses-tier.ts). */
import { requestId } from './request.ts';
import { standingId } from '../agreement/signed.ts';
import type { Case } from './cases.testkit.ts';
import { hashOf, keyOf } from './world-agreement.testkit.ts';
import { approvalBy, hour, minute, nowMs, type World } from './world.testkit.ts';

const on =
  (base: Case['base']) =>
  (name: string, edit: (w: World) => void, ...want: string[]): Case => ({ name, base, edit, want });
const pair = on('pair');
const threat = on('threat');
const tooFew = 'approval.too-few tiers.routine.approvals';
const tooFewNow = 'approval.too-few tiers.imminent.approvals';

/** Change the first approval: alba's, in the requests of two. */
const first = (change: Partial<World['approvals'][number]>) => (w: World) =>
  void (w.approvals[0] = { ...(w.approvals[0] as World['approvals'][number]), ...change });
const idOf = (w: World): string =>
  requestId({ ...w.request, agreement: w.request.agreement ?? standingId(w.agreement) });
/** The emergency of the request, declared at another time. */
const declared = (atMs: number) => (w: World) =>
  void (w.state.emergencies = [{ id: hashOf('emergency'), declaredAtMs: atMs, review: null }]);
/** The emergency of the request, and others that wait for their review. */
const waiting =
  (...times: number[]) =>
  (w: World) =>
    void w.state.emergencies.push(
      ...times.map((declaredAtMs, i) => ({ id: hashOf(`emergency ${i}`), declaredAtMs, review: null })),
    );
const reviewed =
  (declaredAtMs: number, finding: 'justified' | 'not-justified', atMs = nowMs - minute) =>
  (w: World) =>
    void (w.state.emergencies = [{ id: hashOf('emergency'), declaredAtMs, review: { atMs, finding } }]);
const phase =
  (name: World['state']['phase'], ...approvals: [string, string | null][]) =>
  (w: World) => {
    w.state.phase = name;
    w.approvals = approvals.map(([of, officer]) => approvalBy(of, officer));
  };

const tooFewKeepers = 'custodian.too-few tiers.routine.custodians';
/** One custodian of each party is asked in the routine tier; these approve beside the others. */
const custodians =
  (...approvals: [string, string][]) =>
  (w: World) => {
    w.agreement.tiers.routine.custodians = 1;
    w.approvals.push(...approvals.map(([of, officer]) => approvalBy(of, officer)));
  };
/** Somebody's key was replaced by the one that asks. */
const askingKeyOf = (of: string, officer: string | null) => (w: World) =>
  void w.state.membership.keys.push({ of, officer, publicKey: keyOf('alba/ana') });

export const tierCases: readonly Case[] = [
  pair(
    'an emergency with an output that has none',
    (w) => ((w.request.tier = 'imminent'), (w.request.emergency = hashOf('emergency')), declared(nowMs)(w)),
    'tier.not-of-output outputs.0.tiers',
    tooFewNow,
    tooFewNow,
  ),
  threat(
    'an emergency where no tier is agreed',
    (w) => {
      w.agreement.tiers.imminent = null;
      for (const one of w.agreement.outputs) one.tiers = ['routine'];
    },
    'tier.not-of-output outputs.2.tiers',
    'tier.absent tiers.imminent',
  ),
  pair("proposing: the proposer's approval", phase('propose', ['alba', 'approver-1'], ['watch', null])),
  pair('proposing: without it', phase('propose', ['borea', 'approver-1'], ['watch', null]), tooFew),
  pair(
    'consenting: only the proposer approved',
    phase('consent', ['alba', 'approver-1'], ['watch', null]),
    tooFew,
  ),
  pair('consenting: only we approved', phase('consent', ['borea', 'approver-1'], ['watch', null]), tooFew),
  threat('starting: only two of three approved', (w) => void (w.state.phase = 'start'), tooFewNow),
  threat('consenting: one approver of two', (w) => void w.approvals.pop(), tooFewNow),
  threat(
    'consenting as collector: only the proposer approved',
    (w) => (
      (w.state.self = 'hub'),
      w.state.membership.notSuspended.push({ from: 'borea', atMs: nowMs }),
      w.state.clock.offsets.push({ peer: 'borea', offsetMs: 0 }),
      w.state.ledger.partners.push({
        ...(w.state.ledger.partners[0] as World['state']['ledger']['partners'][number]),
        partner: 'borea',
      }),
      void (w.approvals = w.approvals.slice(0, 2))
    ),
  ),
  pair(
    'approved by nobody whom the agreement names',
    first({ officer: 'stranger' }),
    'approval.unknown parties',
    tooFew,
  ),
  pair('approved by an officer of nobody', first({ of: 'delta' }), 'approval.unknown parties', tooFew),
  pair(
    'authorised by a body that the agreement does not name',
    (w) => void (w.approvals[2] = approvalBy('strange', null)),
    'approval.unknown parties',
    'oversight.not-authorised tiers.routine.oversight',
  ),
  pair(
    'approved by the requester',
    first(approvalBy('alba', 'ana')),
    'approval.requester parties.0.officers',
    tooFew,
  ),
  pair(
    'approved by a custodian',
    first(approvalBy('alba', 'keeper')),
    'approval.role parties.0.officers',
    tooFew,
  ),
  pair(
    'approved by an auditor',
    (w) => (
      w.agreement.parties[0]?.officers.push({ id: 'eye', role: 'auditor', publicKey: keyOf('alba/eye') }),
      first(approvalBy('alba', 'eye'))(w)
    ),
    'approval.role parties.0.officers',
    tooFew,
  ),
  pair(
    "approved with the requester's key, which an approver took over",
    (w) => (first({ key: 'alba/ana' })(w), askingKeyOf('alba', 'approver-1')(w)),
    'approval.requester parties.0.officers',
    tooFew,
  ),
  pair(
    "approved with the requester's key, which our approver took over",
    (w) => (
      (w.approvals[1] = { ...approvalBy('borea', 'approver-1'), key: 'alba/ana' }),
      askingKeyOf('borea', 'approver-1')(w)
    ),
    'approval.requester parties.1.officers',
    tooFew,
  ),
  pair(
    "authorised with the requester's key, which the body took over",
    (w) => (
      (w.approvals[2] = { ...approvalBy('watch', null), key: 'alba/ana' }), askingKeyOf('watch', null)(w)
    ),
    'approval.requester oversight.0',
    'oversight.not-authorised tiers.routine.oversight',
  ),
  pair('custodians are asked, and both consent', custodians(['alba', 'keeper'], ['borea', 'keeper'])),
  pair('custodians are asked: ours is missing', custodians(['alba', 'keeper']), tooFewKeepers),
  pair("custodians are asked: the proposer's is missing", custodians(['borea', 'keeper']), tooFewKeepers),
  pair(
    'custodians are asked, and approvers are none',
    custodians(['alba', 'approver-2'], ['borea', 'keeper']),
    tooFewKeepers,
  ),
  pair(
    'custodians are asked, and are no approvers',
    (w) => (custodians(['borea', 'keeper'])(w), first(approvalBy('alba', 'keeper'))(w)),
    tooFew,
  ),
  pair(
    'proposing: our custodian need not have consented',
    (w) => (phase('propose', ['alba', 'approver-1'], ['watch', null])(w), custodians(['alba', 'keeper'])(w)),
  ),
  pair(
    "proposing without the proposer's custodian",
    (w) => (phase('propose', ['alba', 'approver-1'], ['watch', null])(w), custodians()(w)),
    tooFewKeepers,
  ),
  pair(
    'custodians are asked, and an auditor approves',
    (w) => (
      w.agreement.parties[0]?.officers.push({ id: 'eye', role: 'auditor', publicKey: keyOf('alba/eye') }),
      custodians(['alba', 'keeper'], ['borea', 'keeper'])(w),
      first(approvalBy('alba', 'eye'))(w)
    ),
    'approval.role parties.0.officers',
    tooFew,
  ),
  pair(
    'custodians are asked, and another analyst approves, too',
    custodians(['alba', 'keeper'], ['borea', 'keeper'], ['borea', 'ana']),
    'approval.role parties.1.officers',
  ),
  threat(
    'an emergency where no tier is agreed, to which a custodian consents',
    (w) => {
      w.agreement.tiers.imminent = null;
      for (const one of w.agreement.outputs) one.tiers = ['routine'];
      w.approvals.push(approvalBy('alba', 'keeper'));
    },
    'tier.not-of-output outputs.2.tiers',
    'tier.absent tiers.imminent',
    'approval.role parties.0.officers',
  ),
  threat(
    'custodians are asked in an emergency, too',
    (w) => void ((w.agreement.tiers.imminent as { custodians: number }).custodians = 1),
    'custodian.too-few tiers.imminent.custodians',
    'custodian.too-few tiers.imminent.custodians',
  ),
  threat('custodians are asked in an emergency, and consent', (w) => {
    (w.agreement.tiers.imminent as { custodians: number }).custodians = 1;
    w.approvals.push(approvalBy('alba', 'keeper'), approvalBy('borea', 'keeper'));
  }),
  pair(
    "approved by our analyst of the requester's name",
    (w) => void w.approvals.push(approvalBy('borea', 'ana')),
    'approval.role parties.1.officers',
  ),
  pair(
    'approved for another request',
    first({ change: { request: hashOf('another request') } }),
    'approval.other-request parties.0.officers',
    tooFew,
  ),
  pair('approval a millisecond before its end', first({ change: { expiresAtMs: nowMs + 1 } })),
  pair(
    'approval at its end',
    first({ change: { expiresAtMs: nowMs } }),
    'approval.expired parties.0.officers',
    tooFew,
  ),
  pair(
    'approval used before',
    (w) => void w.state.approvalsUsed.push(hashOf('approval 0').slice(0, 32)),
    'approval.used parties.0.officers',
    tooFew,
  ),
  threat(
    'one approver twice',
    (w) => void (w.approvals[1] = approvalBy('alba', 'approver-1')),
    'approval.repeated parties.0.officers',
    tooFewNow,
  ),
  threat(
    'one approval id twice',
    (w) =>
      void ((w.approvals[1] as World['approvals'][number]).change = {
        id: hashOf('approval 0').slice(0, 32),
      }),
    'approval.repeated parties.0.officers',
    tooFewNow,
  ),
  pair(
    "signed with a colleague's key",
    first({ key: 'alba/approver-2' }),
    'approval.signature parties.0.officers',
    tooFew,
  ),
  pair(
    'a flipped bit in the signature',
    first({ change: { signature: '00'.repeat(64) } }),
    'approval.signature parties.0.officers',
    tooFew,
  ),
  pair(
    'signed with a key that replaced the agreed one',
    (w) => (
      first({ key: 'alba/new' })(w),
      w.state.membership.keys.push({ of: 'alba', officer: 'approver-1', publicKey: keyOf('alba/new') })
    ),
  ),
  pair(
    'signed with the key that was replaced',
    (w) =>
      void w.state.membership.keys.push({ of: 'alba', officer: 'approver-1', publicKey: keyOf('alba/new') }),
    'approval.signature parties.0.officers',
    tooFew,
  ),
  pair(
    "another officer's key was replaced",
    (w) =>
      void w.state.membership.keys.push(
        { of: 'alba', officer: 'approver-2', publicKey: keyOf('alba/new') },
        { of: 'borea', officer: 'approver-2', publicKey: keyOf('alba/new') },
      ),
  ),
  pair(
    'oversight has not authorised',
    (w) => void w.approvals.pop(),
    'oversight.not-authorised tiers.routine.oversight',
  ),
  pair(
    'authorised by a body without the power',
    (w) => void (w.approvals[2] = approvalBy('inspect', null)),
    'approval.power oversight.1',
    'oversight.not-authorised tiers.routine.oversight',
  ),
  pair(
    'oversight is only notified',
    (w) => ((w.agreement.tiers.routine.oversight = 'notified'), void w.approvals.pop()),
  ),
  pair(
    'a veto of another request',
    (w) => void w.state.vetoes.push({ by: 'watch', request: hashOf('another request') }),
  ),
  pair(
    'a veto',
    (w) => void w.state.vetoes.push({ by: 'inspect', request: idOf(w) }),
    'oversight.veto oversight',
  ),
  pair(
    'an emergency named in the routine tier',
    (w) => ((w.request.emergency = hashOf('emergency')), declared(nowMs)(w)),
    'emergency.not-imminent tiers.routine',
  ),
  threat(
    'no emergency declared',
    (w) => ((w.request.emergency = null), void (w.state.emergencies = [])),
    'emergency.undeclared tiers.imminent.lastsHours',
  ),
  threat('declared in the future, within the tolerance', declared(nowMs + minute)),
  threat(
    'declared in the future',
    declared(nowMs + minute + 1),
    'emergency.from-future tiers.imminent.lastsHours',
  ),
  threat(
    'a millisecond before it lapses',
    (w) => (declared(nowMs - 24 * hour + 1)(w), void (w.request.expiresAtMs = nowMs + 1)),
  ),
  threat(
    'as it lapses',
    declared(nowMs - 24 * hour),
    'emergency.lapsed tiers.imminent.lastsHours',
    'emergency.outlived tiers.imminent.lastsHours',
  ),
  threat('the proposal expires as the emergency lapses', declared(nowMs - 23 * hour)),
  threat(
    'the proposal expires a millisecond later',
    declared(nowMs - 23 * hour - 1),
    'emergency.outlived tiers.imminent.lastsHours',
  ),
  threat(
    'an emergency that nobody told us of',
    (w) => void (w.request.emergency = hashOf('another emergency')),
    'emergency.unknown tiers.imminent.lastsHours',
  ),
  threat('oversight has found it justified', reviewed(nowMs - hour, 'justified')),
  threat(
    'oversight has found it not justified',
    reviewed(nowMs - hour, 'not-justified'),
    'emergency.not-justified tiers.imminent.oversight',
  ),
  threat('another review is due now', waiting(nowMs - 72 * hour)),
  threat(
    'another review is a millisecond late',
    waiting(nowMs - 72 * hour - 1),
    'tier.locked tiers.imminent.reviewWithinHours',
  ),
  threat(
    'the review of its own emergency is late',
    declared(nowMs - 72 * hour - 1),
    'emergency.lapsed tiers.imminent.lastsHours',
    'emergency.outlived tiers.imminent.lastsHours',
    'tier.locked tiers.imminent.reviewWithinHours',
  ),
  threat(
    'another review came late',
    (w) =>
      void w.state.emergencies.push({
        id: hashOf('emergency 0'),
        declaredAtMs: nowMs - 99 * hour,
        review: { atMs: nowMs - hour, finding: 'not-justified' },
      }),
  ),
  pair('a late review locks no other tier', waiting(nowMs - 72 * hour - 1)),
  threat('one other emergency waits for its review', waiting(nowMs - 2 * hour)),
  threat(
    'two other emergencies wait',
    waiting(nowMs - 3 * hour, nowMs - 2 * hour),
    'emergency.too-many tiers.imminent.maxUnreviewed',
  ),
];
