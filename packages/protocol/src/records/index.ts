/**
 * Recipes: from a watchlist record to its identifiers (docs/recipes.md).
 *
 * Purpose: the public door of the room.
 */
export * from './types.ts';
