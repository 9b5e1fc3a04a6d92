/**
 * WebSockets as the rest of the house sees them (RFC 6455).
 *
 * Purpose: one small port over `ws` for both ends, so that no other package imports it: text, binary with
 * backpressure, ping, and close codes from the error table (4000 + abort number).
 * Assumes: permessage-deflate is off everywhere (its size side channel and its memory are not wanted).
 * Does not know: what is said.
 */
import type { Duplex } from 'node:stream';
import { codeOfAbort, type ErrorCode, errorTable, TallyError } from '@tallystick/protocol/errors';
import { createWebSocketStream, type RawData, WebSocket, WebSocketServer } from 'ws';
import type { Transport } from './stream.ts';

/** Private-use close codes start here (RFC 6455 §7.4.2); the abort number is added. */
const closeCodeBase = 4000;
const orderlyClose = 1000;
/** Close code of `ws` for a message over its limit (RFC 6455 §7.4.1). */
const tooBigClose = 1009;

/** One message holds a protocol chunk with its TLS records; a longer piece of a stream is cut into several. */
const streamMessageBytes = 192 * 1024;

export interface Socket {
  sendText(text: string): void;
  /** @param done called when the message has left this process, or never will. */
  sendBinary(message: Uint8Array, done: () => void): void;
  /** One handler; `undefined` for `text` where a binary message came, and the other way round. */
  onMessage(handler: (text: string | undefined, binary: Uint8Array | undefined) => void): void;
  pause(): void;
  resume(): void;
  /** Ping; `onPong` hears the answer. */
  ping(): void;
  onPong(handler: () => void): void;
  close(code?: ErrorCode): void;
  terminate(): void;
  /** Resolves with the code the other end gave, if it gave one of ours. */
  readonly closed: Promise<ErrorCode | undefined>;
  /** From now on the binary messages are one byte stream; to be called before another message is handled. */
  stream(): { readonly stream: Duplex; readonly transport: Transport };
}

function codeOfClose(close: number): ErrorCode | undefined {
  if (close === tooBigClose) return 'wire.length';
  return close >= closeCodeBase ? codeOfAbort(close - closeCodeBase) : undefined;
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

function wrap(ws: WebSocket): Socket {
  let closeCode: ErrorCode | undefined;
  let bytesReceived = 0;
  let bytesSent = 0;
  const closed = new Promise<ErrorCode | undefined>((resolve) => {
    ws.on('close', (close) => {
      closeCode ??= codeOfClose(close);
      resolve(closeCode);
    });
  });
  ws.on('error', (error) => {
    // `close` follows every error; only our own limit has a code of its own.
    if ((error as NodeJS.ErrnoException).code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
      closeCode = 'wire.length';
  });
  const close = (code?: ErrorCode): void => {
    if (ws.readyState === WebSocket.OPEN)
      ws.close(code === undefined ? orderlyClose : closeCodeBase + errorTable[code].abort);
    else if (ws.readyState === WebSocket.CONNECTING) ws.terminate();
  };
  return {
    closed,
    sendText(text) {
      if (ws.readyState === WebSocket.OPEN) ws.send(text);
    },
    sendBinary: (message, done) => ws.send(message, { binary: true }, () => done()),
    onMessage(handler) {
      ws.removeAllListeners('message');
      ws.on('message', (data, isBinary) => {
        const bytes = bytesOf(data);
        if (isBinary) handler(undefined, bytes);
        else handler(bytes.toString('utf8'), undefined);
      });
    },
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    ping() {
      if (ws.readyState === WebSocket.OPEN) ws.ping();
    },
    onPong: (handler) => void ws.on('pong', handler),
    close,
    terminate: () => ws.terminate(),
    stream() {
      ws.removeAllListeners('message');
      ws.on('message', (data) => {
        bytesReceived += bytesOf(data).length;
      });
      const stream = createWebSocketStream(ws, { highWaterMark: 4 * streamMessageBytes });
      const writeWhole = stream._write.bind(stream);
      stream._write = (chunk: Buffer, encoding, done) => {
        bytesSent += chunk.length;
        const next = (at: number, error?: Error | null): void => {
          if (error != null || at >= chunk.length) return done(error);
          writeWhole(chunk.subarray(at, at + streamMessageBytes), encoding, (e) =>
            next(at + streamMessageBytes, e),
          );
        };
        next(0);
      };
      // Destroyed by the layer above, which gave no reason: its records did not hold. The default would cut the
      // connection, and the other side would not be told.
      stream._destroy = (error, done) => {
        if (ws.readyState === WebSocket.OPEN) close('channel.tls');
        ws.removeAllListeners('message');
        const finish = (): void => {
          done(error);
          process.nextTick(() => stream.emit('close')); // `ws` makes its streams without emitClose
        };
        if (ws.readyState === WebSocket.CLOSED) return finish();
        ws.once('close', finish);
        ws.resume(); // the answer to our close must be read
      };
      const transport: Transport = {
        get bytesSent() {
          return bytesSent;
        },
        get bytesReceived() {
          return bytesReceived;
        },
        get closeCode() {
          return closeCode;
        },
        close,
        terminate: () => ws.terminate(),
      };
      return { stream, transport };
    },
  };
}

/**
 * Opens a WebSocket to `url` (`ws:` or `wss:`).
 * @throws TallyError `argument.invalid` for another URL, `channel.refused` where nobody answers.
 */
export function connectSocket(url: string, maxMessageBytes: number, connectMs = 10_000): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let ws: WebSocket;
    try {
      ws = new WebSocket(url, {
        perMessageDeflate: false,
        maxPayload: maxMessageBytes,
        handshakeTimeout: connectMs,
        followRedirects: false,
      });
    } catch (cause) {
      reject(new TallyError('argument.invalid', 'coordinator url: want ws:// or wss://', { cause }));
      return;
    }
    const socket = wrap(ws);
    ws.once('open', () => resolve(socket));
    ws.once('error', (cause) =>
      reject(new TallyError('channel.refused', 'coordinator: no answer', { cause })),
    );
    ws.once('close', () => reject(new TallyError('channel.refused', 'coordinator: closed the connection')));
  });
}

export interface SocketServer {
  /** `ws://host:port`, with the port that was given by the system for 0. */
  readonly url: string;
  readonly port: number;
  /** Cuts every connection and stops listening. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
  readonly maxMessageBytes: number;
  readonly onSocket: (socket: Socket) => void;
}

/** @throws TallyError `channel.listen` where the address cannot be listened on. */
export function listenSockets(options: ListenOptions): Promise<SocketServer> {
  const { host, port, maxMessageBytes, onSocket } = options;
  return new Promise((resolve, reject) => {
    const server = new WebSocketServer({
      host,
      port,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
      clientTracking: true,
    });
    server.on('connection', (ws, request) => {
      request.socket.setKeepAlive(true, 30_000);
      request.socket.setNoDelay(true);
      onSocket(wrap(ws));
    });
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new TallyError('channel.listen', `listen on port ${port}: ${cause.code ?? 'failed'}`, { cause }),
      );
    });
    server.once('listening', () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      const name = host.includes(':') ? `[${host}]` : host;
      resolve({
        url: `ws://${name}:${bound}`,
        port: bound,
        close: () =>
          new Promise((done) => {
            for (const ws of server.clients) ws.terminate();
            server.close(() => done());
          }),
      });
    });
  });
}
