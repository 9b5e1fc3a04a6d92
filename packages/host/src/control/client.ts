/**
 * The control socket's client: one call, one connection.
 *
 * Purpose: ask the process that owns a data directory. Assumes: it is of this version.
 * Does not know: methods.
 */
import { createConnection } from 'node:net';
import { TallyError } from '@tallystick/protocol/errors';
import { createLineCutter, parseError, parseLine, replySchema } from './lines.ts';
import { findSocket } from './place.ts';

export interface CallOptions {
  /** Hears the events that come before the result. */
  readonly onEvent?: (event: unknown) => void;
  /** Gives up: the call rejects with `session.cancelled`, the handler's signal is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Calls a method of the process that owns `directory`.
 * @throws TallyError `control.refused` where none answers or it goes away, or what the method threw.
 */
export async function callControl(
  directory: string,
  method: string,
  params: unknown = null,
  options: CallOptions = {},
): Promise<unknown> {
  const path = await findSocket(directory);
  if (path === undefined) throw new TallyError('control.refused', `${directory}: no control socket`);
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    const cancel = (): void => {
      reject(new TallyError('session.cancelled', `${method}: given up`));
      socket.destroy();
    };
    const cut = createLineCutter((line) => {
      const reply = parseLine(replySchema, line);
      if ('event' in reply) return options.onEvent?.(reply.event);
      if ('error' in reply) reject(parseError(reply.error));
      else resolve(reply.result);
      socket.end();
    });
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      try {
        cut(text);
      } catch (error) {
        reject(error as Error);
        socket.destroy();
      }
    });
    socket.once('connect', () => socket.write(`${JSON.stringify({ id: 1, method, params })}\n`));
    socket.on('error', (cause) =>
      reject(new TallyError('control.refused', `${directory}: no answer`, { cause })),
    );
    socket.once('close', () => {
      options.signal?.removeEventListener('abort', cancel);
      reject(new TallyError('control.refused', `${directory}: the process went away`));
    });
    if (options.signal?.aborted === true) cancel();
    else options.signal?.addEventListener('abort', cancel, { once: true });
  });
}
