/**
 * Counts by label against plaintext ones.
 *
 * Purpose: every cell that was told must be the number of identifiers with these labels on exactly these lists, or as
 * near as the noise allows; what was announced of the labels must be so; small ones, and only these, are merged.
 * Assumes: the lists' own records say who has which label. Uses nothing of the protocol but the bound of its noise.
 * Does not know: the collector, cells that were withheld.
 */
import { type Noise, withinTail } from '@tallystick/protocol/privacy';
import { unlabelled } from '@tallystick/protocol/records';
import type { LabelsResult } from '../render/result.ts';
import type { ScenarioParty } from '../scenario/types.ts';
import type { PlainList } from './index.ts';
import type { ReleaseCheck } from './release.ts';

export interface LabelTerms {
  /** Null: exact. */
  readonly noise: Noise | null;
  readonly minCount: number;
  readonly padTo: number | null;
}

type Lists = LabelsResult['lists'];

/** Identifier → the label that it is counted under, as told: a merged one under the merged name. */
function toldLabels(list: PlainList, party: ScenarioParty, told: Lists[number]): Map<string, string> {
  const { values } = party.labels ?? {};
  const byText = (a: string, b: string): number => (a < b ? -1 : 1);
  const rank = (label: string): [number, string] => [
    values === undefined ? (label === unlabelled ? 1 : 0) : values.indexOf(label),
    label,
  ];
  const first = (a: string, b: string): string => {
    const [x, y] = [rank(a), rank(b)];
    return x[0] < y[0] || (x[0] === y[0] && byText(x[1], y[1]) < 0) ? a : b;
  };
  const labels = new Map<string, string>();
  for (const [identifier, own] of list.labels ?? []) {
    const label = own.reduce(first);
    labels.set(identifier, told.labels.find(({ of }) => of.includes(label))?.label ?? '');
  }
  return labels;
}

/** What was announced under each label, and what was merged. */
function checkAnnounced(
  told: Lists[number],
  labels: ReadonlyMap<string, string>,
  minSize: number,
  padTo: number | null,
): string[] {
  const differences: string[] = [];
  const groups = told.labels.map(({ label, of, identifiers }) => {
    const size = [...labels.values()].filter((one) => one === label).length;
    const want = padTo === null ? size : Math.max(1, Math.ceil(size / padTo)) * padTo;
    if (identifiers !== want)
      differences.push(`${told.id} label ${label}: plaintext ${want} identifiers, announced ${identifiers}`);
    return { size, merged: of.length > 1 };
  });
  if (groups.length > 1 && groups.some(({ size }) => size < minSize))
    differences.push(`${told.id}: a label of fewer than ${minSize} identifiers is not merged`);
  if (groups.filter(({ merged }) => merged).length > (minSize > 0 ? 1 : 0))
    differences.push(`${told.id}: labels are merged that need not be`);
  return differences;
}

const keyOf = (lists: readonly string[], labels: Readonly<Record<string, string | undefined>>): string =>
  JSON.stringify(lists.map((id) => [id, labels[id] ?? null]));

/** @param parties in the order of the lists */
export function compareLabels(
  lists: readonly PlainList[],
  parties: readonly ScenarioParty[],
  told: LabelsResult,
  { noise, minCount, padTo }: LabelTerms,
): ReleaseCheck {
  const differences: string[] = [];
  const labelsById = new Map<string, ReadonlyMap<string, string>>();
  lists.forEach((list, i) => {
    const party = parties[i] as ScenarioParty;
    const own = told.lists.find(({ id }) => id === list.id);
    if ((party.labels === undefined) !== (own === undefined))
      differences.push(`${list.id}: labels, told otherwise`);
    if (own === undefined || party.labels === undefined) return;
    const labels = toldLabels(list, party, own);
    labelsById.set(list.id, labels);
    differences.push(...checkAnnounced(own, labels, party.labels.minSize ?? minCount, padTo));
  });
  const want = new Map<string, number>();
  for (const identifier of new Set(lists.flatMap((list) => [...list.holders.keys()]))) {
    const holding = lists.filter((list) => list.holders.has(identifier)).map(({ id }) => id);
    const own = holding.map((id) => [id, labelsById.get(id)?.get(identifier)] as const);
    const key = keyOf(holding, Object.fromEntries(own));
    want.set(key, (want.get(key) ?? 0) + 1);
  }
  const combinations = lists.reduce(
    (product, { id }) => product * (1 + (told.lists.find((one) => one.id === id)?.labels.length ?? 1)),
    1,
  );
  const keys = new Set(told.cells.map((cell) => keyOf(cell.in, cell.labels)));
  if (
    keys.size !== combinations - 1 ||
    told.cells.length !== keys.size ||
    [...want.keys()].some((key) => !keys.has(key))
  )
    differences.push('cells: not one for every combination of lists and labels');
  let cellsChecked = 0;
  for (const cell of told.cells) {
    const { exactly } = cell;
    if (exactly === null) continue;
    const name = cell.in.map((id) => [id, cell.labels[id] ?? ''].join(' ').trim()).join(' + ');
    const plain = want.get(keyOf(cell.in, cell.labels)) ?? 0;
    cellsChecked += 1;
    if (!withinTail(plain, exactly, noise))
      differences.push(`exactly ${name}: plaintext ${plain}, released ${exactly}`);
    const isEmpty = told.lists.some(
      ({ id, labels }) => labels.find(({ label }) => label === cell.labels[id])?.identifiers === 0,
    );
    if (minCount > 1 && exactly < minCount && !isEmpty)
      differences.push(`exactly ${name}: released, and below the minimum of ${minCount}`);
    if (padTo !== null && cell.in.length === 1) differences.push(`exactly ${name}: of one padded list`);
  }
  return { cellsChecked, differences };
}
