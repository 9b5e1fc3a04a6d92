import { endingRows } from './rows/endings.ts';
import { runRows } from './run.ts';

runRows(endingRows);
