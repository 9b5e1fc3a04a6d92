/**
 * The control socket's server.
 *
 * Purpose: answer requests of this user's other processes, stream events, and be the data directory's
 * single-instance lock while it runs.
 * Assumes: the file system's permissions keep other users out (socket 0600 in a directory 0700).
 * Does not know: what the methods do; each handler checks its own parameters.
 */
import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { TallyError } from '@tallystick/protocol/errors';
import { makePrivateDirectory, privateFileMode } from '../files/index.ts';
import { createLineCutter, encodeError, parseLine, requestSchema } from './lines.ts';
import { takePlace } from './place.ts';

export interface ControlContext {
  /** Sends an event to this caller, before the result. Dropped once the caller has gone. */
  emit(event: unknown): void;
  /** Aborted when the caller goes or the server closes. */
  readonly signal: AbortSignal;
}

/** Methods by name (`[a-z][a-zA-Z.]*`); what they return, as JSON, is the result. */
export type ControlHandlers = Readonly<Record<string, (params: unknown, context: ControlContext) => unknown>>;

export interface ControlServer {
  /** The socket's path: in the data directory, or in a short temporary one. */
  readonly path: string;
  /** Ends every connection, stops listening, removes the socket. Idempotent. */
  close(): Promise<void>;
}

/**
 * Listens in `directory` (made, mode 0700). From its return to `close` this process owns the directory.
 * @throws TallyError `store.locked` where another process does; `file.*`.
 */
export async function serveControl(directory: string, handlers: ControlHandlers): Promise<ControlServer> {
  await makePrivateDirectory(directory);
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    serveConnection(socket, handlers);
  });
  let path = '';
  const free = await takePlace(directory, async (at) => {
    await listen(server, at);
    await chmod(at, privateFileMode);
    path = at;
  });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const stopped = new Promise<void>((resolve) => void server.close(() => resolve()));
    for (const socket of connections) socket.destroy();
    await stopped;
    await free();
  };
  return {
    path,
    close: () => (closing ??= close()),
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function serveConnection(socket: Socket, handlers: ControlHandlers): void {
  const gone = new AbortController();
  const say = (reply: object): void => {
    if (socket.writable) socket.write(`${JSON.stringify(reply)}\n`);
  };
  const answer = async (line: string): Promise<void> => {
    let id = 0;
    try {
      const request = parseLine(requestSchema, line);
      id = request.id;
      const handler = Object.hasOwn(handlers, request.method) ? handlers[request.method] : undefined;
      if (handler === undefined) throw new TallyError('control.request', 'request.method: unknown');
      const result: unknown = await handler(request.params, {
        emit: (event) => say({ id, event: event ?? null }),
        signal: gone.signal,
      });
      say({ id, result: result ?? null });
    } catch (error) {
      say({ id, error: encodeError(error) });
    }
  };
  const cut = createLineCutter((line) => void answer(line));
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    try {
      cut(text);
    } catch (error) {
      say({ id: 0, error: encodeError(error) });
      socket.destroySoon();
    }
  });
  socket.on('error', () => undefined); // `close` follows
  socket.once('close', () => gone.abort());
}
