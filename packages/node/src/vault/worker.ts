/**
 * Entry of the vault's worker thread.
 *
 * Purpose: open the compute pool, build the room, expose its calls to the thread that started it.
 * Assumes: it is loaded as a worker (through worker-bootstrap when running from sources, which loads it with
 * `require`: so no top-level await). A rejection ends the thread, and its parent learns of it.
 * Does not know: who calls.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { expose } from 'comlink';
import { systemRandom } from '@tallystick/host/random';
import { checkUnicode } from '@tallystick/protocol/records';
import { openInline, openPool } from '../compute/index.ts';
import type { VaultWorkerData } from './client.ts';
import { nodeEndpoint, onlyCallsOf, type WorkerPort } from './endpoint.ts';
import { exposeRoom } from './exposed.ts';
import { VaultRoom } from './room.ts';

async function start({ compute: options, isInline }: VaultWorkerData, port: WorkerPort): Promise<void> {
  checkUnicode(process.versions['unicode'] ?? '');
  const compute = isInline ? await openInline(options) : await openPool(options);
  const exposed = exposeRoom(new VaultRoom(compute, systemRandom), compute);
  expose(exposed, nodeEndpoint(port, onlyCallsOf(Object.keys(exposed))));
}

void start(workerData as VaultWorkerData, parentPort as unknown as WorkerPort);
