/**
 * The group port: batch operations over ristretto255 (RFC 9496) as flat bytes.
 *
 * Purpose: the one interface behind which every engine stands; everything above it sees whole batches of bytes and
 * never a point.
 * Assumes: elements are 32 bytes each, scalars 32 bytes little-endian, uniform inputs 64 bytes each.
 * Does not know: what an identifier is, which engine runs, workers.
 */

export const elementBytes = 32;
export const scalarBytes = 32;
export const uniformBytes = 64;
export const weightBytes = 16;

/** n messages in one array: message i is `text[ends[i − 1] … ends[i])`, with `ends[−1]` = 0. */
export interface MessageBatch {
  readonly text: Uint8Array;
  readonly ends: Uint32Array;
}

/**
 * Every operation validates all of its batch before it fails, so that time does not tell where the bad element
 * stands, and throws `TallyError`:
 * - `element.length` when a batch is not a whole number of elements (an empty batch is allowed and gives an empty one),
 * - `element.encoding` / `element.identity` naming the index of the first bad element,
 * - `scalar.range` when the scalar is not canonical or is zero,
 * - `argument.invalid` when messages, tag terms or a domain separation tag are not as described.
 */
export interface GroupEngine {
  /** What the engine calls itself in reports; nothing depends on it. */
  readonly name: string;

  /** scalar · e for each of n elements: n·32 bytes in, n·32 bytes out, order kept (RFC 9496 §4.3.1, §4.3.2). */
  evaluate(elements: Uint8Array, scalar: Uint8Array): Uint8Array;

  /**
   * scalar · OneWayMap(u) for each of n uniform inputs (RFC 9496 §4.3.4): n·64 bytes in, n·32 bytes out.
   * An input that maps to the identity (probability about 2^-252) is `element.identity`.
   */
  hashAndBlind(uniform: Uint8Array, scalar: Uint8Array): Uint8Array;

  /** `hashAndBlind` of the 64 bytes that `expandMessage` makes of each of n messages under `dst` (1..255 bytes): n·32 bytes. */
  blindMessages(messages: MessageBatch, dst: Uint8Array, scalar: Uint8Array): Uint8Array;

  /** The tags, `tagBytes` long, that `tagElements` makes of what `evaluate` gives: n·32 bytes in, n·tagBytes out. */
  evaluateToTags(
    elements: Uint8Array,
    scalar: Uint8Array,
    tagContext: Uint8Array,
    tagBytes: number,
  ): Uint8Array;

  /** What `evaluate` gives (n·32 bytes), and behind it the tags of that (n·tagBytes). */
  evaluateWithTags(
    elements: Uint8Array,
    scalar: Uint8Array,
    tagContext: Uint8Array,
    tagBytes: number,
  ): Uint8Array;

  /** `tagElements`: n·32 bytes in, n·tagBytes out. The bytes are hashed, and not decoded. */
  tag(elements: Uint8Array, tagContext: Uint8Array, tagBytes: number): Uint8Array;

  /** Σ wᵢ·eᵢ with public 128-bit little-endian weights: n·32 and n·16 bytes in, 32 bytes out (the identity is allowed). */
  weightedSum(elements: Uint8Array, weights: Uint8Array): Uint8Array;

  /** Passes when each of n elements is a canonical encoding and not the identity. */
  decodeCheck(elements: Uint8Array): void;
}
