import { openingRows } from './rows/opening.ts';
import { runRows } from './run.ts';

runRows(openingRows);
