/**
 * The command, bound into one folder that needs no compiler.
 *
 * Purpose: what `npm run build` writes and what the tests' processes run: entries, shared chunks, the kernel's builds and
 * a package.json, flat in one folder (host/install).
 * Assumes: it runs in the root of the project. Does not know: where the folder will stand.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { manifestOf, shrinkwrapOf } from './manifest.ts';

const bin = 'tallystick.mjs';
const entryPoints = {
  tallystick: 'packages/cli/src/main/bin.ts',
  child: 'packages/cli/src/local/bin.ts',
  compute: 'packages/node/src/compute/worker.ts',
  vault: 'packages/node/src/vault/worker.ts',
};
const assets = ['packages/protocol/kernel/fused.wasm', 'packages/protocol/kernel/portable.wasm', 'LICENSE'];

/** Name of a file in the folder, and what stands in it. */
type Bundle = ReadonlyMap<string, Uint8Array>;

async function bundle(dependencies: readonly string[]): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints,
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    conditions: ['@tallystick/source'],
    external: [...dependencies],
    outExtension: { '.js': '.mjs' },
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const inside = Object.keys(metafile.inputs).find((path) => path.includes('node_modules/'));
  if (inside !== undefined)
    throw new Error(`build: ${inside}: want every package in a workspace's dependencies`);
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
}

/** Writes a folder that was not there; half a folder is never seen under its name. */
function writeFolder(folder: string, files: Bundle): void {
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}.`);
  for (const [name, contents] of files) writeFileSync(join(draft, name), contents);
  chmodSync(join(draft, bin), 0o755);
  chmodSync(draft, 0o755);
  try {
    renameSync(draft, folder);
  } catch (thrown) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(join(folder, bin))) throw thrown;
  }
}

async function filesOf(): Promise<Bundle> {
  const manifest = manifestOf(bin);
  const text = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  const files = new Map(await bundle(Object.keys(manifest.dependencies)));
  files.set(bin, Buffer.concat([Buffer.from('#!/usr/bin/env node\n'), files.get(bin) as Uint8Array]));
  for (const asset of assets) files.set(basename(asset), readFileSync(asset));
  files.set('package.json', text(manifest));
  return files.set('npm-shrinkwrap.json', text(shrinkwrapOf(manifest)));
}

/** Puts the command into `folder`, in the place of what was there. */
export async function buildInto(folder: string): Promise<void> {
  const files = await filesOf();
  rmSync(folder, { recursive: true, force: true });
  writeFolder(folder, files);
}

/** Builds into a folder below `parent` that is named after its contents; what stands there already stays. @returns the folder */
export async function buildBelow(parent: string): Promise<string> {
  const files = await filesOf();
  const hash = createHash('sha256');
  for (const [name, contents] of files) hash.update(`${name} ${contents.length} `).update(contents);
  const folder = join(parent, hash.digest('hex').slice(0, 16));
  if (!existsSync(folder)) writeFolder(folder, files);
  return folder;
}
