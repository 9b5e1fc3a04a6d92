/** The protocol as state machines without I/O: the public door of the room. */
export { CollectorMachine } from './collector.ts';
export { hashConsents, hashProposal, stationsOf } from './consents.ts';
export { atLeastFrom } from './counts.ts';
export { nameGroups, sentinelLabel } from './labels.ts';
export {
  ledgerLimitsOf,
  ledgerRowOf,
  ledgerScopeOf,
  ledgerTermsOf,
  listChargeOf,
} from './ledger.ts';
export { PartyMachine } from './party.ts';
export { notedHead, type NotedHead } from './shown-log.ts';
export { states, verdict, type Event, type Role, type State, type Verdict } from './table.ts';
export type { StationMachine } from './station.ts';
export type * from './types.ts';
