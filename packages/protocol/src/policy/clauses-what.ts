/**
 * Clauses about what is asked: purposes, uses, lists, retention.
 *
 * Assumes: facts with their shape. Does not know: outputs' details, approvals.
 */
import type { Evaluator, Facts } from './failure.ts';

/** The agreement's entry for one list of a request, with its place. */
function entryOf({ agreement, request }: Facts, list: Facts['request']['lists'][number]) {
  const at = agreement.lists.findIndex(
    ({ party, category, subject }) =>
      party === list.party && category === list.category && subject === request.subject,
  );
  return { entry: agreement.lists[at], path: `lists.${at}` };
}

export const whatClauses: Readonly<Record<string, Evaluator>> = {
  *purpose({ agreement, request, output, outputPath }) {
    if (!agreement.purposes.some(({ id }) => id === request.purpose)) {
      yield ['purpose.unknown', 'purposes', 'request.purpose'];
    }
    if (output !== undefined && !output.purposes.includes(request.purpose)) {
      yield ['purpose.not-of-output', `${outputPath}.purposes`, 'request.purpose'];
    }
  },
  *uses({ agreement, request }) {
    for (const [i, use] of request.uses.entries()) {
      const at = agreement.prohibitedUses.indexOf(use);
      if (at >= 0) yield ['use.prohibited', `prohibitedUses.${at}`, `request.uses.${i}`];
    }
  },
  *lists(facts) {
    for (const [i, list] of facts.request.lists.entries()) {
      const { entry } = entryOf(facts, list);
      if (entry === undefined) yield ['list.unknown', 'lists', `request.lists.${i}`];
    }
  },
  *recipes(facts) {
    for (const list of facts.request.lists) {
      const { entry, path } = entryOf(facts, list);
      if (entry === undefined) continue;
      for (const [i, recipe] of facts.request.recipes.entries()) {
        if (!entry.recipes.includes(recipe)) yield ['list.recipe', `${path}.recipes`, `request.recipes.${i}`];
      }
      const version: number = entry.recipeVersion;
      if (facts.request.recipeVersion !== version) {
        yield ['list.recipe-version', `${path}.recipeVersion`, 'request.recipeVersion'];
      }
    }
  },
  *sizes(facts) {
    for (const [i, list] of facts.request.lists.entries()) {
      const { entry, path } = entryOf(facts, list);
      if (entry === undefined) continue;
      const at = `request.lists.${i}.identifiers`;
      if (list.identifiers < entry.minIdentifiers) yield ['list.too-small', `${path}.minIdentifiers`, at];
      if (list.identifiers > entry.maxIdentifiers) yield ['list.too-large', `${path}.maxIdentifiers`, at];
    }
  },
  *labels(facts) {
    const { request, output, outputPath } = facts;
    if (request.output.labels === null || output?.kind !== 'counts') return;
    if (!output.labels) yield ['output.labels', `${outputPath}.labels`, 'request.output.labels'];
    const allowed = request.lists.flatMap((list) => entryOf(facts, list).entry?.labels ?? []);
    for (const [i, label] of request.output.labels.entries()) {
      if (!allowed.includes(label)) yield ['list.label', 'lists', `request.output.labels.${i}`];
    }
  },
  *retention({ agreement, request }) {
    if (request.retentionDays > agreement.retention.resultDays) {
      yield ['retention.too-long', 'retention.resultDays', 'request.retentionDays'];
    }
  },
};
