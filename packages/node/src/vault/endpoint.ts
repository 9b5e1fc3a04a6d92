/**
 * Comlink over a Node worker's port, narrow and with errors that keep their codes.
 *
 * Purpose: the endpoint adapter (Comlink's own does not type-check under nodenext), a gate that lets nothing
 * through but calls of named methods, and the `throw` transfer handler, which Comlink's own would strip of
 * code and class. Import this module on both sides.
 * Assumes: Comlink 4.4: a call is `{ type: 'APPLY', path: [name] }`.
 * Does not know: the vault's methods.
 */
import { asTallyError, type ErrorCode, errorTable, TallyError } from '@tallystick/protocol/errors';
import { type Endpoint, type TransferHandler, transferHandlers } from 'comlink';

/** The part that a Worker (seen from its parent) and a parent port (seen from the worker) have in common. */
export interface WorkerPort {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  on(event: 'message', listener: (data: unknown) => void): unknown;
  off(event: 'message', listener: (data: unknown) => void): unknown;
}

/** @param accept messages that it refuses are dropped unread. */
export function nodeEndpoint(port: WorkerPort, accept: (data: unknown) => boolean = () => true): Endpoint {
  const listeners = new Map<unknown, (data: unknown) => void>();
  return {
    postMessage: (message, transfer) => port.postMessage(message, (transfer ?? []) as ArrayBuffer[]),
    addEventListener(_type, listener) {
      const onMessage = (data: unknown): void => {
        if (!accept(data)) return;
        const event = { data } as MessageEvent;
        if (typeof listener === 'function') listener(event);
        else listener.handleEvent(event);
      };
      listeners.set(listener, onMessage);
      port.on('message', onMessage);
    },
    removeEventListener(_type, listener) {
      const onMessage = listeners.get(listener);
      if (onMessage !== undefined) port.off('message', onMessage);
      listeners.delete(listener);
    },
  };
}

/** A gate for `nodeEndpoint`: calls of these methods and nothing else, not even of a method's own properties. */
export function onlyCallsOf(methods: readonly string[]): (data: unknown) => boolean {
  const allowed = new Set(methods);
  return (data) => {
    const { type, path } = (data ?? {}) as { type?: unknown; path?: unknown };
    return type === 'APPLY' && Array.isArray(path) && path.length === 1 && allowed.has(path[0] as string);
  };
}

interface WireError {
  readonly code: string;
  readonly message: string;
}

interface Thrown {
  readonly value: unknown;
}

/** What is thrown in the worker as code and message; what is no `TallyError` loses its text: it may hold contents. */
function encodeError(value: unknown): WireError {
  const { code, message } = asTallyError(value);
  if (value instanceof TallyError || !(value instanceof Error)) return { code, message };
  return { code, message: `${message} (${value.constructor.name})` };
}

const plainHandler = transferHandlers.get('throw') as TransferHandler<Thrown, unknown>;

transferHandlers.set('throw', {
  canHandle: plainHandler.canHandle,
  serialize: ({ value }: Thrown) => [encodeError(value), []],
  deserialize({ code, message }: WireError): never {
    if (code in errorTable) throw new TallyError(code as ErrorCode, message);
    throw new TallyError('internal.bug', 'unexpected failure');
  },
} as TransferHandler<Thrown, WireError>);
