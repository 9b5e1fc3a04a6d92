/**
 * The kernel's bound checker: runs the AssemblyScript sources themselves on intervals.
 *
 * `npm run kernel:bounds` proves, for both builds, that no limb product reaches 2^102, no column wraps, no 32-bit limb
 * overflows and no sum of doubles rounds, for every input: it starts each room of the kernel from the widest values
 * its neighbours may leave behind and sees that it leaves nothing wider. There is no second description of the formulas
 * that could drift: AssemblyScript is TypeScript, so the sources run as they are, with interval vectors
 * (bounds/intervals.ts). `--sources DIR` checks another copy of the sources, `--build NAME` one build.
 * Assumes: straight-line formulas; loops and branches depend on public numbers only. Does not know: whether the
 * formulas are right (the tests against other implementations do).
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import {
  BoundError,
  f64x2,
  i32x4,
  i64x2,
  memory,
  type Range,
  seen,
  v128,
  type Vector,
} from './bounds/intervals.ts';

type Build = 'fused' | 'portable';
type Address = number;

/** The modules of the kernel that the checker calls. */
interface Kernel {
  layout: Record<
    'POINT' | 'DIGITS' | 'ACCUMULATOR' | 'DECODED' | 'OUTPUT' | 'SUM_POINTS' | 'BUCKETS',
    Address
  > &
    Record<'HASH_IV' | 'SECRET' | 'SECRET_END' | 'MEMORY_END', Address> &
    Record<'MESSAGE_BYTES' | 'LANE_BYTES' | 'SUFFIX_BYTES' | 'HASH_TAIL' | 'LANE', number>;
  index: Record<'init', () => void> & Record<'decodePairs' | 'mapPair', (pair: number) => void>;
  point: { multiply(o: Address, p: Address): void; toCached(o: Address, p: Address): void };
  encode: {
    beginEncoding(): void;
    takePoint(n: number, p: Address): void;
    finishEncoding(n: number, bytes: Address): void;
  };
  sum: {
    takeElement(lane: number): void;
    takeEntry(negative: Vector): void;
    gain(even: Address, odd: Address): void;
    addTo(o: Address, q: Address): void;
    joinLanes(): void;
  };
}

/** What every carry must leave (the modules' headers say the same). */
const power = (n: number): bigint => 1n << BigInt(n);
const tight = {
  fused: power(50) + power(13),
  portableEven: power(25) + power(15),
  portableOdd: power(24) + power(16),
};
const around = (bound: bigint): Range => ({ lo: -bound, hi: bound });

const wideVector: Record<Build, () => Vector> = {
  fused: () => ({ kind: 'float', ...around(tight.fused) }),
  portable: () => ({ kind: 'words', low: around(tight.portableEven), high: around(tight.portableOdd) }),
};

/** The sources as modules that this process can load: annotations of the compiler off, file endings on. */
function translate(sources: string, out: string): void {
  for (const name of readdirSync(sources)) {
    if (!name.endsWith('.ts')) continue;
    let text = readFileSync(path.join(sources, name), 'utf8');
    text = text.replaceAll(/^\s*@inline\s+/gm, '').replaceAll(/from '(\.\/[\w-]+)'/g, "from '$1.ts'");
    // 64-bit words of the curve's and the hash's constants do not fit a JavaScript number
    if (name.endsWith('constants.ts')) {
      text = text.replaceAll(/^ {2}(write|four)\(.*$/gm, (line) => line.replaceAll(/0x[\da-f]+/g, '$&n'));
    }
    writeFileSync(path.join(out, name), text);
  }
  writeFileSync(path.join(out, 'package.json'), '{ "type": "module" }');
}

async function loadKernel(folder: string): Promise<Kernel> {
  const load = async (name: string): Promise<unknown> =>
    import(pathToFileURL(path.join(folder, `${name}.ts`)).href) as Promise<unknown>;
  return {
    layout: await load('layout'),
    index: await load('index'),
    point: await load('point'),
    encode: await load('encode'),
    sum: await load('sum'),
  } as Kernel;
}

function checkTight(vector: Vector, build: Build, where: string): void {
  const within = (range: Range, bound: bigint): boolean => range.lo >= -bound && range.hi <= bound;
  const passes =
    build === 'fused'
      ? vector.kind === 'float' && within(vector, tight.fused)
      : vector.kind === 'words' &&
        within(vector.low, tight.portableEven) &&
        within(vector.high, tight.portableOdd);
  if (!passes) throw new BoundError(`${where}: a limb is left wider than tight`);
}

/** Regions follow one another and hold the longest messages, whose copies may run 15 bytes on. */
function checkLayout(layout: Kernel['layout']): void {
  const [block, word, longestDst, overrun] = [128, 16, 255, 15];
  const blocksOf = (bytes: number): number => Math.ceil((bytes + 17) / block);
  const suffix = 3 + longestDst + 1;
  const holds =
    layout.HASH_IV + 8 * word <= layout.SECRET &&
    layout.SECRET_END <= layout.BUCKETS &&
    layout.SECRET_END % 16 === 0 &&
    layout.MEMORY_END <= 40 * 65536 &&
    blocksOf(layout.MESSAGE_BYTES + suffix) * block + overrun <= layout.LANE_BYTES &&
    suffix + 17 + block - 1 + overrun <= layout.SUFFIX_BYTES &&
    blocksOf(64 + 1 + longestDst + 1) * 80 * word <= layout.LANE - layout.HASH_TAIL;
  if (!holds) throw new BoundError('layout: regions overlap or do not fit the memory');
}

function checkBuild(kernel: Kernel, build: Build): void {
  const { layout, index, point, encode, sum } = kernel;
  const widen = (p: Address): void => {
    for (let i = 0; i < layout.POINT; i += 16) v128.store(p + i, wideVector[build]());
  };
  const expectTight = (p: Address, where: string): void => {
    for (let i = 0; i < layout.POINT; i += 16) checkTight(v128.load(p + i), build, where);
  };
  checkLayout(layout);
  index.init();
  for (let i = 0; i < 64; i++) v128.store(layout.DIGITS + 16 * i, { kind: 'int', lo: -8n, hi: 8n });

  // bytes to points: every pattern of 256 bits
  index.decodePairs(0);
  expectTight(layout.DECODED, 'decode');
  expectTight(layout.DECODED + layout.POINT, 'decode');
  index.mapPair(0);
  expectTight(layout.DECODED, 'map');

  // points to points: from any tight point, with any digits
  widen(layout.DECODED);
  point.multiply(layout.ACCUMULATOR, layout.DECODED);
  expectTight(layout.ACCUMULATOR, 'multiply');

  // points to bytes: two pairs share an inverse
  encode.beginEncoding();
  for (const n of [0, 1]) {
    widen(layout.ACCUMULATOR);
    encode.takePoint(n, layout.ACCUMULATOR);
  }
  encode.finishEncoding(2, layout.OUTPUT);

  // buckets: any tight buckets gain any element, and stay tight
  const [cached, run, total, result] = [0, 640, 960, 1280].map((offset) => layout.SUM_POINTS + offset) as [
    Address,
    Address,
    Address,
    Address,
  ];
  const [even, odd] = [layout.BUCKETS, layout.BUCKETS + layout.POINT];
  widen(layout.DECODED);
  point.toCached(cached, layout.DECODED);
  sum.takeElement(1);
  sum.takeEntry({ kind: 'mask' });
  widen(even);
  widen(odd);
  sum.gain(even, odd);
  expectTight(even, 'gain');
  expectTight(odd, 'gain');
  widen(run);
  widen(even);
  sum.addTo(run, even);
  expectTight(run, 'addTo');
  widen(total);
  sum.joinLanes();
  expectTight(result, 'joinLanes');
}

const bits = (x: bigint): string => (x === 0n ? '0' : `2^${Math.log2(Number(x)).toFixed(3)}`);

/** Checks one build of the sources in `sources`; throws `BoundError`. Answers what a run reports. */
async function check(sources: string, build: Build): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), `kernel-bounds-${build}-`));
  try {
    translate(sources, folder);
    Object.assign(globalThis, { v128, i64x2, f64x2, i32x4, ASC_FEATURE_RELAXED_SIMD: build === 'fused' });
    memory.clear();
    Object.assign(seen, { products: 0, product: 0n, column: 0n, word: 0n });
    checkBuild(await loadKernel(folder), build);
    const limit = build === 'fused' ? ' of 2^102' : '';
    return `${build}: ${seen.products} limb products, largest ${bits(seen.product)}${limit}; largest biased column ${bits(seen.column)} of 2^64${build === 'fused' ? '' : `; largest 32-bit limb ${bits(seen.word)} of 2^31`}`;
  } catch (thrown) {
    if (!(thrown instanceof BoundError)) throw thrown;
    // the frames in the kernel's sources, nearest first
    const frames = (thrown.stack ?? '').split('\n').filter((line) => line.includes(folder));
    const at = frames
      .map((line) => /at (?:\w+\.)?(\w+) .*?([\w-]+\.ts)/.exec(line))
      .filter((m) => m !== null);
    throw new BoundError(
      `${build}: ${thrown.message}\n${at.map((m) => `  in ${m[1]} (${m[2]})`).join('\n')}`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { values: options } = parseArgs({
  options: { sources: { type: 'string' }, build: { type: 'string' } },
});
const sources =
  options.sources ?? fileURLToPath(new URL('../packages/protocol/kernel/assembly/', import.meta.url));
try {
  for (const build of ['fused', 'portable'] as const) {
    if (options.build === undefined || options.build === build) console.log(await check(sources, build));
  }
} catch (thrown) {
  if (!(thrown instanceof BoundError)) throw thrown;
  console.error(thrown.message);
  process.exitCode = 1;
}
