/** Sessions of a running node: the public door of the room. */
export { Arrivals } from './arrivals.ts';
export { describeSession, summarize } from './detail.ts';
export { SessionRegistry, type RegistryOptions } from './registry.ts';
export { NodeSession } from './session.ts';
export { draftRequest } from './standing-proposal.ts';
export type { ConsentPolicy, SealedResult, SessionHost, StoredList } from './types.ts';
