/**
 * How many proposals of a peer are written down: so many an hour that nobody consents to, each peer for itself.
 * Time is a number that the test gives.
 */
import { expect, test } from 'vitest';
import { Arrivals, mostArrivals } from './arrivals.ts';

const hourMs = 3_600_000;
const takeAll = (arrivals: Arrivals, nowMs: number): number => {
  let taken = 0;
  while (taken <= mostArrivals && arrivals.take('b', nowMs)) taken += 1;
  return taken;
};

test('so many of a peer an hour that nobody consented to, whatever others send', () => {
  const arrivals = new Arrivals();
  expect(takeAll(arrivals, 0)).toBe(mostArrivals);
  expect(arrivals.take('b', hourMs - 1)).toBe(false);
  expect(arrivals.take('c', hourMs - 1)).toBe(true);
  expect(takeAll(arrivals, hourMs)).toBe(mostArrivals);
});

test('what we consented to does not count, and gives no more than it took', () => {
  const arrivals = new Arrivals();
  arrivals.consented('b');
  expect(takeAll(arrivals, 0)).toBe(mostArrivals);
  arrivals.consented('b');
  expect([arrivals.take('b', 1), arrivals.take('b', 1)]).toEqual([true, false]);
});

test('a clock that goes back does not shut a peer out for longer', () => {
  const arrivals = new Arrivals();
  takeAll(arrivals, 100 * hourMs);
  expect(arrivals.take('b', 1)).toBe(true);
});
