/**
 * Frames of somebody who does not follow the protocol.
 *
 * Purpose: bytes for a channel. Does not know: what comes back.
 */
export { encodeHello } from '@tallystick/protocol/wire';

/** A text as it is, anything else as JSON. */
export function utf8Message(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
}
