/** Decisions before anything is sent: the public door of the room. */
export { checkedPaths } from './checked.ts';
export { type GuardPorts, type SessionKnowledge, StandingGuard } from './standing.ts';
export {
  decide,
  ledgerDenial,
  type Decision,
  type FailedClause,
  type GuardFacts,
  type LocalRules,
} from './guard.ts';
