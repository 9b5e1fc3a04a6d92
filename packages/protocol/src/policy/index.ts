/** Decisions under a standing agreement: the public door of the room. */
export { judgeApprovals, judgeRequester } from './approvals.ts';
export { clauseTable, decide, decideStated, type PolicyDecision } from './decide.ts';
export { denialTexts, type DenialCode } from './denial-texts.ts';
export {
  applyEmergency,
  type Emergency,
  type EmergencyMessage,
  emergencyId,
  type EmergencyReason,
  emergencyTexts,
  emergencyWhen,
  policyEmergencies,
  signEmergency,
} from './emergency.ts';
export type { FailedClause } from './failure.ts';
export { type Notice, parseNotice, signNotice } from './notice.ts';
export {
  approvalSchema,
  checkApprovalShape,
  checkRequestShape,
  requestId,
  requestSchema,
  signApproval,
  signRequest,
  type Approval,
  type PolicyRequest,
  type RequestDraft,
} from './request.ts';
export { rulesSchema, type LocalRule } from './rules.ts';
export { checkStatedTerms, checkTerms, type StatedProposal, type TermsFacts, termsOf } from './terms.ts';
export { stateSchema, type PolicyState } from './state.ts';
export { currentKey } from './keys.ts';
export {
  parseVerdict,
  signVeto,
  verdictFacts,
  type Verdict,
  type Veto,
  type VetoReason,
  vetoHash,
  vetoReasons,
  vetoReasonTexts,
} from './verdict.ts';
