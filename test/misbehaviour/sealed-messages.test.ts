/**
 * Plays the rows of signed messages in sessions of two and of three, form sealed.
 * Channels are in memory: what is to be seen is in the messages (rows/messages.ts, run.ts).
 */
import { sealedMessageRows } from './rows/messages.ts';
import { runRows } from './run.ts';

runRows(sealedMessageRows, { inMemory: true });
