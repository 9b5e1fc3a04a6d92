/** Results that are deleted on time: the public door of the room. */
export { defaultRetentionDays, mostRetentionDays, retentionDays, retentionOf } from './due.ts';
export { RetentionKeeper } from './keeper.ts';
