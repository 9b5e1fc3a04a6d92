/** Verdicts of oversight bodies that a station keeps: the public door of the room. */
export { createVerdictShelf, type VerdictShelf } from './shelf.ts';
