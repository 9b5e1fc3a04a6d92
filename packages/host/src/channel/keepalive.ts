/**
 * Dead-peer detection on a socket that is always read.
 *
 * Purpose: ping at an interval; a socket whose pong does not come before the next ping is cut.
 * Assumes: nobody pauses the socket (links are paused by backpressure: they live and die with the control
 * sockets of their ends instead). Does not know: what runs over the socket.
 */
import type { Clock } from '../clock/index.ts';
import type { Socket } from './socket.ts';

export const defaultPingMs = 15_000;

/** @returns a function that stops it; stops by itself when the socket closes. */
export function keepAlive(socket: Socket, clock: Clock, pingMs: number): () => void {
  let answered = true;
  let cancel: () => void = () => undefined;
  let stopped = false;
  const beat = (): void => {
    if (stopped) return;
    if (!answered) {
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
    cancel = clock.setTimer(clock.nowMs() + pingMs, beat);
  };
  const stop = (): void => {
    stopped = true;
    cancel();
  };
  socket.onPong(() => {
    answered = true;
  });
  void socket.closed.then(stop);
  cancel = clock.setTimer(clock.nowMs() + pingMs, beat);
  return stop;
}
