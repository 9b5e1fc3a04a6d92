/** Enquiries by persons, corrections between partners: the public door of the room. */
export { createRedress, type Redress, type RedressHost } from './redress.ts';
export { createRedressShelf, type RedressShelf } from './shelf.ts';
