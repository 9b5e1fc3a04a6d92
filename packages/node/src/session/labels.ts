/**
 * Labels of a session as the control API shows them.
 *
 * Purpose: every cell with the names of its lists and labels.
 * Assumes: groups and cells come from one session. Does not know: who has which label.
 */
import type { Agreement } from '@tallystick/protocol/agreement';
import { nameGroups, type Outcome } from '@tallystick/protocol/chain';
import { cellSpace, type LabelGroup } from '@tallystick/protocol/privacy';
import type { LabelCell, LabelFacts, SessionLabels } from '../control/api.ts';

export interface LabelledFacts {
  readonly sizes: readonly number[] | undefined;
  readonly groups: readonly (readonly LabelGroup[] | null)[] | undefined;
  readonly outcome: Outcome | undefined;
}

/** Null where the agreement cuts no list by labels. */
export function describeLabels(agreement: Agreement, facts: LabelledFacts): SessionLabels | null {
  if (agreement.labels === null) return null;
  const ids = agreement.parties.map(({ id }) => id);
  const named = ids.map((_, i) => labelFacts(facts.groups?.[i] ?? null));
  const lists = agreement.labels.map(({ party, field, labels: declared, minSize }) => {
    const labels = named[ids.indexOf(party)] ?? null;
    return { id: party, field, declared, minSize, labels };
  });
  return { lists, cells: cellsOf(ids, named, facts) };
}

function labelFacts(groups: readonly LabelGroup[] | null): LabelFacts[] | null {
  if (groups === null) return null;
  const names = nameGroups(groups);
  return groups.map(({ labels, size }, i) => ({ label: names[i] as string, of: labels, identifiers: size }));
}

function cellsOf(
  ids: readonly string[],
  named: readonly (readonly LabelFacts[] | null)[],
  { sizes, groups, outcome }: LabelledFacts,
): LabelCell[] | null {
  if (outcome?.kind !== 'counts' && outcome?.kind !== 'release') return null;
  if (outcome.cells === undefined) return null;
  const { cells } = outcome;
  const space = cellSpace(
    (sizes ?? []).map((size, i) => {
      const labels = groups?.[i]?.map((group) => ({ label: '', size: group.size }));
      return labels === undefined ? { size } : { size, labels };
    }),
  );
  return space.cells.map(({ mask, labels }, at): LabelCell => {
    const cell = cells[at];
    const own = labels.flatMap((label, i) =>
      label === null ? [] : [[ids[i] as string, named[i]?.[label]?.label ?? ''] as const],
    );
    const lists = ids.filter((_, bit) => (mask >> bit) & 1);
    const cut = { in: lists, labels: Object.fromEntries(own) };
    return typeof cell === 'string'
      ? { ...cut, exactly: null, reason: cell }
      : { ...cut, exactly: cell ?? 0 };
  });
}
