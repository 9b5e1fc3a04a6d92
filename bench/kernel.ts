/**
 * `bench kernel`: µs an element of every engine, beside what else multiplies on this curve.
 *
 * Purpose: evaluate (decode, multiply, encode) and hashAndBlind (map, multiply, encode) of the fused, portable and
 * reference engines, and of the kernel's builds weightedSum and decodeCheck; libsodium compiled to WebAssembly; native
 * libsodium and OpenSSL, whose X25519 is the yardstick.
 * Assumes: a quiet machine is not needed for the ratios: what is compared stands side by side in every run, and a ratio
 * is the median of the runs' own ratios. Times are CPU time of this process (that of `openssl speed` is CPU time too).
 * Does not know: sessions, workers.
 */
import { randomBytes } from 'node:crypto';
import {
  createReferenceEngine,
  elementBytes,
  type GroupEngine,
  uniformBytes,
  weightBytes,
} from '@tallystick/protocol/suite';
import { kernelEngine } from '../test/kernel/engines.ts';
import { nativeX25519Us } from './openssl.ts';
import { type BenchOptions, type BenchPart, medianOfRatios, rowOf } from './report.ts';

/** Elements of a weighted sum: what the compute room gives its workers at once. */
const sumElements = 16_384;

/** Something that is measured: one call does `perCall` elements. */
interface Contender {
  readonly name: string;
  readonly perCall: number;
  call(): void;
}

interface Sodium {
  readonly ready: Promise<void>;
  crypto_scalarmult_ristretto255(scalar: Uint8Array, element: Uint8Array): Uint8Array;
  crypto_core_ristretto255_from_hash(uniform: Uint8Array): Uint8Array;
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Below 2^252, so below the group order; not zero but for bad luck of 2^-252. */
function randomScalar(): Uint8Array {
  const scalar = new Uint8Array(randomBytes(32));
  scalar[31] = (scalar[31] ?? 0) & 0x0f;
  return scalar;
}

function engineContenders(engine: GroupEngine, uniform: Uint8Array, perCall: number): Contender[] {
  const scalar = randomScalar();
  const inputs = uniform.subarray(0, perCall * uniformBytes);
  const elements = engine.hashAndBlind(inputs, scalar);
  return [
    {
      name: `kernel/evaluate/${engine.name}`,
      perCall,
      call: () => void engine.evaluate(elements, scalar),
    },
    {
      name: `kernel/hash-and-blind/${engine.name}`,
      perCall,
      call: () => void engine.hashAndBlind(inputs, scalar),
    },
  ];
}

/** What proofs add: many elements at once, because buckets get cheaper as a batch grows. */
function proofContenders(engine: GroupEngine, uniform: Uint8Array, count: number): Contender[] {
  const some = engine.hashAndBlind(uniform, randomScalar());
  const elements = new Uint8Array(count * elementBytes);
  for (let at = 0; at < elements.length; at += some.length) {
    elements.set(some.subarray(0, elements.length - at), at);
  }
  const weights = new Uint8Array(randomBytes(count * weightBytes));
  return [
    {
      name: `kernel/weighted-sum/${engine.name}`,
      perCall: count,
      call: () => void engine.weightedSum(elements, weights),
    },
    {
      name: `kernel/decode-check/${engine.name}`,
      perCall: count,
      call: () => engine.decodeCheck(elements),
    },
  ];
}

async function libsodiumContenders(uniform: Uint8Array): Promise<Contender[]> {
  const { default: sodium } = (await import('libsodium-wrappers-sumo')) as unknown as { default: Sodium };
  await sodium.ready;
  const scalar = randomScalar();
  const input = uniform.slice(0, uniformBytes);
  const element = sodium.crypto_core_ristretto255_from_hash(input);
  return [
    {
      name: 'kernel/evaluate/libsodium-wasm',
      perCall: 1,
      call: () => void sodium.crypto_scalarmult_ristretto255(scalar, element),
    },
    {
      name: 'kernel/hash-and-blind/libsodium-wasm',
      perCall: 1,
      call: () => {
        sodium.crypto_scalarmult_ristretto255(scalar, sodium.crypto_core_ristretto255_from_hash(input));
      },
    },
  ];
}

async function nativeSodiumContenders(): Promise<Contender[]> {
  const { default: sodium } = await import('sodium-native');
  const out = Buffer.alloc(32);
  const point = Buffer.alloc(32, 9);
  const scalar = Buffer.from(randomScalar());
  return [
    {
      name: 'kernel/x25519/sodium-native',
      perCall: 1,
      call: () => sodium.crypto_scalarmult(out, scalar, point),
    },
  ];
}

/** Calls that take about `wantedUs` of CPU time together; the warm-up is in it. */
function calibrate({ call }: Contender, wantedUs: number): number {
  let calls = 1;
  for (;;) {
    const start = cpuUs();
    for (let i = 0; i < calls; i++) call();
    const took = cpuUs() - start;
    if (took >= wantedUs / 4) return Math.max(1, Math.round((calls * wantedUs) / took));
    calls *= 4;
  }
}

/** Who stands beside whom in a run: what a ratio compares follows one another. `openssl speed` comes after the first. */
const order = [
  'kernel/evaluate/fused',
  'kernel/hash-and-blind/fused',
  'kernel/x25519/sodium-native',
  'kernel/evaluate/portable',
  'kernel/evaluate/libsodium-wasm',
  'kernel/hash-and-blind/portable',
  'kernel/hash-and-blind/libsodium-wasm',
];

function inOrder(contenders: readonly Contender[]): Contender[] {
  const place = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return contenders.toSorted((a, b) => place(a.name) - place(b.name));
}

/** Rows and ratios of `bench kernel`; what cannot be loaded here is named in `absent`. */
export async function benchKernel(options: BenchOptions): Promise<BenchPart> {
  const runs = options.smoke ? 3 : 11;
  const sampleUs = options.smoke ? 5_000 : 150_000;
  const blockElements = options.smoke ? 128 : 1024;
  const uniform = new Uint8Array(randomBytes(blockElements * uniformBytes));
  const absent: string[] = [];
  const loaded: Contender[] = [];
  const kernel = (name: 'fused' | 'portable'): Contender[] => {
    const engine = kernelEngine(name);
    return [
      ...engineContenders(engine, uniform, blockElements),
      ...proofContenders(engine, uniform, options.smoke ? blockElements : sumElements),
    ];
  };
  const sources: readonly (readonly [string, () => Promise<Contender[]>])[] = [
    ['fused', async () => kernel('fused')],
    ['portable', async () => kernel('portable')],
    ['reference', async () => engineContenders(createReferenceEngine(), uniform, 2)],
    ['libsodium-wasm', async () => libsodiumContenders(uniform)],
    ['sodium-native', nativeSodiumContenders],
  ];
  for (const [name, load] of sources) {
    try {
      loaded.push(...(await load()));
    } catch {
      absent.push(`${name}: does not load here`);
    }
  }
  const contenders = inOrder(loaded);
  const calls = new Map(contenders.map((contender) => [contender, calibrate(contender, sampleUs)]));
  // V8 swaps compilers in the background: once more with everything warm
  for (const contender of contenders) calls.set(contender, calibrate(contender, sampleUs));
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  const openssl: number[] = [];
  for (let run = 0; run < runs; run++) {
    for (const [i, contender] of contenders.entries()) {
      const count = calls.get(contender) ?? 1;
      const start = cpuUs();
      for (let call = 0; call < count; call++) contender.call();
      times.get(contender.name)?.push((cpuUs() - start) / (count * contender.perCall));
      if (i > 0) continue;
      const us = await nativeX25519Us(1);
      if (us !== undefined) openssl.push(us);
    }
    options.say(`kernel: run ${run + 1} of ${runs}`);
  }
  if (openssl.length === runs) times.set('kernel/x25519/openssl', openssl);
  else absent.push('openssl speed: no openssl on the path');

  const ratios: Record<string, number> = {};
  const ratio = (name: string, left: string, right: string): void => {
    const [cost, over] = [times.get(`kernel/${left}`), times.get(`kernel/${right}`)];
    if (cost !== undefined && over !== undefined) ratios[name] = medianOfRatios(cost, over);
  };
  ratio('evaluate.fused/native-x25519', 'evaluate/fused', 'x25519/openssl');
  ratio('evaluate.fused/noble', 'evaluate/fused', 'evaluate/reference');
  ratio('evaluate.portable/libsodium-wasm', 'evaluate/portable', 'evaluate/libsodium-wasm');
  ratio('evaluate.fused/sodium-native-x25519', 'evaluate/fused', 'x25519/sodium-native');
  ratio('hash-and-blind.fused/native-x25519', 'hash-and-blind/fused', 'x25519/openssl');
  return { rows: [...times].map(([name, values]) => rowOf(name, 'us', values)), ratios, absent };
}
