/** Standing agreements that a station holds: the public door of the room. */
export { type AgreementShelf, createAgreementShelf, type HeldAgreement, stationsUnder } from './shelf.ts';
