/** A clock that jumps is believed no more until a person has looked at it, whatever restarts in between. */
import { TallyError } from '@tallystick/protocol/errors';
import { expect, test } from 'vitest';
import { memoryStore, type Store } from '../store/index.ts';
import { type Clock, ClockTrust } from './index.ts';

const startMs = 1_800_000_000_000;

/** A machine: time of day, a clock that is never set, and timers that fire by hand. */
class Machine {
  dayMs = startMs;
  upMs = 50_000;
  readonly timers = new Map<number, { atMs: number; fn: () => void }>();
  readonly jumps: number[] = [];
  readonly failures: string[] = [];
  /** So long the process stands still before it is told the time of day, once. */
  stallMs = 0;
  private sequence = 0;
  readonly store: Store;

  constructor(store: Store = memoryStore()) {
    this.store = store;
  }

  /** Both clocks go on. */
  pass(byMs: number): void {
    this.dayMs += byMs;
    this.upMs += byMs;
  }

  /** Whatever is armed, in order. */
  fire(): void {
    const due = [...this.timers];
    this.timers.clear();
    for (const [, { fn }] of due) fn();
  }

  trust(store: Store = this.store): ClockTrust {
    const clock: Clock = {
      nowMs: () => {
        this.pass(this.stallMs);
        this.stallMs = 0;
        return this.dayMs;
      },
      setTimer: (atMs, fn) => {
        const id = this.sequence++;
        this.timers.set(id, { atMs, fn });
        return () => void this.timers.delete(id);
      },
    };
    return new ClockTrust({
      clock,
      store,
      monotonicMs: () => this.upMs,
      onJump: (byMs) => void this.jumps.push(byMs),
      onFailure: (error) => void this.failures.push(error.code),
    });
  }
}

test('two clocks that go on together are trusted, for however long, and however far they are apart', () => {
  const machine = new Machine();
  const trust = machine.trust();
  for (let hours = 0; hours < 48; hours += 1) {
    machine.pass(3_600_000);
    expect(trust.jumpMs).toBeNull();
  }
  expect(machine.jumps).toEqual([]);
});

test.each([
  [5_000, null],
  [-5_000, null],
  [5_001, 5_001],
  [-5_001, -5_001],
  [86_400_000, 86_400_000],
  [-365 * 86_400_000, -365 * 86_400_000],
])('set by %i ms: %j', (byMs, want) => {
  const machine = new Machine();
  const trust = machine.trust();
  machine.pass(7_000);
  machine.dayMs += byMs;
  expect(trust.jumpMs).toBe(want);
  machine.pass(7_000);
  expect(trust.jumpMs).toBe(want);
  expect(machine.jumps).toEqual(want === null ? [] : [want]);
});

test('small steps add up: nobody walks a clock away by a few seconds at a time', () => {
  const machine = new Machine();
  const trust = machine.trust();
  for (const step of [2_000, 2_000]) {
    machine.dayMs += step;
    expect(trust.jumpMs).toBeNull();
  }
  machine.dayMs += 2_000;
  expect(trust.jumpMs).toBe(6_000);
});

test('a machine that slept has jumped: only the time of day went on', () => {
  const machine = new Machine();
  const trust = machine.trust();
  machine.dayMs += 8 * 3_600_000;
  expect(trust.jumpMs).toBe(8 * 3_600_000);
});

test('there and back again is no zero: what ran in between ran at a wrong time', () => {
  const machine = new Machine();
  const trust = machine.trust();
  machine.dayMs += 60_000;
  expect(trust.jumpMs).toBe(60_000);
  machine.dayMs -= 60_000;
  expect(trust.jumpMs).toBe(0);
  expect(machine.jumps).toEqual([60_000, -60_000]);
});

test('acknowledged, it is trusted as it is now, and a later jump is a jump', () => {
  const machine = new Machine();
  const trust = machine.trust();
  machine.dayMs += 60_000;
  expect(trust.jumpMs).toBe(60_000);
  trust.acknowledge();
  expect(trust.jumpMs).toBeNull();
  machine.pass(10_000);
  expect(trust.jumpMs).toBeNull();
  machine.dayMs -= 60_000;
  expect(trust.jumpMs).toBe(-60_000);
});

test('the machine looks by itself: there and back between two questions is found too', () => {
  const machine = new Machine();
  const trust = machine.trust();
  const [timer] = [...machine.timers.values()];
  expect((timer?.atMs ?? Infinity) - machine.dayMs).toBeLessThanOrEqual(10_000);
  machine.dayMs += 60_000;
  machine.fire();
  machine.dayMs -= 60_000;
  expect(trust.jumpMs).not.toBeNull();
  expect(machine.timers.size).toBe(1);
  trust.close();
  expect(machine.timers.size).toBe(0);
});

test('a restart forgives nothing, and nothing but an acknowledgement does', () => {
  const machine = new Machine();
  const first = machine.trust();
  machine.dayMs += 60_000;
  expect(first.jumpMs).toBe(60_000);
  first.close();
  machine.upMs = 10;
  const second = machine.trust();
  expect(second.jumpMs).toBe(60_000);
  second.acknowledge();
  second.close();
  machine.upMs = 10;
  expect(machine.trust().jumpMs).toBeNull();
});

test('a start at an earlier time than was seen before is a jump; at a later one it is none', () => {
  const machine = new Machine();
  const first = machine.trust();
  machine.pass(3_600_000);
  expect(first.jumpMs).toBeNull();
  first.close();
  machine.upMs = 10;
  machine.dayMs += 7 * 86_400_000;
  const later = machine.trust();
  expect(later.jumpMs).toBeNull();
  later.close();
  machine.dayMs -= 5_000;
  const slightly = machine.trust();
  expect(slightly.jumpMs).toBeNull();
  slightly.close();
  machine.dayMs -= 5_001;
  expect(machine.trust().jumpMs).toBe(-5_001);
});

test('the two clocks are read one after the other: a machine that stalls in between has not jumped', () => {
  const machine = new Machine();
  const trust = machine.trust();
  machine.stallMs = 60_000;
  expect(trust.jumpMs).toBeNull();
  expect(machine.dayMs).toBe(startMs + 60_000);
});

test('a store that fails stops who asks, does not end the watch, and forgets no jump', () => {
  const machine = new Machine();
  let isFull = false;
  const real = machine.store;
  const store: Store = {
    ...real,
    put: (...given) => {
      if (isFull) throw new TallyError('store.write', 'no room');
      real.put(...given);
    },
  };
  const trust = machine.trust(store);
  isFull = true;
  machine.dayMs += 60_000;
  expect(() => trust.jumpMs).toThrow('no room');
  machine.fire();
  expect(machine.failures).toEqual(['store.write']);
  expect(machine.timers.size).toBe(1);
  isFull = false;
  machine.fire();
  trust.close();
  machine.upMs = 10;
  expect(machine.trust().jumpMs).toBe(60_000);
  expect(machine.jumps).toEqual([60_000]);
});
