/** What a node tells oversight, and what it hears: the public door of the room. */
export { createOversightDesk, type OversightDesk, type OversightDeskOptions } from './desk.ts';
