/**
 * Plays the rows of labels: announced, sent and told wrongly.
 * What is to be seen stands in rows/labels.ts and run.ts.
 */
import { labelRows } from './rows/labels.ts';
import { runRows } from './run.ts';

runRows(labelRows);
