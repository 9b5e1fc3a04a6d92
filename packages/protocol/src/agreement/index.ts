/** Agreements: what a session is bound to: the public door of the room. */
export * from './ephemeral.ts';
export { labelField, type LabelTerms, labelText, maxLabels } from './labels.ts';
