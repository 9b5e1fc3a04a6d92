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
 * the control build, which skips zero digits in both operations, must be flagged within ten of them, and the real build be
 * below the threshold after no fewer than that took, and no more than two above.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { expect, it } from 'vitest';
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

interface Found {
  readonly t: ByOperation;
  readonly rounds: number;
}

/** |t| after the first round from `least` on in which `isEnough` of both operations, or after `most`. */
function measureUntil(
  bytes: Uint8Array,
  least: number,
  most: number,
  isEnough: (t: number) => boolean,
): Found {
  const next = measuring(bytes);
  for (let rounds = 1; ; rounds++) {
    const t = next();
    if (rounds >= most || (rounds >= least && operations.every((one) => isEnough(t[one]))))
      return { t, rounds };
  }
}

async function leakyBuild(name: (typeof kernelNames)[number]): Promise<Uint8Array> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kernel-leaky-'));
  try {
    const file = path.join(folder, 'leaky.wasm');
    await compile(file, builds[name], 'assembly/testing/leaky.ts');
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it.each(kernelNames)('time does not tell the scalar, and would be seen to (%s)', async (name) => {
  const leaky = measureUntil(await leakyBuild(name), 1, 10, (t) => t > certain);
  for (const one of operations) expect(leaky.t[one], `control, ${one}`).toBeGreaterThan(certain);
  // With no fewer samples than it took to see the leak.
  const real = measureUntil(readKernel(name), leaky.rounds, leaky.rounds + 2, (t) => t < nothing);
  for (const one of operations) expect(real.t[one], one).toBeLessThan(nothing);
});
