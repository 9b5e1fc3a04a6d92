/** Enquiries by persons, corrections between partners: the public door of the room. */
export { forbidsDisclosure } from './disclosure.ts';
export { createRedress, type Redress, type RedressHost } from './redress.ts';
export { createRedressShelf, type RedressShelf } from './shelf.ts';
