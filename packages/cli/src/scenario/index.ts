/** Scenario files: reading, schema, errors that name the field: the public door of the room. */
export { parseColumnsOption } from './columns.ts';
export { invalid } from './schema.ts';
export { parseScenario, readScenario } from './read.ts';
export { freeId } from './standing.ts';
export type { Collecting, Scenario, ScenarioOutput, ScenarioParty } from './types.ts';
