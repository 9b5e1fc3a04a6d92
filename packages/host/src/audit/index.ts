/** The audit log that a station keeps: the public door of the room. */
export { Attempts } from './attempts.ts';
export { type AuditLog, openAuditLog } from './log.ts';
