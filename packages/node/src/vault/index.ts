/**
 * The vault: what is secret, behind one narrow interface.
 *
 * Purpose: the public door of the room.
 */
export { openVault, type VaultOptions } from './client.ts';
export type { ImportListOptions, ListCheck, ListOptions, RecordChoice } from './list-types.ts';
export type * from './types.ts';
