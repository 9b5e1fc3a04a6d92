import { coalitionRows } from './rows/coalitions.ts';
import { runRows } from './run.ts';

runRows(coalitionRows, { ids: ['alpha', 'beta', 'delta', 'gamma'] });
