import { chunkRows } from './rows/chunks.ts';
import { runRows } from './run.ts';

runRows(chunkRows);
