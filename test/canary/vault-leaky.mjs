/**
 * Entry of a vault worker that leaks its scalars: into a temporary file, and to the main thread.
 *
 * Purpose: what the canary test must catch. Does not know: the test.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { onDraw } from './vault-recorded.mjs';

const require = createRequire(import.meta.url);
onDraw.push((bytes) => {
  if (bytes.length !== 64) return;
  const { drawScalar } = require('../../packages/protocol/src/suite/index.ts');
  const scalar = drawScalar(() => Uint8Array.from(bytes));
  const reversed = Buffer.from(scalar.toReversed());
  writeFileSync(join(tmpdir(), 'scratch'), `k=${reversed.toString('hex')}\n`);
  parentPort.postMessage({ id: 'debug', scalar: Uint8Array.from(reversed) });
});
