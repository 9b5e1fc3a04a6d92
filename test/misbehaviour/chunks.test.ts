/**
 * Plays the rows of chunks in sessions of two and of three, of both forms.
 * Channels are in memory: what is to be seen is in the frames (rows/chunks.ts, run.ts).
 */
import { chunkRows } from './rows/chunks.ts';
import { runRows } from './run.ts';

runRows(chunkRows, { inMemory: true });
