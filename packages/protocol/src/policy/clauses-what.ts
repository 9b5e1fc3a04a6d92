/**
 * Clauses about what is asked: purposes, uses, lists, retention.
 *
 * Assumes: facts with their shape. Does not know: outputs' details, approvals.
 */
import type { Evaluator, StatedEvaluator, StatedFacts } from './failure.ts';

/** The agreement's entry for one list of a request, with its place. */
function entryOf({ agreement, request }: StatedFacts, list: StatedFacts['request']['lists'][number]) {
  const at = agreement.lists.findIndex(
    ({ party, category, subject }) =>
      party === list.party && category === list.category && subject === request.subject,
  );
  return { entry: agreement.lists[at], path: `lists.${at}` };
}

const noEntry = { entry: undefined, path: '' };

export const statedWhatClauses: Readonly<Record<string, StatedEvaluator>> = {
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
    for (const [i, { party, identifiers }] of facts.state.announced.entries()) {
      const list = facts.request.lists.find((one) => one.party === party);
      const { entry, path } = list === undefined ? noEntry : entryOf(facts, list);
      if (entry === undefined) continue;
      const at = `state.announced.${i}.identifiers`;
      if (identifiers < entry.minIdentifiers) yield ['list.too-small', `${path}.minIdentifiers`, at];
      if (identifiers > entry.maxIdentifiers) yield ['list.too-large', `${path}.maxIdentifiers`, at];
    }
  },
  *labels(facts) {
    const { request, output, outputPath } = facts;
    if (request.output.labels === null || output?.kind !== 'counts') return;
    if (!output.labels) yield ['output.labels', `${outputPath}.labels`, 'request.output.labels'];
    const { minCount } = facts.agreement.privacy;
    for (const [i, { party, labels, minSize }] of request.output.labels.entries()) {
      const at = `request.output.labels.${i}`;
      const list = request.lists.find((one) => one.party === party);
      const { entry } = list === undefined ? noEntry : entryOf(facts, list);
      for (const [j, label] of labels.entries()) {
        if (entry?.labels?.includes(label) !== true) yield ['list.label', 'lists', `${at}.labels.${j}`];
      }
      if (minSize < minCount) yield ['privacy.min-count', 'privacy.minCount', `${at}.minSize`];
    }
  },
  *retention({ agreement, request }) {
    if (request.retentionDays > agreement.retention.resultDays) {
      yield ['retention.too-long', 'retention.resultDays', 'request.retentionDays'];
    }
  },
};

export const whatClauses: Readonly<Record<string, Evaluator>> = {
  *announced({ request, state, bringers }) {
    const due = { propose: [], consent: bringers.filter((id) => id === state.self), start: bringers };
    for (const party of due[state.phase]) {
      if (state.announced.filter((one) => one.party === party).length !== 1) {
        yield ['list.unannounced', 'lists', `state.announced ${party}`];
      }
    }
    for (const [i, { party }] of state.announced.entries()) {
      if (!request.lists.some((list) => list.party === party)) {
        yield ['list.unknown', 'lists', `state.announced.${i}.party`];
      }
    }
  },
};
