export { decide, type Decision, type FailedClause, type GuardFacts, type LocalRules } from './guard.ts';
