/**
 * The five lists, and the plaintext answers that every result is held against.
 *
 * Purpose: the lists are those of examples/five-agencies; the answers are worked out from the files, without the protocol.
 * Does not know: what a session answered.
 */
import { fileURLToPath } from 'node:url';
import { type PlainList, readPlainLists } from '@tallystick/cli/oracle';
import type { ScenarioParty } from '@tallystick/cli/scenario';

export const agencyIds = ['coast', 'customs', 'police', 'registry', 'revenue'] as const;
export type AgencyId = (typeof agencyIds)[number];

/** What makes two records the same person in this drill. */
export const recipes = ['name+birthyear'] as const;
/** Numbers below it are told to nobody: `privacy.minCount` of the agreement. */
export const minCount = 5;
/** By which the police list may be cut. */
export const policeLabels = { field: 'category', values: ['violence', 'fraud'], minSize: minCount } as const;

const fileOf = (id: AgencyId): string =>
  fileURLToPath(new URL(`../five-agencies/${id}.csv`, import.meta.url));

export const listFiles: readonly (ScenarioParty & { readonly id: AgencyId })[] = agencyIds.map((id) =>
  id === 'police'
    ? { id, list: fileOf(id), columns: { labels: { category: 'category' } }, labels: policeLabels }
    : { id, list: fileOf(id) },
);

/** In the order of `agencyIds`. */
export const readLists = (): Promise<readonly PlainList[]> =>
  readPlainLists({ parties: listFiles, subject: 'person', recipes });

export function listsOf(all: readonly PlainList[], ids: readonly AgencyId[]): readonly PlainList[] {
  return all.filter(({ id }) => ids.some((one) => one === id));
}
