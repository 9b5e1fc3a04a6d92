/**
 * What the control API streams while a method runs.
 *
 * Purpose: progress of sessions and imports, public facts only. Does not know: who listens.
 */
import type { SessionState } from './api.ts';

/** What `session.watch` streams. */
export type SessionEvent =
  | { readonly type: 'state'; readonly state: SessionState }
  | {
      readonly type: 'progress';
      /** `blind`: the own list is blinded; the others: a stream passes here. Units: identifiers, sentinels among them. */
      readonly phase: 'blind' | 'stream' | 'returned' | 'tags' | 'marks' | 'labels';
      readonly direction: 'in' | 'out' | 'local';
      /** Index of the list's owner in `parties`. */
      readonly list: number;
      readonly hop: number;
      readonly done: number;
      readonly total: number;
    }
  | { readonly type: 'finished' }
  | { readonly type: 'aborted'; readonly code: string; readonly message: string; readonly by: string };

/** What `list.import` streams: sealed chunks stored so far, a few hundred records each. */
export interface ImportEventMessage {
  readonly type: 'progress';
  readonly phase: 'import';
  readonly chunks: number;
}

export type ControlEvent = SessionEvent | ImportEventMessage;
