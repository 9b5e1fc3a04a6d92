/**
 * What a bench and its child processes say over IPC.
 *
 * Purpose: one shape for both ends. Assumes: JSON. Does not know: processes.
 */
export type Order =
  | { readonly op: 'coordinator'; readonly id: string }
  | {
      readonly op: 'node';
      readonly dataDir: string;
      readonly url: string;
      readonly collector: string;
      readonly threads: number;
    }
  /** A method of the node's control API. */
  | { readonly op: 'call'; readonly method: string; readonly params: unknown }
  | { readonly op: 'sample' }
  /** Begins a new peak of memory. */
  | { readonly op: 'reset' }
  | { readonly op: 'stop' };

export interface Numbered {
  readonly number: number;
  readonly order: Order;
}

export type Answer =
  | { readonly number: number; readonly ok: true; readonly result: unknown }
  | { readonly number: number; readonly ok: false; readonly code: string; readonly message: string };

export interface Started {
  readonly fingerprint: string;
  /** Of a coordinator. */
  readonly url: string;
  /** Of a node: which engine its workers run. */
  readonly engine: string;
}

/** Totals since the process began. */
export interface Sample {
  /** User and system, every thread. */
  readonly cpuUs: number;
  /** Of the pool's threads inside engine calls; 0 where the system does not tell. */
  readonly kernelCpuNs: number;
  /** Since the last reset. */
  readonly peakRssBytes: number;
  /** Coordinator: bytes of links passed on. */
  readonly relayedBytes: number;
}

/** The passphrase of every invented node: its lists are invented too. */
export const benchKey = { kind: 'passphrase', passphrase: 'bench' } as const;
