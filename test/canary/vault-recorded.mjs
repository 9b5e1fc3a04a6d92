/**
 * Entry of a vault worker that tells the test which secrets it drew and what it said.
 *
 * Purpose: the vault as it is in production, loaded after its two ways out of the thread were tapped: random bytes
 * that it draws, and messages that it posts. The tap is a broadcast channel, not the vault's own port.
 * Assumes: it is started in place of worker-bootstrap/vault.mjs; nothing in the product can do that.
 * Does not know: what is a secret.
 */
import { createRequire } from 'node:module';
import { BroadcastChannel, parentPort } from 'node:worker_threads';

const require = createRequire(import.meta.url);
const crypto = require('node:crypto');
export const tap = new BroadcastChannel('canary-tap');
tap.unref();
tap.onmessage = ({ data }) => {
  if (data.type === 'flush') tap.postMessage({ type: 'flushed' });
};

const { randomBytes } = crypto;
/** Called with every draw: leaky-vault.mjs. */
export const onDraw = [];
crypto.randomBytes = (length) => {
  const bytes = randomBytes(length);
  tap.postMessage({ type: 'drawn', bytes: Uint8Array.from(bytes) });
  for (const listener of onDraw) listener(Uint8Array.from(bytes));
  return bytes;
};

const post = parentPort.postMessage.bind(parentPort);
parentPort.postMessage = (message, moved) => {
  tap.postMessage({ type: 'posted', message }); // copied before it is moved
  post(message, moved);
};

await import('../../packages/node/src/worker-bootstrap/vault.mjs');
