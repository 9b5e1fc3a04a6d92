import { twoCollectorRows } from './rows/two-collectors.ts';
import { runRows } from './run.ts';

runRows(twoCollectorRows);
