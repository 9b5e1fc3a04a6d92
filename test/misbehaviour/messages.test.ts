import { messageRows } from './rows/messages.ts';
import { runRows } from './run.ts';

runRows(messageRows);
