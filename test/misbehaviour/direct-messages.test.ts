/**
 * Plays the rows of signed messages in sessions of the form direct.
 * Channels are in memory: what is to be seen is in the messages (rows/messages.ts, run.ts).
 */
import { directMessageRows } from './rows/messages.ts';
import { runRows } from './run.ts';

runRows(directMessageRows, { inMemory: true });
