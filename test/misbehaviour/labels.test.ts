import { labelRows } from './rows/labels.ts';
import { runRows } from './run.ts';

runRows(labelRows);
