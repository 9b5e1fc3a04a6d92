/**
 * Watchlists as files: importers, format detection, the report of a check (docs/recipes.md, part A).
 *
 * Purpose: the public door of the room.
 * Assumes: nothing.
 * Does not know: the vault, the store, sessions.
 */
export { detectFormat } from './detect.ts';
export {
  type CompanionEvent,
  type CsvColumns,
  type ImportEvent,
  type ImportOptions,
  type ImportProgress,
  type ListFormat,
  listFormats,
  type MetaEvent,
  type RecordEvent,
  type RejectedEvent,
  type RejectReason,
  type RowEvent,
} from './events.ts';
export { maxEnquiryBytes, parseEnquiry } from './enquiry.ts';
export { importList } from './import.ts';
export { type ListReport, ReportBuilder, type ReportOptions, reportList } from './report.ts';
