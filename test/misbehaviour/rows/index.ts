/** All rows of the matrix, by the file that plays them. */
import type { Row } from '../row.ts';
import { chunkRows } from './chunks.ts';
import { coalitionRows } from './coalitions.ts';
import { contentRows } from './contents.ts';
import { endingRows } from './endings.ts';
import { labelRows } from './labels.ts';
import { directMessageRows, sealedMessageRows } from './messages.ts';
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

export const sheets: readonly Sheet[] = [
  sheet('opening', openingRows),
  sheet('sealed-messages', sealedMessageRows),
  sheet('direct-messages', directMessageRows),
  sheet('chunks', chunkRows),
  sheet('contents', contentRows),
  sheet('proofs', proofAndBarrierRows),
  sheet('results', resultRows),
  sheet('coalitions', coalitionRows),
  sheet('endings', endingRows),
  sheet('labels', labelRows),
  sheet('two-collectors', twoCollectorRows),
];
