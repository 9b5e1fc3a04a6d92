/**
 * The decision: may this run be asked, agreed to, started.
 *
 * Purpose: decide(agreement, localRules, request, state, now) → permit, or a denial that lists every failed clause.
 * Pure and total: whatever comes in, one of the two comes out. What is not known, not there or not understood denies.
 * Assumes: nothing; shapes, signatures and contradictions are checked here each time.
 * Does not know: how to ask, whom to tell.
 */
import type { Problem } from '../agreement/problems.ts';
import { checkShape } from '../agreement/problems.ts';
import { whole } from '../agreement/standing.ts';
import { standingId, verifySigned } from '../agreement/signed.ts';
import { memberClauses, statedMemberClauses } from './clauses-members.ts';
import { outputClauses } from './clauses-output.ts';
import { privacyClauses, statedPrivacyClauses } from './clauses-privacy.ts';
import { statedTierClauses, tierClauses } from './clauses-tier.ts';
import { statedTimeClauses, timeClauses } from './clauses-time.ts';
import { statedWhatClauses, whatClauses } from './clauses-what.ts';
import type { Evaluator, FailedClause, Facts, Failure, StatedEvaluator } from './failure.ts';
import { requestId, requestSchema, type PolicyRequest } from './request.ts';
import { checkRules, rulesSchema } from './rules.ts';
import { stateSchema } from './state.ts';
import type { StandingAgreement } from '../agreement/standing.ts';

export type PolicyDecision =
  | { readonly kind: 'permit' }
  | { readonly kind: 'denial'; readonly failed: readonly FailedClause[] };

/** Clauses that ask no node what it knows. */
const statedTable: Readonly<Record<string, StatedEvaluator>> = {
  ...statedTimeClauses,
  ...statedMemberClauses,
  ...statedWhatClauses,
  ...outputClauses,
  ...statedTierClauses,
  ...statedPrivacyClauses,
};

/** Every clause, by name, in the order in which a denial lists them. */
export const clauseTable: Readonly<Record<string, Evaluator>> = {
  ...statedTable,
  ...timeClauses,
  ...memberClauses,
  ...whatClauses,
  ...tierClauses,
  ...privacyClauses,
};

const evaluators = Object.values(clauseTable);
const nowSchema = whole(0, Number.MAX_SAFE_INTEGER);

function malformed(problems: readonly Problem[], document: string): FailedClause[] {
  return problems.map(({ path, code }) => {
    const clause = path === '' ? document : document === 'agreement' ? path : `${document}.${path}`;
    return { clause, code, at: document };
  });
}

/** @param agreementId of the agreement. */
export function factsOf<State>(
  agreement: StandingAgreement,
  agreementId: string,
  request: PolicyRequest,
  state: State,
  nowMs: number,
): Omit<Facts, 'state'> & { readonly state: State } {
  const place = agreement.outputs.findIndex(({ id }) => id === request.output.id);
  const bringers = [...new Set(request.lists.map(({ party }) => party))];
  return {
    agreement,
    agreementId,
    request,
    requestId: requestId(request),
    state,
    nowMs,
    output: agreement.outputs[place],
    outputPath: `outputs.${place}`,
    bringers,
    stations: [...new Set([...bringers, ...request.collectors])],
  };
}

function evaluated<F>(clauses: readonly ((facts: F) => Iterable<Failure>)[], facts: F): FailedClause[] {
  return clauses.flatMap((evaluate) =>
    [...evaluate(facts)].map(([code, clause, at]) => ({ clause, code, at })),
  );
}

/** What all clauses have against a request. */
export const failedClauses = (facts: Facts): FailedClause[] => evaluated(evaluators, facts);

function failuresOf(
  agreement: unknown,
  localRules: unknown,
  request: unknown,
  state: unknown,
  now: unknown,
): FailedClause[] {
  const signed = verifySigned(agreement);
  const rules = checkShape(rulesSchema, localRules);
  const asked = checkShape(requestSchema, request);
  const known = checkShape(stateSchema, state);
  const time = checkShape(nowSchema, now);
  const failed = [
    ...malformed(signed.problems, 'agreement'),
    ...malformed(rules.problems, 'rules'),
    ...malformed(asked.problems, 'request'),
    ...malformed(known.problems, 'state'),
    ...malformed(time.problems, 'now'),
  ];
  if (signed.value && asked.value && known.value && time.value !== undefined) {
    const { agreement: agreed } = signed.value;
    failed.push(...failedClauses(factsOf(agreed, standingId(agreed), asked.value, known.value, time.value)));
  }
  // Rules are read last and alone: what they return is added, and nothing is taken away.
  if (rules.value && asked.value) {
    failed.push(...checkRules(rules.value, asked.value, known.value?.announced ?? []));
  }
  return failed;
}

/**
 * @param agreement signed by all (`SignedAgreement`).
 * @param localRules `LocalRule[]`; can only forbid.
 * @param request `PolicyRequest`.
 * @param state `PolicyState`.
 * @param now milliseconds since 1970.
 */
export function decide(
  agreement: unknown,
  localRules: unknown,
  request: unknown,
  state: unknown,
  now: unknown,
): PolicyDecision {
  try {
    const failed = failuresOf(agreement, localRules, request, state, now);
    return failed.length === 0 ? { kind: 'permit' } : { kind: 'denial', failed };
  } catch {
    // Values that are no JSON (a getter that throws, a depth beyond the stack) end here. No JSON does.
    return { kind: 'denial', failed: [{ clause: 'decision', code: 'decision.failed', at: 'decision' }] };
  }
}

/**
 * What somebody has against a request who holds its agreement and is no party: a collector. Every clause about what is
 * asked and when, and none about what only nodes know: members, approvals, ledgers, logs.
 * @param agreement that stands (`verifySigned`). @param request of good shape.
 */
export function decideStated(
  agreement: StandingAgreement,
  request: PolicyRequest,
  nowMs: number,
): readonly FailedClause[] {
  const state = { phase: 'propose' as const, announced: [] };
  const facts = factsOf(agreement, standingId(agreement), request, state, nowMs);
  return evaluated(Object.values(statedTable), facts);
}
