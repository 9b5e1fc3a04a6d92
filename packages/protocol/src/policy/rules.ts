/**
 * Local rules: what a node forbids beyond the agreement.
 *
 * Purpose: a list of rules, each of which can only add failed clauses: it is shown the request and the announced sizes, and what it
 * returns is appended to what the agreement found. So no rule can permit.
 * Assumes: a request with its shape. Does not know: the agreement; which rules are wise.
 */
import { z } from 'zod';
import { stationId } from '../agreement/ephemeral.ts';
import { slug, whole } from '../agreement/standing.ts';
import { listCategories, statisticTerms, tierTerms, useTerms } from '../agreement/terms.ts';
import { recipeNames, subjects } from '../records/types.ts';
import type { FailedClause } from './failure.ts';
import type { PolicyRequest } from './request.ts';
import type { PolicyState } from './state.ts';

type Announced = PolicyState['announced'];

const only = <T extends string, V extends z.ZodType>(rule: T, value: V) =>
  z.strictObject({ rule: z.literal(rule), only: z.array(value).max(1024) });
const atMost = <T extends string>(rule: T) =>
  z.strictObject({ rule: z.literal(rule), atMost: whole(0, 2 ** 52) });

const ruleSchema = z.discriminatedUnion('rule', [
  /** Nothing at all: the node pauses. */
  z.strictObject({ rule: z.literal('nothing') }),
  z.strictObject({ rule: z.literal('verified') }),
  only('purposes', slug),
  only('uses', z.enum(useTerms)),
  only('tiers', z.enum(tierTerms)),
  only('outputs', slug),
  only('statistics', z.enum(statisticTerms)),
  only('forms', z.enum(['direct', 'sealed'])),
  only('subjects', z.enum(subjects)),
  only('recipes', z.enum(recipeNames)),
  only('categories', z.enum(listCategories)),
  only('partners', stationId),
  only('receivers', stationId),
  only('collectors', stationId),
  atMost('parties'),
  atMost('identifiers'),
  atMost('retentionDays'),
  atMost('openMinutes'),
  atMost('microEpsilon'),
  z.strictObject({ rule: z.literal('minCount'), atLeast: whole(0, 1_000_000) }),
]);

export type LocalRule = z.infer<typeof ruleSchema>;

export const rulesSchema = z.array(ruleSchema).max(1024);

/** What of the request a rule with `only` looks at: values with their paths. */
function looksAt(rule: LocalRule['rule'], request: PolicyRequest): readonly (readonly [string, string])[] {
  const each = (values: readonly string[], path: string) =>
    values.map((value, i) => [value, `${path}.${i}`] as const);
  switch (rule) {
    case 'purposes':
      return [[request.purpose, 'purpose']];
    case 'uses':
      return each(request.uses, 'uses');
    case 'tiers':
      return [[request.tier, 'tier']];
    case 'outputs':
      return [[request.output.id, 'output.id']];
    case 'statistics':
      return each(request.output.statistics ?? [], 'output.statistics');
    case 'forms':
      return [[request.form, 'form']];
    case 'subjects':
      return [[request.subject, 'subject']];
    case 'recipes':
      return each(request.recipes, 'recipes');
    case 'categories':
      return request.lists.map(({ category }, i) => [category, `lists.${i}.category`] as const);
    case 'partners':
      return request.lists.map(({ party }, i) => [party, `lists.${i}.party`] as const);
    case 'receivers':
      return each(request.output.receivers, 'output.receivers');
    case 'collectors':
      return each(request.collectors, 'collectors');
    default:
      return [];
  }
}

/** What a rule with `atMost` measures. */
function measures(
  rule: LocalRule['rule'],
  request: PolicyRequest,
  announced: Announced,
): readonly (readonly [number, string])[] {
  switch (rule) {
    case 'parties':
      return [[request.lists.length, 'request.lists']];
    case 'identifiers':
      return announced.map(
        ({ identifiers }, i) => [identifiers, `state.announced.${i}.identifiers`] as const,
      );
    case 'retentionDays':
      return [[request.retentionDays, 'request.retentionDays']];
    case 'openMinutes':
      return [[(request.expiresAtMs - request.createdAtMs) / 60_000, 'request.expiresAtMs']];
    case 'microEpsilon':
      return [[request.cost.microEpsilon, 'request.cost.microEpsilon']];
    default:
      return [];
  }
}

function offences(rule: LocalRule, request: PolicyRequest, announced: Announced): readonly string[] {
  if ('only' in rule) {
    const allowed: readonly string[] = rule.only;
    return looksAt(rule.rule, request).flatMap(([value, path]) =>
      allowed.includes(value) ? [] : [`request.${path}`],
    );
  }
  if ('atMost' in rule) {
    return measures(rule.rule, request, announced).flatMap(([value, path]) =>
      value > rule.atMost ? [path] : [],
    );
  }
  switch (rule.rule) {
    case 'nothing':
      return ['request'];
    case 'verified':
      return request.verified ? [] : ['request.verified'];
    case 'minCount':
      return request.privacy !== null && request.privacy.minCount < rule.atLeast
        ? ['request.privacy.minCount']
        : [];
  }
}

/** Everything that the node's own rules have against a request. */
export function checkRules(
  rules: readonly LocalRule[],
  request: PolicyRequest,
  announced: Announced,
): FailedClause[] {
  return rules.flatMap((rule, i) =>
    offences(rule, request, announced).map((at) => ({
      clause: `rules.${i}`,
      code: `rule.${rule.rule.toLowerCase() as Lowercase<LocalRule['rule']>}`,
      at,
    })),
  );
}
