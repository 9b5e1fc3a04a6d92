/** The audit log that a station keeps: the public door of the room. */
export { Attempts } from './attempts.ts';
export { LogFaults } from './faults.ts';
export { type LogStatus, LogWitness } from './witness.ts';
export { SessionLog, tellInterrupted } from './session-log.ts';
export { ShownLogs } from './shown.ts';
export { keepWitnessed } from './witnessing.ts';
export { createWitnessStore, type WitnessStore } from './witness-store.ts';
export {
  type AuditHost,
  auditMethods,
  auditOverview,
  type AuditOverview,
  auditParams,
  auditReading,
  type AuditResults,
} from './control.ts';
export { exportLog } from './export.ts';
export { type AuditLog, openAuditLog, recoverAuditLog, type Recovered } from './log.ts';
