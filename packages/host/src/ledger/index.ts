/** The privacy ledger that a station keeps: the public door of the room. */
export { createLedgerBooks, type LedgerBooks, type StoredBook } from './books.ts';
export { acceptLedger, type LedgerReport, type ListSpending, reportLedgers } from './report.ts';
export { standingCosts } from './standing.ts';
export {
  defaultLocalCaps,
  KeptLedger,
  localCapsOf,
  type KeptLedgerOptions,
  type LedgerReason,
  type LocalCaps,
  type OwnList,
} from './station.ts';
