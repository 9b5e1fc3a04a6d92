export { greet, softwareName } from './greet.ts';
export { nativeSha256, SessionPump, type PumpCounters, type PumpOptions, type PumpOutput } from './pump.ts';
