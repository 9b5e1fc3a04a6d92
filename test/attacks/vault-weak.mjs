/**
 * Entry of a vault worker that draws every scalar alike.
 *
 * Purpose: a victim without fresh scalars, or an attacker who knows his own: k and r are one, the same in every
 * session. Everything else is the vault as it is in production.
 * Assumes: it is started in place of worker-bootstrap/vault.mjs; nothing in the product can do that. ATTACK_SCALAR is
 * the byte that 64 random ones are replaced by. Does not know: the attack.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const crypto = require('node:crypto');
const { randomBytes } = crypto;
const byte = Number(process.env.ATTACK_SCALAR);
crypto.randomBytes = (length) => (length === 64 ? Buffer.alloc(64, byte) : randomBytes(length));

await import('../../packages/node/src/worker-bootstrap/vault.mjs');
