/**
 * Contradictions about lists, outputs, and what outputs cost.
 *
 * Purpose: the part of the table that asks who brings, who receives, who merges, and whether noise and budgets fit.
 * Assumes: as contradictions.ts. Does not know: requests.
 */
import { type Contradiction, contradiction, type Found, type Path, repeats } from './finders.ts';
import type { StandingAgreement, StandingOutput } from './standing.ts';

const each = <T extends string>(values: readonly T[], ...path: Path) =>
  values.map((value, i) => [value, ...path, i] as const);

function* repeatedWithin(output: StandingOutput, ...path: Path) {
  const sets = {
    purposes: output.purposes,
    tiers: output.tiers,
    receivers: output.receivers,
    collectors: output.collectors ?? [],
    ...(output.kind === 'counts'
      ? { statistics: output.statistics }
      : { predicates: output.predicates ?? [] }),
  };
  for (const [name, values] of Object.entries(sets))
    yield* repeats(each(values, ...path, name), 'set.repeated');
}

/** The direct form has neither collector nor predicate; the sealed form cannot do without a collector. */
function* formOf(output: StandingOutput, ...path: Path): Generator<Found> {
  const { collectors, collectorsNeeded } = output;
  if (output.kind === 'matches' && output.form === 'direct') {
    if (collectors !== null) yield ['form.direct', ...path, 'collectors'];
    if (collectorsNeeded !== 0) yield ['form.direct', ...path, 'collectorsNeeded'];
    if (output.predicates !== null) yield ['form.direct', ...path, 'predicates'];
    if (output.which) yield ['form.direct', ...path, 'which'];
    return;
  }
  if (collectors === null) yield ['form.sealed', ...path, 'collectors'];
  if (collectorsNeeded === 0) yield ['form.sealed', ...path, 'collectorsNeeded'];
  if (collectors !== null && collectorsNeeded > collectors.length) {
    yield ['collectors.too-few', ...path, 'collectorsNeeded'];
  }
  if (output.kind === 'matches' && output.predicates === null) yield ['form.sealed', ...path, 'predicates'];
}

type Budget = StandingAgreement['privacy']['budget'];

/** What one release of an output needs, and the budget does not have. */
function* oneRelease(
  output: StandingOutput,
  { noise, budget }: StandingAgreement['privacy'],
): Generator<keyof Budget> {
  const asMatches = output.kind === 'matches' || output.listOwnerCollects !== null;
  if (asMatches && budget.records === 0) yield 'records';
  if (output.kind !== 'counts' || noise === null) return;
  if (budget.microEpsilon < noise.microEpsilon) yield 'microEpsilon';
  if (noise.deltaExponent !== null && budget.femtoDelta < 10 ** (15 - noise.deltaExponent))
    yield 'femtoDelta';
}

export const outputContradictions: readonly Contradiction[] = [
  contradiction(['lists'], function* ({ lists }) {
    for (const [i, list] of lists.entries()) {
      if (list.minIdentifiers > list.maxIdentifiers) yield ['list.sizes', 'lists', i, 'maxIdentifiers'];
      yield* repeats(each(list.recipes, 'lists', i, 'recipes'), 'set.repeated');
      yield* repeats(each(list.labels ?? [], 'lists', i, 'labels'), 'set.repeated');
    }
    yield* repeats(
      lists.map(
        ({ party, category, subject }, i) => [`${party} ${category} ${subject}`, 'lists', i] as const,
      ),
      'list.repeated',
    );
    if (new Set(lists.map(({ party }) => party)).size < 2) yield ['lists.too-few', 'lists'];
  }),
  contradiction(['lists', 'parties'], function* ({ lists, parties }) {
    for (const [i, { party }] of lists.entries()) {
      if (!parties.some(({ id }) => id === party)) yield ['party.unknown', 'lists', i, 'party'];
    }
  }),
  contradiction(['outputs'], function* ({ outputs }) {
    yield* repeats(
      outputs.map(({ id }, i) => [id, 'outputs', i, 'id'] as const),
      'id.repeated',
    );
    for (const [i, output] of outputs.entries()) {
      yield* repeatedWithin(output, 'outputs', i);
      yield* formOf(output, 'outputs', i);
    }
  }),
  contradiction(['outputs', 'parties', 'lists'], function* ({ outputs, parties, lists }) {
    for (const [i, output] of outputs.entries()) {
      for (const [j, receiver] of output.receivers.entries()) {
        const path = ['outputs', i, 'receivers', j] as const;
        if (!parties.some(({ id }) => id === receiver)) yield ['party.unknown', ...path];
        // A receiver of matches learns about its own records: it needs some.
        else if (output.kind === 'matches' && !lists.some(({ party }) => party === receiver)) {
          yield ['receiver.without-list', ...path];
        }
      }
    }
  }),
  contradiction(['outputs', 'parties', 'collectors', 'lists'], function* (agreement) {
    const { outputs, parties, collectors, lists } = agreement;
    for (const [i, { collectors: chosen, listOwnerCollects }] of outputs.entries()) {
      const bringsList = (id: string): boolean => lists.some(({ party }) => party === id);
      for (const [j, id] of (chosen ?? []).entries()) {
        const path = ['outputs', i, 'collectors', j] as const;
        if (![...parties, ...(collectors ?? [])].some((one) => one.id === id))
          yield ['collector.unknown', ...path];
        if (bringsList(id) && listOwnerCollects === null) yield ['collector.brings-list', ...path];
      }
      if (listOwnerCollects !== null && !(chosen ?? []).some(bringsList)) {
        yield ['collector.word-without-need', 'outputs', i, 'listOwnerCollects'];
      }
    }
  }),
  contradiction(['outputs', 'purposes'], function* ({ outputs, purposes }) {
    for (const [i, output] of outputs.entries()) {
      for (const [j, purpose] of output.purposes.entries()) {
        if (!purposes.some(({ id }) => id === purpose))
          yield ['purpose.unknown', 'outputs', i, 'purposes', j];
      }
    }
    for (const [i, { id }] of purposes.entries()) {
      if (!outputs.some((output) => output.purposes.includes(id)))
        yield ['purpose.without-output', 'purposes', i];
    }
  }),
  contradiction(['outputs', 'tiers'], function* ({ outputs, tiers }) {
    const used = outputs.some((output) => output.tiers.includes('imminent'));
    for (const [i, output] of outputs.entries()) {
      if (tiers.imminent === null && output.tiers.includes('imminent'))
        yield ['tier.absent', 'outputs', i, 'tiers'];
    }
    if (tiers.imminent !== null && !used) yield ['tier.without-output', 'tiers', 'imminent'];
  }),
  contradiction(['outputs', 'lists'], function* ({ outputs, lists }) {
    for (const [i, output] of outputs.entries()) {
      if (output.kind === 'counts' && output.labels && lists.every(({ labels }) => labels === null)) {
        yield ['labels.none', 'outputs', i, 'labels'];
      }
    }
  }),
  contradiction(['privacy'], function* ({ privacy: { noise, budget } }) {
    if (noise?.mechanism === 'gaussian' && noise.deltaExponent === null) {
      yield ['noise.delta-missing', 'privacy', 'noise', 'deltaExponent'];
    }
    if (noise?.mechanism === 'laplace' && noise.deltaExponent !== null) {
      yield ['noise.delta-unused', 'privacy', 'noise', 'deltaExponent'];
    }
    if (noise === null && budget.microEpsilon > 0)
      yield ['budget.without-noise', 'privacy', 'budget', 'microEpsilon'];
  }),
  contradiction(['privacy', 'outputs'], function* ({ privacy, outputs }) {
    if (!outputs.some(({ kind }) => kind === 'counts')) {
      if (privacy.minCount > 0) yield ['privacy.without-counts', 'privacy', 'minCount'];
      if (privacy.noise !== null) yield ['privacy.without-counts', 'privacy', 'noise'];
      if (privacy.padTo !== null) yield ['privacy.without-counts', 'privacy', 'padTo'];
    }
    const lacking = new Set(outputs.flatMap((output) => [...oneRelease(output, privacy)]));
    for (const name of lacking) yield ['budget.below-one-release', 'privacy', 'budget', name];
  }),
];
