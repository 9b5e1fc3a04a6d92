/**
 * The running node's control API, typed.
 *
 * Purpose: one call, one result, by the contract of `@tallystick/node/control`.
 * Assumes: the node runs in the data directory and is of this version. Does not know: the transport.
 */
import { callControl } from '@tallystick/host/control';
import type {
  ControlEvent,
  ControlMethod,
  ControlParams,
  ControlResults,
  ImportEventMessage,
} from '@tallystick/node/control';
import type { Call } from '../args/types.ts';
import { dataDirectory } from '../commands/common.ts';

export interface NodeControl {
  /** @throws TallyError as the node throws it; `control.refused` where no node answers. */
  call<M extends ControlMethod>(
    method: M,
    params: ControlParams<M>,
    onEvent?: (event: ControlEvent) => void,
  ): Promise<ControlResults[M]>;
}

/** @param signal gives up every call that is under way. */
export function nodeAt(dataDir: string, signal?: AbortSignal): NodeControl {
  return {
    async call<M extends ControlMethod>(
      method: M,
      params: ControlParams<M>,
      onEvent?: (event: ControlEvent) => void,
    ): Promise<ControlResults[M]> {
      const result = await callControl(dataDir, method, params, {
        ...(onEvent === undefined ? {} : { onEvent: (event) => onEvent(event as ControlEvent) }),
        ...(signal === undefined ? {} : { signal }),
      });
      return result as ControlResults[M];
    },
  };
}

/** The node of `--data`. */
export function nodeOf(call: Call): NodeControl {
  return nodeAt(dataDirectory(call.options, call.io), call.io.signal);
}

/** Whether an event is of an import; otherwise it is of a session. */
export function isImportEvent(event: ControlEvent): event is ImportEventMessage {
  return event.type === 'progress' && event.phase === 'import';
}
