export { greet, softwareName } from './greet.ts';
export { SessionPump, type PumpCounters, type PumpOptions, type PumpOutput } from './pump.ts';
