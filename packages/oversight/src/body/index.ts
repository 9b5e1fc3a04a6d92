/** A running oversight body: the public door of the room. */
export { type OversightOptions, type RunningOversight, startOversight } from './body.ts';
