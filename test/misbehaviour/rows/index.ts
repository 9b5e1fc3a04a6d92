/** All rows of the matrix, by the file that plays them. */
import type { Absent, Row } from '../row.ts';
import { absentBorrowed, borrowedRows, fourBorrowedRows } from './borrowed.ts';
import { absentChunks, chunkRows, fourChunkRows } from './chunks.ts';
import { coalitionRows } from './coalitions.ts';
import { contentRows, fourContentRows } from './contents.ts';
import { endingRows } from './endings.ts';
import { labelRows } from './labels.ts';
import { absentMessages, directMessageRows, fourMessageRows, sealedMessageRows } from './messages.ts';
import { openingRows } from './opening.ts';
import { proofAndBarrierRows } from './proofs.ts';
import { resultRows } from './results.ts';
import { twoCollectorRows } from './two-collectors.ts';

export interface Sheet {
  /** Relative to the repository. */
  readonly file: string;
  readonly rows: readonly Row[];
}

const sheet = (name: string, rows: readonly Row[]): Sheet => ({
  file: `test/misbehaviour/${name}.test.ts`,
  rows,
});

export const fourRows: readonly Row[] = [
  ...fourMessageRows,
  ...fourChunkRows,
  ...fourContentRows,
  ...fourBorrowedRows,
];

/** Deviations that there are not at a place, each with its reason. */
export const absent: readonly Absent[] = [...absentMessages, ...absentChunks, ...absentBorrowed];

export const sheets: readonly Sheet[] = [
  sheet('opening', openingRows),
  sheet('sealed-messages', sealedMessageRows),
  sheet('direct-messages', directMessageRows),
  sheet('chunks', chunkRows),
  sheet('contents', contentRows),
  sheet('proofs', proofAndBarrierRows),
  sheet('borrowed', borrowedRows),
  sheet('results', resultRows),
  sheet('coalitions', coalitionRows),
  sheet('endings', endingRows),
  sheet('labels', labelRows),
  sheet('two-collectors', twoCollectorRows),
  sheet('four', fourRows),
];
