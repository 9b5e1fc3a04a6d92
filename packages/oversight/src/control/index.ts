/** The control API of an oversight body: the public door of the room. */
export {
  createMethods,
  type MethodHost,
  type Methods,
  type OversightMethod,
  type OversightParams,
  oversightParams,
  type OversightResults,
  type OversightStatus,
  type RequestRow,
} from './methods.ts';
