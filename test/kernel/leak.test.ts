/**
 * Timing leak test in the manner of dudect (O. Reparaz, J. Balasch, I. Verbauwhede, "Dude, is my code constant time?",
 * DATE 2017): Welch's t over the times of one fixed scalar against random ones, interleaved in random order, for both
 * operations that take a session's secret scalar: `evaluate` and `hashAndBlind`.
 *
 * The fixed scalar is 2: half of it is 1, all of whose digits but one are zero, the case in which careless code is
 * fastest. A round is 2 × 750 samples an operation, each of one call on one pair of elements; both operations take turns
 * within a sample, so that they share warming up and whatever the machine does. The slowest tenth of an operation's samples
 * is cut off, as dudect does, because it measures the machine and not the code. V8 compiles with the optimising compiler
 * at once, or the change of compilers would fall among the samples. dudect calls |t| above 10 certain and below 4.5
 * nothing found. Other work on the machine widens both samples and hides a leak more easily than it makes one, and t grows
 * with the root of the number of samples where there is a leak, and not where there is none. So t is of all rounds so far:
 * the control build, which skips zero digits in both operations, must be flagged within ten of them, and a real build be
 * below the threshold within three.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { builds, compile } from '../../scripts/kernel-build.ts';
import { hex, instantiate, kernelNames, littleEndian, readKernel } from './engines.ts';
import { multiplesOfBase, oneWayMap } from './vectors.ts';

setFlagsFromString('--no-liftoff');

const samplesPerClass = 750;
const certain = 10;
const nothing = 4.5;

const operations = ['evaluate', 'hashAndBlind'] as const;
type Operation = (typeof operations)[number];
type ByOperation = Record<Operation, number>;

interface Kernel {
  memory: { buffer: ArrayBuffer };
  input: { value: number };
  scalar: { value: number };
  init(): void;
  setScalar(): void;
  evaluate(count: number): number;
  hashAndBlind(count: number): number;
}

function randomScalar(): Uint8Array {
  const scalar = randomBytes(32);
  scalar[31] = (scalar[31] ?? 0) & 0x0f; // below 2^252, so below the order
  return scalar;
}

/** Welch's t statistic of two samples. */
function welch(a: readonly number[], b: readonly number[]): number {
  const moments = (x: readonly number[]): { mean: number; variance: number } => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    return { mean, variance: x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (x.length - 1) };
  };
  const [p, q] = [moments(a), moments(b)];
  return (p.mean - q.mean) / Math.sqrt(p.variance / a.length + q.variance / b.length);
}

/** Rounds of measuring one build; every round gives |t| of all samples so far. */
function measuring(bytes: Uint8Array): () => ByOperation {
  const kernel = instantiate<Kernel>(bytes);
  kernel.init();
  const memory = new Uint8Array(kernel.memory.buffer);
  const inputs = {
    evaluate: hex(...multiplesOfBase.slice(0, 2)),
    hashAndBlind: hex(...oneWayMap.slice(0, 2).map(([uniform]) => uniform)),
  };
  const fixed = littleEndian(2n);
  const time = (operation: Operation, scalar: Uint8Array): number => {
    memory.set(inputs[operation], kernel.input.value);
    memory.set(scalar, kernel.scalar.value);
    const start = performance.now();
    kernel.setScalar();
    kernel[operation](2);
    return performance.now() - start;
  };
  const timeAll = (scalar: Uint8Array): ByOperation => ({
    evaluate: time('evaluate', scalar),
    hashAndBlind: time('hashAndBlind', scalar),
  });
  for (let i = 0; i < 50; i++) timeAll(i % 2 === 0 ? fixed : randomScalar());
  const samples: (ByOperation & { readonly isFixed: boolean })[] = [];
  const found = (operation: Operation): number => {
    const times = samples.map((sample) => sample[operation]).sort((x, y) => x - y);
    const cut = times[Math.floor(times.length * 0.9)] ?? 0;
    const kept = (isFixed: boolean): number[] =>
      samples.filter((one) => one.isFixed === isFixed && one[operation] <= cut).map((one) => one[operation]);
    return Math.abs(welch(kept(true), kept(false)));
  };
  return () => {
    const order = Array.from(randomBytes(2 * samplesPerClass), (byte) => (byte & 1) === 1);
    const scalars = order.map((isFixed) => (isFixed ? fixed : randomScalar()));
    for (const [i, scalar] of scalars.entries()) {
      samples.push({ ...timeAll(scalar), isFixed: order[i] as boolean });
    }
    return { evaluate: found('evaluate'), hashAndBlind: found('hashAndBlind') };
  };
}

/** |t| after the first round in which `isEnough` of both operations, or after the last. */
function measureUntil(bytes: Uint8Array, rounds: number, isEnough: (t: number) => boolean): ByOperation {
  const next = measuring(bytes);
  let found = next();
  for (let round = 1; round < rounds && !operations.every((one) => isEnough(found[one])); round++) {
    found = next();
  }
  return found;
}

describe('time does not tell the scalar', () => {
  it.each(kernelNames)('the control build that skips zero digits is flagged (%s)', async (name) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'kernel-leaky-'));
    try {
      const file = path.join(folder, 'leaky.wasm');
      await compile(file, builds[name], 'assembly/testing/leaky.ts');
      const found = measureUntil(readFileSync(file), 10, (t) => t > certain);
      for (const one of operations) expect(found[one], one).toBeGreaterThan(certain);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(kernelNames)('the %s build is not', (name) => {
    const found = measureUntil(readKernel(name), 3, (t) => t < nothing);
    for (const one of operations) expect(found[one], one).toBeLessThan(nothing);
  });
});
