import { resultRows } from './rows/results.ts';
import { runRows } from './run.ts';

runRows(resultRows);
