/**
 * Limits and times of a session, in one place; every one is an argument of the machine that uses it.
 *
 * Purpose: the numbers that bound memory, messages and waiting.
 * Does not know: the clock.
 */
import { elementBytes } from '../suite/group.ts';

export interface Limits {
  /** Largest control message (UTF-8 JSON). 4,096 sentinels of 12 bytes are 96 KiB. */
  readonly maxMessageBytes: number;
  /** Most identifiers a party may bring. */
  readonly maxIdentifiers: number;
  /**
   * Most identifiers that a partner may announce, and so test, the question of a proof among them; a station refuses
   * before anything of its list leaves.
   */
  readonly maxPartnerIdentifiers: number;
  /** Chunks a sender may have under way on one stream before it is granted more. */
  readonly windowChunks: number;
  /** A station that was not heard of for so long is gone. */
  readonly silentMs: number;
  /** How often a station says that it is alive. */
  readonly heartbeatMs: number;
  /** Noised results are sent on this tick of the clock: how long sampling took says something of the numbers. */
  readonly releaseTickMs: number;
  /** A session in which nothing moves (no message but heartbeats) for so long is over. */
  readonly stallMs: number;
}

export const defaultLimits: Limits = {
  maxMessageBytes: 256 * 1024,
  maxIdentifiers: 1 << 24,
  maxPartnerIdentifiers: Number.POSITIVE_INFINITY,
  windowChunks: 8,
  silentMs: 30_000,
  heartbeatMs: 5_000,
  releaseTickMs: 1_000,
  stallMs: 600_000,
};

/** Elements in a chunk: 4,096 elements are 128 KiB. */
export const defaultChunkElements = 4096;
export const maxChunkElements = 16_384;

/** Sentinels of a sealed session: 460 show a random loss of 1% with 99%. */
export const defaultSentinels = 460;
export const maxSentinels = 4096;

/**
 * Most bytes of chunks that a station holds of so many streams, whatever other stations do. A window is all that a
 * sender may have under way, so it bounds what has come in and is not sent on (in the vault, or computed and not
 * granted yet), and what was sent and is not worked off by its receiver, wherever that lies meanwhile.
 */
export function windowBytes(windowChunks: number, chunkElements: number, streams: number): number {
  return windowChunks * chunkElements * elementBytes * streams;
}

/** Parties of a session. */
export const minParties = 2;
export const maxParties = 10;
export const maxCollectors = 2;

/** A proposal whose time differs by more from a station's own is refused: periods are counted by it. */
export const maxClockSkewMs = 600_000;
