/**
 * Approvals: which of those given count, and what is wrong with the rest.
 *
 * Purpose: an approval counts once, for one request, from one officer with the role approver, in time. One that
 * does not is a failed clause, not an approval less.
 * Assumes: strict Ed25519. Does not know: how many are needed.
 */
import type { ClauseCode } from './denial-texts.ts';
import type { FailedClause, Facts, Failure } from './failure.ts';
import { currentKey } from './keys.ts';
import { type Approval, isApprovalSigned, type PolicyRequest, requestId } from './request.ts';
import type { PolicyState } from './state.ts';

/** Of the facts of a decision, those that say whether an approval counts. */
export interface ApprovalFacts extends Pick<Facts, 'agreement' | 'request' | 'requestId' | 'nowMs'> {
  readonly state: Pick<PolicyState, 'approvalsUsed'> & {
    readonly membership: Pick<PolicyState['membership'], 'keys'>;
  };
}

interface Signer {
  readonly publicKey: string;
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
  const isRequester = approval.of === request.proposer && approval.officer === request.requester;
  const refusal = isRequester
    ? 'approval.requester'
    : officer.role === 'approver'
      ? undefined
      : 'approval.role';
  const publicKey = currentKey(facts.state.membership.keys, approval.of, approval.officer, officer.publicKey);
  return { publicKey, clause: `parties.${at}.officers`, refusal };
}

function problemOf(
  approval: Approval,
  index: number,
  signer: Signer,
  { request, requestId, state, nowMs }: ApprovalFacts,
): ClauseCode | undefined {
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

/** Good approvals, and the failures of the others. */
export function checkApprovals(facts: ApprovalFacts): {
  readonly failures: readonly Failure[];
  /** Party → officers who approved. */
  readonly approvers: ReadonlyMap<string, ReadonlySet<string>>;
  readonly authorisers: ReadonlySet<string>;
} {
  const failures: Failure[] = [];
  const approvers = new Map<string, Set<string>>();
  const authorisers = new Set<string>();
  for (const [i, approval] of facts.request.approvals.entries()) {
    const at = `request.approvals.${i}`;
    const signer = signerOf(facts, approval);
    const problem = signer === undefined ? 'approval.unknown' : problemOf(approval, i, signer, facts);
    if (problem !== undefined) failures.push([problem, signer?.clause ?? 'parties', at]);
    else if (approval.officer === null) authorisers.add(approval.of);
    else approvers.set(approval.of, (approvers.get(approval.of) ?? new Set()).add(approval.officer));
  }
  return { failures, approvers, authorisers };
}

/**
 * What the agreement alone says of a request's approvals: the failed clauses of those that do not count. For whoever
 * has no node at hand; keys that were rotated since, and approvals used before, are not known here.
 */
export function judgeApprovals(
  agreement: Facts['agreement'],
  request: PolicyRequest,
  nowMs: number,
): readonly FailedClause[] {
  const state = { approvalsUsed: [], membership: { keys: [] } };
  const { failures } = checkApprovals({ agreement, request, requestId: requestId(request), nowMs, state });
  return failures.map(([code, clause, at]) => ({ clause, code, at }));
}
