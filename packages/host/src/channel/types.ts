/**
 * The ports between a node and the machine's network: `Channel` and `CoordinatorLink`.
 *
 * Purpose: an ordered, reliable, framed, authenticated duplex between two nodes, and the link to the
 * coordinator by which nodes find each other. Adapters: WebSocket + TLS (`connectCoordinator`), in-memory
 * (`memoryCoordinator`, `memoryChannelPair`). Both pass `channelContract`.
 * Assumes: the caller knows the fingerprint of whom it wants to talk to before it talks.
 * Does not know: what a frame means.
 */
import type { ErrorCode } from '@tallystick/protocol/errors';
import type { Fingerprint } from '../identity/index.ts';

/** The label of the TLS exporter (RFC 8446 §7.5) that both ends bind into their consents. */
export const exporterLabel = 'EXPORTER-tallystick-v1';

/** Longest frame that a channel sends or takes unless told otherwise, in bytes. */
export const defaultMaxFrameBytes = 1 << 20;

/** Facts that hold from the moment a channel is handed out. Both ends sign them in their consents. */
export interface ChannelFacts {
  /** SPKI fingerprint of the peer; equal to the pin, checked before any byte was read. */
  readonly peerFingerprint: Fingerprint;
  /** The raw Ed25519 key (32 bytes) behind the peer's fingerprint. In memory: as the peer was named. */
  readonly peerPublicKey: Uint8Array;
  readonly localFingerprint: Fingerprint;
  /** `client` is who dialled, `server` who was rung. */
  readonly role: 'client' | 'server';
  /** SHA-256 (32 bytes) of the TLS exporter value; equal on both ends. In memory: random, equal on both. */
  readonly exporterHash: Uint8Array;
}

/** Running totals in bytes. */
export interface ChannelCounters {
  /** Frame payloads handed to `send` and accepted. */
  readonly bytesSent: number;
  /** Frame payloads parsed from the transport. */
  readonly bytesReceived: number;
  /** As above with framing, TLS and handshake: the payload of WebSocket messages. */
  readonly transportBytesSent: number;
  readonly transportBytesReceived: number;
}

/** How a channel ended. `closed` resolves with it, it never rejects. */
export interface ChannelClosed {
  /** `transport`: the connection broke, the relay ended it, or a frame could not be parsed. */
  readonly by: 'local' | 'peer' | 'transport';
  /** `undefined` for an orderly close without a reason. A broken connection is `peer.left`. */
  readonly code: ErrorCode | undefined;
}

/**
 * Ordered, reliable, framed duplex between two nodes. One consumer: either `receive` or the iterator.
 * Frames that arrived before an orderly close are delivered before the end.
 */
export interface Channel extends AsyncIterable<Uint8Array> {
  readonly facts: ChannelFacts;
  readonly counters: ChannelCounters;
  /**
   * Sends one frame (0 … maxFrameBytes bytes; copied before it returns). Resolves when the transport took
   * it: a slow peer delays this promise. Frames keep the order of the calls.
   * @throws TallyError `wire.length` for a frame over the limit; the code of `closed` (`peer.left` where it
   * has none) after the end.
   */
  send(frame: Uint8Array): Promise<void>;
  /**
   * The next frame, or `undefined` after an orderly end.
   * @throws TallyError with the code of `closed` where the channel ended with one.
   */
  receive(): Promise<Uint8Array | undefined>;
  /** Flushes what was sent, tells the peer the code (a number, inside the channel), ends. Idempotent. */
  close(code?: ErrorCode): Promise<void>;
  /** Resolves once, when the channel has ended; its resources are then freed. */
  readonly closed: Promise<ChannelClosed>;
}

export interface DirectoryEntry {
  readonly id: string;
  readonly fingerprint: Fingerprint;
  readonly online: boolean;
}

/** Somebody dials this node. Answer with `accept` or `reject`; unanswered rings time out at the coordinator. */
export interface Ring {
  /** The caller's id as the coordinator knows it: a hint for choosing the pin, proved only by `accept`. */
  readonly from: string;
  /** Opaque, set by the caller, e.g. a session id; at most 128 characters. Not authenticated. */
  readonly tag: string;
  /** @throws TallyError `channel.*` where the caller does not hold the key behind the fingerprint. */
  accept(expected: Fingerprint): Promise<Channel>;
  /** Tells the caller the code (default `peer.unknown`). */
  reject(code?: ErrorCode): void;
}

export type LinkState = 'online' | 'reconnecting' | 'closed';

/** A node's registration at a coordinator. */
export interface CoordinatorLink {
  readonly state: LinkState;
  /**
   * Opens a channel to a peer that is online, as its client.
   * @throws TallyError `peer.absent`, `peer.unknown` or what the peer rejected with, `channel.pin`,
   * `channel.certificate`, `channel.resumed`, `channel.tls`, `channel.overflow`, `peer.left`.
   */
  dial(peerId: string, expected: Fingerprint, tag: string): Promise<Channel>;
  /** One handler for calls by peers; without one every ring is rejected with `peer.absent`. */
  onRing(handler: (ring: Ring) => void): void;
  /** Told of every change of `state`; the code says why, where known. */
  onState(handler: (state: LinkState, code: ErrorCode | undefined) => void): void;
  /** The nodes the coordinator has seen since it started. What it says is not authenticated. */
  directory(): Promise<DirectoryEntry[]>;
  /** Ends the registration and every channel opened through it. Idempotent. */
  close(): Promise<void>;
  readonly closed: Promise<ErrorCode | undefined>;
}
