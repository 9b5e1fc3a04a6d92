import { coalitionRows } from './rows/coalitions.ts';
import { runRows } from './run.ts';

runRows(coalitionRows, ['alpha', 'beta', 'delta', 'gamma']);
