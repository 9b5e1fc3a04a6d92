/** The audit log that a station keeps: the public door of the room. */
export { Attempts } from './attempts.ts';
export { type LogStatus, LogWitness } from './witness.ts';
export { keepWitnessed } from './witnessing.ts';
export { createWitnessStore, type WitnessStore } from './witness-store.ts';
export { exportLog } from './export.ts';
export { type AuditLog, openAuditLog } from './log.ts';
