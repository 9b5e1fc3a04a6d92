/**
 * The oracle: a second implementation of docs/recipes.md, for tests only.
 *
 * Purpose: what importers, recipes and sessions must answer, from the document alone.
 * Assumes: lists that fit in memory.
 * Does not know: any file of packages/; it must never import one.
 */
export * from './answers.ts';
export type { OracleDate, OracleDocument, OracleRecord, OracleSubject } from './fields.ts';
export { bareNumber, documentKind, parseBirthDate, RowFault } from './fields.ts';
export * from './labels.ts';
export * from './lists.ts';
export { OracleRefusal } from './syntax.ts';
export { countryCode, documentNumber, hasForbidden, nameKey, tokensOf } from './text.ts';
