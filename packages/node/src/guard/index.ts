/** Decisions before anything is sent: the public door of the room. */
export { checkedPaths } from './checked.ts';
export {
  clauseDenial,
  decide,
  ledgerDenial,
  type Decision,
  type FailedClause,
  type GuardFacts,
  type LocalRules,
} from './guard.ts';
