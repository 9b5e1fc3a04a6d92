/**
 * Synthetic watchlists with planted overlaps, for the demonstration and for tests.
 *
 * Purpose: the public door of the room.
 * Assumes: nothing. Does not know: the protocol.
 */
export type { Planted, PlantKind } from './entries.ts';
export {
  type GenerateOptions,
  generateLists,
  matchesUnder,
  type SyntheticList,
  type SyntheticLists,
  writeLists,
} from './generate.ts';
export type { ListFileText, SpoiltRow } from './write.ts';
