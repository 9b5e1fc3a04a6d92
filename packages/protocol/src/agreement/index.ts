/** Agreements: what a session is bound to: the public door of the room. */
export * from './ephemeral.ts';
export { labelField, type LabelTerms, labelText, maxLabels } from './labels.ts';
export { checkStanding, parseStanding, problemsText, standingClauses } from './check.ts';
export { instantMs } from './instant.ts';
export { problemTexts, type ProblemCode } from './problem-texts.ts';
export type { Checked, Problem } from './problems.ts';
export {
  checkSignedShape,
  missingSignatures,
  signersOf,
  signStanding,
  standingId,
  verifySigned,
  wrongSignatures,
  type AgreementSignature,
  type SignedAgreement,
} from './signed.ts';
export {
  standingJsonSchema,
  standingSchema,
  type StandingAgreement,
  type StandingOutput,
} from './standing.ts';
export * from './terms.ts';
export { readStrictJson, stripComments } from './text.ts';
