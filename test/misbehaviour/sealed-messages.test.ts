import { sealedMessageRows } from './rows/messages.ts';
import { runRows } from './run.ts';

runRows(sealedMessageRows);
