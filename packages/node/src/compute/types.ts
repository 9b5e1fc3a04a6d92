/**
 * The compute port: stateless batches of group arithmetic and hashing, bytes in and bytes out.
 *
 * Purpose: what the vault asks of its workers; the inline twin and the piscina pool stand behind it and agree
 * byte for byte (one contract suite, `contract.testkit.ts`).
 * Assumes: the caller keeps its arrays as they are until the promise settles; they are read, never changed and
 * never detached. Scalars are copied, and every copy is zeroed after use.
 * Does not know: sessions, lists, whose scalar it is.
 */
import type { EngineName } from '@tallystick/protocol/kernel';
import type { MessageBatch } from '@tallystick/protocol/suite';

/** Identifiers, each as UTF-8. */
export type IdentifierBatch = MessageBatch;

/** What was done so far. `kernelCpuNs` is CPU time of the threads inside engine calls; 0 where the system does not tell. */
export interface ComputeStats {
  readonly kernelCpuNs: number;
  readonly batches: number;
  readonly elements: number;
}

/** Which engine runs and why the faster ones do not; for `tallystick doctor`. */
export interface EngineReport {
  readonly engine: EngineName;
  /** In the order they were tried; `reason` says in a few words why this one was or was not taken. */
  readonly tried: readonly {
    readonly engine: EngineName;
    readonly usable: boolean;
    readonly reason: string;
  }[];
  readonly threads: number;
}

/**
 * Errors (`TallyError`) of every operation: those of `GroupEngine`, with the index counted over the whole batch;
 * `compute.worker` when a worker died (the pool recovers), `compute.memory`, `compute.unavailable` once closed.
 */
export interface Compute {
  /** scalar · H(text) per identifier: `blindMessages` of the group port; n·32 bytes. */
  blind(batch: IdentifierBatch, dst: Uint8Array, scalar: Uint8Array): Promise<Uint8Array>;

  /** scalar · e per element; n·32 bytes in, n·32 bytes out. */
  evaluate(elements: Uint8Array, scalar: Uint8Array): Promise<Uint8Array>;

  /** The tags of scalar · e: the first `tagBytes` (1..64) of SHA-512(`tallystick-v1-tag` ‖ tagContext ‖ encoding); n·tagBytes. */
  evaluateToTags(
    elements: Uint8Array,
    scalar: Uint8Array,
    tagContext: Uint8Array,
    tagBytes: number,
  ): Promise<Uint8Array>;

  /** scalar · e per element, and the tags of that. */
  evaluateWithTags(
    elements: Uint8Array,
    scalar: Uint8Array,
    tagContext: Uint8Array,
    tagBytes: number,
  ): Promise<{ readonly elements: Uint8Array; readonly tags: Uint8Array }>;

  /** The tags of elements that came evaluated; n·32 bytes in, n·tagBytes out. The bytes are not decoded. */
  tag(elements: Uint8Array, tagContext: Uint8Array, tagBytes: number): Promise<Uint8Array>;

  /** Σ wᵢ·eᵢ, weights of 16 bytes little-endian, public; 32 bytes (the identity is allowed). */
  weightedSum(elements: Uint8Array, weights: Uint8Array): Promise<Uint8Array>;

  /**
   * Σ wᵢ·eᵢ of each stream, with the same weights: those that `expandWeights` of the suite makes of the seed, hashed
   * where the sums are made. Streams are equally long; 32 bytes a stream, joined. Copies of the seed are zeroed.
   */
  fold(streams: readonly Uint8Array[], seed: Uint8Array): Promise<Uint8Array>;

  stats(): Promise<ComputeStats>;
  describeEngine(): EngineReport;

  /** Stops the workers; calls under way fail with `compute.unavailable`. */
  close(): Promise<void>;
}

export interface ComputeOptions {
  /** Force one engine; the environment variable TALLYSTICK_ENGINE does the same. Absent: the fastest usable. */
  readonly engine?: EngineName;
  /** Worker threads; absent: `os.availableParallelism()`. The inline twin has none. */
  readonly threads?: number;
  /** Elements to a sub-batch, 1 or more; absent: 1,024. */
  readonly subBatchElements?: number;
}
