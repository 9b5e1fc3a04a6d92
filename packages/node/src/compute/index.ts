/**
 * Batches of group arithmetic on all cores.
 *
 * Purpose: the public door of the room.
 */
export { openInline } from './inline.ts';
export { openPool, type Pool, type PoolOptions } from './pool.ts';
export * from './types.ts';
