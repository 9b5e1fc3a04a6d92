import { directMessageRows } from './rows/messages.ts';
import { runRows } from './run.ts';

runRows(directMessageRows);
