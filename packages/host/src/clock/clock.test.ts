import { expect, it } from 'vitest';
import { fakeClock, systemClock } from './index.ts';

it('fires fake timers in order of time, also those set on the way', () => {
  const clock = fakeClock(1000);
  const fired: [string, number][] = [];
  const note = (name: string) => () => void fired.push([name, clock.nowMs()]);
  clock.setTimer(1300, note('c'));
  clock.setTimer(1100, () => {
    note('a')();
    clock.setTimer(1200, note('b'));
  });
  const cancel = clock.setTimer(1150, note('cancelled'));
  cancel();
  clock.advance(250);
  expect(fired).toEqual([
    ['a', 1100],
    ['b', 1200],
  ]);
  expect([clock.nowMs(), clock.pending]).toEqual([1250, 1]);
  clock.setTimer(0, note('past'));
  clock.advance(50);
  expect(fired.slice(2)).toEqual([
    ['past', 1250],
    ['c', 1300],
  ]);
});

it('jumps: fires what was armed once, and what is armed on the way not before it is due again', () => {
  const clock = fakeClock(1000);
  const fired: [string, number][] = [];
  clock.setTimer(1300, () => fired.push(['late', clock.nowMs()]));
  const cancel = clock.setTimer(1200, () => fired.push(['cancelled', clock.nowMs()]));
  const tick = (): void => {
    fired.push(['tick', clock.nowMs()]);
    cancel();
    clock.setTimer(clock.nowMs() + 100, tick);
  };
  clock.setTimer(1100, tick);
  clock.jump(500);
  expect(fired).toEqual([
    ['tick', 1500],
    ['late', 1500],
  ]);
  expect([clock.nowMs(), clock.pending]).toEqual([1500, 1]);
  clock.jump(99);
  expect(fired).toHaveLength(2);
  clock.jump(1);
  expect(fired.slice(2)).toEqual([['tick', 1600]]);
});

it('waits and cancels on the system clock, and does not fire far timers at once', async () => {
  let fired = '';
  const cancelFar = systemClock.setTimer(systemClock.nowMs() + 2 ** 40, () => void (fired += 'far'));
  const cancelNear = systemClock.setTimer(systemClock.nowMs(), () => void (fired += 'cancelled'));
  cancelNear();
  await new Promise<void>((resolve) => void systemClock.setTimer(systemClock.nowMs() + 5, resolve));
  cancelFar();
  expect(fired).toBe('');
});
