/**
 * What a scenario says of agreements and of who collects.
 *
 * Purpose: without an agreement, who merges; with one, which of its outputs is asked, for what, and that nothing is said
 * beside it that the agreement says.
 * Assumes: a scenario with its shape. Does not know: what the agreement permits; the nodes decide.
 */
import { resolve } from 'node:path';
import type { StandingAgreement, StandingOutput } from '@tallystick/protocol/agreement';
import { requireAgreement } from '../agreement/files.ts';
import { invalid, isListed, type RawScenario, shown } from './schema.ts';
import type { Scenario } from './types.ts';

/** Who collects, and under which agreement. @throws TallyError `scenario.invalid`, `agreement.invalid`, `file.*`. */
export async function standingOf(
  raw: RawScenario,
  base: string,
): Promise<Pick<Scenario, 'standing' | 'collecting'>> {
  if (raw.agreement === undefined) {
    for (const [field, value] of [
      ['uses', raw.uses],
      ['output.id', raw.output.id],
    ] as const)
      if (value !== undefined) throw invalid(`${field}: only with "agreement"`);
    return collectingOf(raw);
  }
  const { agreement } = await requireAgreement(resolve(base, raw.agreement));
  for (const field of ['privacy', 'padTo', 'caps', 'labels', 'collector', 'collectors'] as const)
    if (raw[field] !== undefined) throw invalid(`${field}: the agreement says it; want it there alone`);
  checkParties(raw, agreement);
  const purpose = raw.purpose ?? '';
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(purpose)) {
    throw invalid(`purpose: want the id of one in the agreement: ${named(agreement.purposes)}`);
  }
  const output = findOutput(raw, agreement);
  const uses = raw.uses ?? [output.kind === 'counts' ? 'statistics' : 'investigative-lead'];
  const collectors = (output.collectors ?? []).slice(0, output.collectorsNeeded);
  const collecting = { byCoordinator: true, own: collectors[1] ?? null };
  return { standing: { agreement, purpose, output: output.id, uses }, collecting };
}

const named = (all: readonly { readonly id: string }[]): string => all.map(({ id }) => `"${id}"`).join(', ');

/** Parties of the agreement that bring no list here are not named: the run starts a node for each of them, too. */
function checkParties({ parties }: RawScenario, agreement: StandingAgreement): void {
  const idle = parties.find((party) => !isListed(party));
  if (idle !== undefined) {
    throw invalid(
      `parties: "${shown(idle.id)}" has no list; under an agreement want those alone that bring one`,
    );
  }
  const surplus = parties.find(({ id }) => !agreement.parties.some((one) => one.id === id));
  if (surplus !== undefined) throw invalid(`parties: "${shown(surplus.id)}" is no party of the agreement`);
}

function findOutput({ output, parties }: RawScenario, { outputs }: StandingAgreement): StandingOutput {
  const form = output.kind === 'matches' && parties.length === 2 ? 'direct' : 'sealed';
  const fitting = outputs.filter((one) =>
    output.id === undefined ? one.kind === output.kind && one.form === form : one.id === output.id,
  );
  const [found] = fitting;
  if (found !== undefined && fitting.length === 1) return found;
  throw invalid(`output.id: want one of ${named(outputs)}`);
}

/** With two, the coordinator collects and somebody else: who is named, or one that is made for the run. */
function collectingOf({ collector, collectors = 1, parties }: RawScenario): Pick<Scenario, 'collecting'> {
  const ids = parties.map((party) => party.id);
  const named = collector !== undefined && ids.includes(collector) ? collector : null;
  if (collectors === 2)
    return { collecting: { byCoordinator: true, own: named ?? freeId('collector', ids) } };
  return named === null ? {} : { collecting: { byCoordinator: false, own: named } };
}

/** The wanted id, or the wanted id with a number where somebody has it. */
export function freeId(wanted: string, taken: readonly string[]): string {
  let id = wanted;
  for (let n = 2; taken.includes(id); n++) id = `${wanted}-${n}`;
  return id;
}
