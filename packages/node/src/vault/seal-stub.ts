/** Stands in for @tallystick/host/seal until it is there. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
export function seal(key: Uint8Array, bytes: Uint8Array, context: string): Uint8Array {
  const nonce = randomBytes(12);
  const c = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const body = Buffer.concat([c.update(bytes), c.final()]);
  return new Uint8Array(Buffer.concat([nonce, body, c.getAuthTag()]));
}
export function openSealed(key: Uint8Array, sealed: Uint8Array, context: string): Uint8Array {
  const d = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12)).setAAD(Buffer.from(context));
  d.setAuthTag(sealed.subarray(-16));
  return new Uint8Array(Buffer.concat([d.update(sealed.subarray(12, -16)), d.final()]));
}
