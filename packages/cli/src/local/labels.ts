/**
 * The labels that a scenario's agreement declares.
 *
 * Purpose: where a scenario names only a field, every label that the list has there: in a run on one machine all lists
 * are one person's, who may declare them before the session.
 * Assumes: lists do not change meanwhile. Does not know: identifiers, how many there are under a label.
 */
import type { ProposeParams } from '@tallystick/node/control';
import { importList } from '@tallystick/node/lists';
import { maxLabels } from '@tallystick/protocol/agreement';
import { isRecordOf, labelsOf, unlabelled } from '@tallystick/protocol/records';
import { invalid, type Scenario, type ScenarioParty } from '../scenario/index.ts';

export type DeclaredLabels = NonNullable<ProposeParams['labels']>;

/** In the order of the parties. Throws `scenario.invalid` for a field that no record has, and what importers throw. */
export async function declareLabels({
  parties,
  subject,
}: Pick<Scenario, 'parties' | 'subject'>): Promise<DeclaredLabels> {
  const declared: DeclaredLabels = [];
  for (const party of parties) {
    if (party.labels === undefined) continue;
    const { field, values, minSize } = party.labels;
    const labels = values === undefined ? await labelsIn(party, field, subject) : [...values];
    declared.push({ party: party.id, field, labels, ...(minSize === undefined ? {} : { minSize }) });
  }
  return declared;
}

/** In the order of the alphabet, `unlabelled` last. */
async function labelsIn(
  party: ScenarioParty,
  field: string,
  subject: Scenario['subject'],
): Promise<string[]> {
  const { format, columns, list } = party;
  const found = new Set<string>();
  const fields = new Set<string>();
  for await (const event of importList(list, { ...(format && { format }), ...(columns && { columns }) })) {
    if (event.type !== 'record' || !isRecordOf(event.record, subject)) continue;
    for (const label of labelsOf(event.record, field)) found.add(label);
    for (const name of Object.keys(event.record.labels ?? {})) fields.add(name);
  }
  const named = [...found].filter((label) => label !== unlabelled).toSorted();
  if (named.length === 0) {
    const have = [...fields, 'subject'].map((one) => `"${one}"`).join(', ');
    throw invalid(`labels: no record of ${party.id} has one in "${field}"; its fields are ${have}`);
  }
  const labels = found.has(unlabelled) ? [...named, unlabelled] : named;
  if (labels.length > maxLabels) {
    throw invalid(
      `labels: ${party.id} has ${labels.length} different ones in "${field}", want at most ${maxLabels}`,
    );
  }
  return labels;
}
