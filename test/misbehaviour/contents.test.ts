import { contentRows } from './rows/contents.ts';
import { runRows } from './run.ts';

runRows(contentRows);
