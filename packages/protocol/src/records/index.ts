/**
 * Recipes: from a watchlist record to its identifiers (docs/recipes.md).
 *
 * Purpose: the public door of the room. Node, lists and CLI come in here.
 * Assumes: nothing.
 * Does not know: files, sessions.
 */
export { resolveCountry } from './countries.ts';
export { explainIdentifiers } from './explain.ts';
export { foldTokens } from './fold.ts';
export { labelsOf, unlabelled } from './labels.ts';
export { documentNumber, nameKey } from './names.ts';
export { deriveIdentifiers, forbiddenField, parseRecipes } from './recipes.ts';
export {
  type BirthDate,
  type Derivation,
  type DerivationNote,
  type DerivationStep,
  isRecordOf,
  type RecipeName,
  type RecordDocument,
  type RecordName,
  type RecordSubject,
  recipeNames,
  recipeVersion,
  type Subject,
  subjects,
  type WatchlistRecord,
} from './types.ts';
export { checkUnicode, hasForbidden, pinnedUnicode, unassignedRanges } from './unicode.ts';
