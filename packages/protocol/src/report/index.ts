/** The transparency report, made from audit logs alone: the public door of the room. */
export type { Range } from './bands.ts';
export {
  isReportSigned,
  parseSignedReport,
  type ReportLog,
  reportOf,
  type ReportRow,
  reportSchema,
  type SignedReport,
  signReport,
  type TransparencyReport,
} from './model.ts';
export {
  amountNames,
  type AmountName,
  eventNames,
  type EventName,
  outcomes,
  type Outcome,
  type Span,
} from './tally.ts';
