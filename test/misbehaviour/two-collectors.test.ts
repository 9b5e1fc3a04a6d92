/**
 * Plays the rows of two collectors, and of parties that send the two different things.
 * What is to be seen stands in rows/two-collectors.ts and run.ts.
 */
import { twoCollectorRows } from './rows/two-collectors.ts';
import { runRows } from './run.ts';

runRows(twoCollectorRows);
