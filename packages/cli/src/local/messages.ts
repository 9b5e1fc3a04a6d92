/**
 * What a parent and its children say over IPC.
 *
 * Purpose: one shape for both ends. Keys are drawn in the children and never leave them: an agreement is signed there.
 * There is no order to stop: the end of the channel is that order, however it comes.
 * Assumes: nothing. Does not know: how processes are started or stopped.
 */

import type { AgreementSignature, StandingAgreement } from '@tallystick/protocol/agreement';

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
      /** `ask`: under a standing agreement, whose approvals consents carry. */
      readonly consent: 'auto' | 'ask';
    }
  | {
      readonly type: 'start';
      readonly role: 'oversight';
      readonly id: string;
      readonly dataDir: string;
      readonly coordinatorUrl: string;
    };

/** Put your signature under this, by the key that it names. */
export interface SignOrder {
  readonly type: 'sign';
  readonly agreement: StandingAgreement;
}

export interface Ready {
  readonly type: 'ready';
  readonly fingerprint: string;
  /** Hex. */
  readonly publicKey: string;
  /** Of a coordinator. */
  readonly url: string | null;
}

export type ChildMessage =
  | Ready
  | { readonly type: 'signed'; readonly signature: AgreementSignature }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };
