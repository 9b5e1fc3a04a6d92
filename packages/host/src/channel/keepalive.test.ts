import { expect, it } from 'vitest';
import { fakeClock } from '../clock/index.ts';
import { keepAlive } from './keepalive.ts';
import type { Socket } from './socket.ts';

function fakeSocket() {
  let pong: () => void = () => undefined;
  let close: (code: undefined) => void = () => undefined;
  const seen = { pings: 0, terminated: false };
  const socket: Pick<Socket, 'ping' | 'onPong' | 'terminate' | 'closed'> = {
    closed: new Promise((resolve) => {
      close = resolve;
    }),
    ping: () => void seen.pings++,
    onPong(handler) {
      pong = handler;
    },
    terminate() {
      seen.terminated = true;
      close(undefined);
    },
  };
  return { socket: socket as Socket, seen, pong: () => pong(), close: () => close(undefined) };
}

it('keeps a socket that answers, and cuts one that does not', async () => {
  const clock = fakeClock();
  const { socket, seen, pong } = fakeSocket();
  keepAlive(socket, clock, 100);
  for (let i = 1; i <= 5; i++) {
    clock.advance(100);
    expect(seen.pings).toBe(i);
    pong();
  }
  clock.advance(100);
  expect(seen.terminated).toBe(false);
  clock.advance(100); // the sixth ping was not answered
  expect(seen.terminated).toBe(true);
  await socket.closed;
  await Promise.resolve();
  expect(clock.pending).toBe(0);
});

it('leaves no timer when the socket closes or it is stopped', async () => {
  const clock = fakeClock();
  const first = fakeSocket();
  keepAlive(first.socket, clock, 100);
  first.close();
  await first.socket.closed;
  await Promise.resolve();
  keepAlive(fakeSocket().socket, clock, 100)();
  expect(clock.pending).toBe(0);
});
