/**
 * Builds the kernel's two WebAssembly files from their AssemblyScript sources.
 *
 * `npm run kernel:build` writes packages/protocol/kernel/{fused,portable}.wasm; with `--check` it builds into a
 * temporary folder and fails where a byte differs from the committed files.
 * Assumes: the pinned AssemblyScript compiler (its output is the same on every machine).
 * Does not know: what the kernel computes.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as asc from 'assemblyscript/asc';

const kernelDir = fileURLToPath(new URL('../packages/protocol/kernel/', import.meta.url));

/** The builds; -O1 on purpose: with -O3 Binaryen moves expressions together and V8 then spills (design: docs/kernel.md). */
export const builds = {
  fused: ['--enable', 'simd', '--enable', 'relaxed-simd'],
  portable: ['--enable', 'simd'],
} as const;

const common = [
  'assembly/index.ts',
  '-O1',
  '--runtime',
  'stub',
  '--use',
  'abort=',
  '--initialMemory',
  '40',
  '--maximumMemory',
  '40',
  '--disableWarning',
  '112',
];

/** Compiles one entry file, relative to `baseDir`, with the kernel's flags; throws what the compiler says. */
export async function compile(
  outFile: string,
  flags: readonly string[],
  entry = 'assembly/index.ts',
  baseDir = kernelDir,
): Promise<void> {
  const args = [
    entry,
    ...common.slice(1),
    ...flags,
    '--baseDir',
    baseDir,
    '-o',
    path.relative(baseDir, outFile),
  ];
  const stderr = asc.createMemoryStream();
  const { error } = await asc.main(args, { stderr });
  if (error) throw new Error(`asc: ${error.message}\n${stderr.toString()}`);
}

async function main(): Promise<void> {
  const check = process.argv.includes('--check');
  const outDir = check ? mkdtempSync(path.join(tmpdir(), 'kernel-build-')) : kernelDir;
  try {
    for (const [name, flags] of Object.entries(builds)) {
      const file = path.join(outDir, `${name}.wasm`);
      await compile(file, flags);
      const bytes = readFileSync(file);
      const digest = createHash('sha256').update(bytes).digest('hex');
      console.log(`${name}.wasm ${bytes.length} bytes sha256 ${digest}`);
      if (check && !bytes.equals(readFileSync(path.join(kernelDir, `${name}.wasm`)))) {
        console.error(`${name}.wasm differs from the committed file: run npm run kernel:build`);
        process.exitCode = 1;
      }
    }
  } finally {
    if (check) rmSync(outDir, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
