/** Approvals and proposals that were used: the public door of the room. */
export { createSingleUse, type SingleUse } from './single-use.ts';
