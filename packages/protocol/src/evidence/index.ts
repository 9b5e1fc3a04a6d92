/** Evidence of a session, and its verification offline: the public door of the room. */
export { checkNames, checkTexts } from './checks.ts';
export type { CheckName, CheckReport, EvidenceReport, Problem } from './checks.ts';
export {
  createEvidence,
  encodeEvidence,
  maxEvidenceBytes,
  parseEvidence,
  withoutSalts,
  type Evidence,
  type EvidenceFacts,
} from './format.ts';
export { verifyEvidence, type VerifyOptions } from './verify.ts';
