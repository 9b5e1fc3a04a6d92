export { parseColumnsOption } from './columns.ts';
export { parseScenario, readScenario } from './read.ts';
export type { Scenario, ScenarioOutput, ScenarioParty } from './types.ts';
