/**
 * Plays the rows of proofs that are of another list, hop, session or turn.
 * Channels are in memory: what is to be seen is in the proofs (rows/borrowed.ts, run.ts).
 */
import { borrowedRows } from './rows/borrowed.ts';
import { runRows } from './run.ts';

runRows(borrowedRows, { inMemory: true });
