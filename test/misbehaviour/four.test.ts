/**
 * Plays the rows of messages, chunks, contents and proofs in sessions of four, so of three hops.
 * Channels are in memory: what is to be seen is in messages and frames (rows, run.ts).
 */
import { fourRows } from './rows/index.ts';
import { runRows } from './run.ts';

runRows(fourRows, { ids: ['alpha', 'beta', 'delta', 'gamma'], inMemory: true });
