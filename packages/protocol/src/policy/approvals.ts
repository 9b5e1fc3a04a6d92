/**
 * Approvals: which of those given count, and what is wrong with the rest.
 *
 * Purpose: an approval counts once, for one request, in time, from an officer with the role approver, or with the role
 * custodian where the tier asks custodians; never under the key that asks. One that does not is a failed clause, not an
 * approval less. Who asks has signed the request: that is looked at here too.
 * Assumes: strict Ed25519. Does not know: how many are needed.
 */
import type { StandingAgreement } from '../agreement/standing.ts';
import type { ClauseCode } from './denial-texts.ts';
import type { FailedClause, Facts, Failure } from './failure.ts';
import { currentKey } from './keys.ts';
import {
  type Approval,
  isApprovalSigned,
  isRequestSigned,
  type PolicyRequest,
  requestId,
} from './request.ts';
import type { PolicyState } from './state.ts';

/** Of the facts of a decision, those that say whether an approval counts. */
export interface ApprovalFacts extends Pick<Facts, 'agreement' | 'request' | 'requestId' | 'nowMs'> {
  readonly state: Pick<PolicyState, 'approvalsUsed'> & {
    readonly membership: Pick<PolicyState['membership'], 'keys'>;
  };
}

type Role = StandingAgreement['parties'][number]['officers'][number]['role'];

interface Signer {
  readonly publicKey: string;
  /** Null: an oversight body. */
  readonly role: Role | null;
  readonly clause: string;
  /** What keeps this signer from approving; undefined: nothing. */
  readonly refusal: ClauseCode | undefined;
}

function bodyOf(facts: ApprovalFacts, { of }: Approval): Signer | undefined {
  const at = facts.agreement.oversight.findIndex(({ id }) => id === of);
  const body = facts.agreement.oversight[at];
  if (body === undefined) return undefined;
  const refusal = body.powers.includes('authorise') ? undefined : 'approval.power';
  return {
    publicKey: currentKey(facts.state.membership.keys, of, null, body.publicKey),
    role: null,
    clause: `oversight.${at}`,
    refusal,
  };
}

function signerOf(facts: ApprovalFacts, approval: Approval): Signer | undefined {
  if (approval.officer === null) return bodyOf(facts, approval);
  const { request, agreement } = facts;
  const at = agreement.parties.findIndex(({ id }) => id === approval.of);
  const officer = agreement.parties[at]?.officers.find(({ id }) => id === approval.officer);
  if (officer === undefined) return undefined;
  const { role } = officer;
  const counts =
    role === 'approver' || (role === 'custodian' && (agreement.tiers[request.tier]?.custodians ?? 0) > 0);
  const publicKey = currentKey(facts.state.membership.keys, approval.of, approval.officer, officer.publicKey);
  return { publicKey, role, clause: `parties.${at}.officers`, refusal: counts ? undefined : 'approval.role' };
}

/** Who asks, by the key in use; undefined: nobody whom the agreement names. */
function requesterOf({ agreement, request, state }: ApprovalFacts): Requester {
  const at = agreement.parties.findIndex(({ id }) => id === request.proposer);
  const officer = agreement.parties[at]?.officers.find(({ id }) => id === request.requester);
  const clause = at < 0 ? 'parties' : `parties.${at}.officers`;
  if (officer === undefined) return { clause };
  const publicKey = currentKey(state.membership.keys, request.proposer, officer.id, officer.publicKey);
  return { clause, role: officer.role, publicKey };
}

interface Requester {
  readonly clause: string;
  readonly role?: Role;
  readonly publicKey?: string;
}

/** An analyst of the proposer, who has signed the request with the key in use. */
export function* checkRequester(facts: ApprovalFacts): Generator<Failure> {
  const { clause, role, publicKey } = requesterOf(facts);
  const at = 'request.requester';
  // An unknown proposer is another clause's failure, and its requester is unknown as well.
  if (publicKey === undefined) return yield ['requester.unknown', clause, at];
  if (role !== 'analyst') yield ['requester.role', clause, at];
  if (!isRequestSigned(facts.request, facts.requestId, publicKey))
    yield ['requester.signature', clause, 'request.requesterSignature'];
}

function problemOf(
  approval: Approval,
  index: number,
  signer: Signer,
  facts: ApprovalFacts,
): ClauseCode | undefined {
  const { request, requestId, state, nowMs } = facts;
  // The key and not the name: a person who holds two keys is two here, but no key is ever on both sides.
  if (signer.publicKey === requesterOf(facts).publicKey) return 'approval.requester';
  if (signer.refusal !== undefined) return signer.refusal;
  if (approval.request !== requestId) return 'approval.other-request';
  if (nowMs >= approval.expiresAtMs) return 'approval.expired';
  if (state.approvalsUsed.includes(approval.id)) return 'approval.used';
  const isRepeated = request.approvals.some(
    (earlier, i) =>
      i < index &&
      (earlier.id === approval.id || (earlier.of === approval.of && earlier.officer === approval.officer)),
  );
  if (isRepeated) return 'approval.repeated';
  return isApprovalSigned(approval, signer.publicKey) ? undefined : 'approval.signature';
}

/** Party → its officers who approved. */
type OfficersOf = ReadonlyMap<string, ReadonlySet<string>>;

/** Good approvals, and the failures of the others. */
export function checkApprovals(facts: ApprovalFacts): {
  readonly failures: readonly Failure[];
  readonly approvers: OfficersOf;
  readonly custodians: OfficersOf;
  readonly authorisers: ReadonlySet<string>;
} {
  const failures: Failure[] = [];
  const approvers = new Map<string, Set<string>>();
  const custodians = new Map<string, Set<string>>();
  const authorisers = new Set<string>();
  for (const [i, approval] of facts.request.approvals.entries()) {
    const at = `request.approvals.${i}`;
    const signer = signerOf(facts, approval);
    const problem = signer === undefined ? 'approval.unknown' : problemOf(approval, i, signer, facts);
    if (problem !== undefined) failures.push([problem, signer?.clause ?? 'parties', at]);
    else if (approval.officer === null) authorisers.add(approval.of);
    else {
      const those = signer?.role === 'custodian' ? custodians : approvers;
      those.set(approval.of, (those.get(approval.of) ?? new Set()).add(approval.officer));
    }
  }
  return { failures, approvers, custodians, authorisers };
}

/** What an agreement has against who asks. @param keys that replace those of the agreement. */
export function judgeRequester(
  agreement: Facts['agreement'],
  request: PolicyRequest,
  keys: PolicyState['membership']['keys'],
): readonly FailedClause[] {
  const state = { approvalsUsed: [], membership: { keys } };
  const facts = { agreement, request, requestId: requestId(request), nowMs: 0, state };
  return [...checkRequester(facts)].map(([code, clause, at]) => ({ clause, code, at }));
}

/**
 * What the agreement alone says of who asks and of the approvals: the failed clauses. For whoever has no node at hand;
 * keys that were rotated since, and approvals used before, are not known here.
 */
export function judgeApprovals(
  agreement: Facts['agreement'],
  request: PolicyRequest,
  nowMs: number,
): readonly FailedClause[] {
  const state = { approvalsUsed: [], membership: { keys: [] } };
  const { failures } = checkApprovals({ agreement, request, requestId: requestId(request), nowMs, state });
  const asked = judgeRequester(agreement, request, []);
  return [...asked, ...failures.map(([code, clause, at]) => ({ clause, code, at }))];
}
