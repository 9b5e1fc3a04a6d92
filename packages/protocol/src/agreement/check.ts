/**
 * A standing agreement, checked.
 *
 * Purpose: the one door in: shape and contradictions, every problem with its path and code.
 * Assumes: JSON that was parsed (text.ts finds repeated keys). Does not know: signatures.
 */
import { TallyError } from '../errors/index.ts';
import { findContradictions } from './contradictions.ts';
import { type Checked, checkShape, type Problem } from './problems.ts';
import { type StandingAgreement, type StandingClause, standingSchema } from './standing.ts';

export const standingClauses = Object.keys(standingSchema.shape) as readonly StandingClause[];

/** The agreement, or all that is wrong with it. */
export function checkStanding(value: unknown): Checked<StandingAgreement> {
  const shape = checkShape(standingSchema, value);
  const malformed = new Set(shape.problems.map(({ path }) => path.split('.')[0] as string));
  // A problem with the whole, such as a dropped key or no object at all, leaves no clause to read.
  if (malformed.has('')) return shape;
  const problems: Problem[] = [...shape.problems, ...findContradictions(value, malformed)];
  return problems.length === 0 ? shape : { value: undefined, problems };
}

/** `checkStanding` for callers that throw: `agreement.invalid` with every problem. */
export function parseStanding(value: unknown): StandingAgreement {
  const { value: agreement, problems } = checkStanding(value);
  if (agreement !== undefined) return agreement;
  throw new TallyError('agreement.invalid', `agreement: ${problemsText(problems)}`);
}

export function problemsText(problems: readonly Problem[]): string {
  return problems.map(({ path, code }) => (path === '' ? code : `${path} ${code}`)).join('; ');
}
