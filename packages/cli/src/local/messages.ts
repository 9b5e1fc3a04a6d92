/**
 * What a parent and its children say over IPC.
 *
 * Purpose: one shape for both ends. Keys are drawn in the children and never leave them. There is no order to
 * stop: the end of the channel is that order, however it comes.
 * Assumes: nothing. Does not know: how processes are started or stopped.
 */

export type StartOrder =
  | {
      readonly type: 'start';
      readonly role: 'coordinator';
      readonly id: string;
      readonly dataDir: string;
      /** False: it only relays. */
      readonly collects: boolean;
    }
  | {
      readonly type: 'start';
      readonly role: 'collector';
      readonly id: string;
      readonly dataDir: string;
      readonly coordinatorUrl: string;
    }
  | {
      readonly type: 'start';
      readonly role: 'node';
      readonly id: string;
      /** Own directory, 0700, made by the parent; holds the control socket. */
      readonly dataDir: string;
      readonly coordinatorUrl: string;
      /** Who collects where a proposal names nobody. */
      readonly collector: string;
      /** Worker threads for arithmetic. */
      readonly threads: number;
    };

export interface Ready {
  readonly type: 'ready';
  readonly fingerprint: string;
  /** Of a coordinator. */
  readonly url: string | null;
}

export type ChildMessage =
  | Ready
  | { readonly type: 'failed'; readonly code: string; readonly message: string };
