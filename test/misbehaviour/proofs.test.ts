import { proofAndBarrierRows } from './rows/proofs.ts';
import { runRows } from './run.ts';

runRows(proofAndBarrierRows);
