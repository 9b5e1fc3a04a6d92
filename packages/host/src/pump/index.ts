/** Drives a session's state machine over channels and a clock: the public door of the room. */
export { greet, type Greeting, isUnfit, softwareName } from './greet.ts';
export { nativeSha256, SessionPump, type PumpCounters, type PumpOptions, type PumpOutput } from './pump.ts';
