/**
 * Frames of somebody who does not follow the protocol.
 *
 * Purpose: bytes for a channel. Does not know: what comes back.
 */
import * as wire from '@tallystick/protocol/wire';

/** A hello of somebody whose clock is right. */
export function encodeHello(software: string, versions?: readonly number[]): Uint8Array {
  return wire.encodeHello(software, Date.now(), versions);
}

/** A text as it is, anything else as JSON. */
export function utf8Message(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
}
