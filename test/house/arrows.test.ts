/**
 * The arrows of the house (docs/architecture.md): each wrong import must be an error of the linter, and each
 * right one must not. Runs the project's own linter and configuration over a small tree of its own.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

const wrong: [string, string][] = [
  ['packages/protocol/src/chain', 'node:fs'],
  ['packages/protocol/src/chain', '@tallystick/host/clock'],
  ['packages/protocol/src/chain', 'ws'],
  ['packages/protocol/src/chain', '../kernel/index.ts'],
  ['packages/protocol/src/suite', '../kernel/engine.ts'],
  ['packages/protocol/src/suite', '../../kernel/fused.wasm'],
  ['packages/host/src/store', '@tallystick/node/vault'],
  ['packages/host/src/store', '@tallystick/protocol/kernel'],
  ['packages/host/src/store', 'ws'],
  ['packages/host/src/seal', 'node-sqlite3-wasm'],
  ['packages/host/src/channel', '@tallystick/coordinator/relay'],
  ['packages/host/src/clock', 'node:tls'],
  ['packages/node/src/session', '@tallystick/coordinator/relay'],
  ['packages/node/src/session', '@tallystick/cli/main'],
  ['packages/node/src/session', '../../../coordinator/src/relay/index.ts'],
  ['packages/node/src/session', 'ws'],
  ['packages/node/src/session', 'piscina'],
  ['packages/node/src/vault', '@tallystick/protocol/kernel'],
  ['packages/coordinator/src/collector', '@tallystick/node/vault'],
  ['packages/coordinator/src/collector', 'comlink'],
  ['packages/coordinator/src/collector', '@tallystick/protocol/kernel'],
  ['packages/oversight/src/body', '@tallystick/node/daemon'],
  ['packages/oversight/src/body', '@tallystick/coordinator/relay'],
  ['packages/oversight/src/body', 'node-sqlite3-wasm'],
  ['packages/node/src/session', '@tallystick/oversight/body'],
  ['packages/coordinator/src/collector', '../../../oversight/src/body/index.ts'],
  ['packages/host/src/store', '@tallystick/oversight/body'],
  ['packages/protocol/src/chain', '@tallystick/oversight/body'],
  ['packages/cli/src/main', 'ws'],
  ['packages/cli/src/main', '@tallystick/protocol/kernel'],
];

const right: [string, string][] = [
  ['packages/protocol/src/kernel', '../suite/group.ts'],
  ['packages/protocol/src/kernel', './webassembly.ts'],
  ['packages/host/src/channel', 'ws'],
  ['packages/host/src/channel', 'node:tls'],
  ['packages/host/src/store', 'node-sqlite3-wasm'],
  ['packages/node/src/compute', 'piscina'],
  ['packages/node/src/compute', '@tallystick/protocol/kernel'],
  ['packages/node/src/vault', 'comlink'],
  ['packages/node/src/session', '@tallystick/host/channel'],
  ['packages/coordinator/src/collector', '@tallystick/protocol/chain'],
  ['packages/oversight/src/body', '@tallystick/host/channel'],
  ['packages/cli/src/main', '@tallystick/node/daemon'],
  ['packages/cli/src/main', '@tallystick/oversight/body'],
];

describe('the linter holds the arrows', () => {
  let tree: string;
  let complaints: Map<string, string[]>;

  beforeAll(async () => {
    tree = await mkdtemp(join(tmpdir(), 'tallystick-arrows-'));
    await copyFile(join(root, '.oxlintrc.json'), join(tree, '.oxlintrc.json'));
    const all = [...wrong, ...right];
    for (const [i, [folder, target]] of all.entries()) {
      const file = join(tree, folder, `arrow${i}.ts`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `import '${target}';\n`);
    }
    const output = await new Promise<string>((resolve) => {
      const lint = join(root, 'node_modules', '.bin', 'oxlint');
      execFile(lint, ['--format', 'json', '.'], { cwd: tree, maxBuffer: 1 << 24 }, (_error, stdout) =>
        resolve(stdout),
      );
    });
    const parsed = JSON.parse(output) as { diagnostics: { code: string; filename: string }[] };
    complaints = group(parsed.diagnostics);
  });

  afterAll(() => rm(tree, { recursive: true, force: true }));

  for (const [i, [folder, target]] of wrong.entries()) {
    it(`refuses ${folder} → ${target}`, () => {
      expect(complaints.get(join(folder, `arrow${i}.ts`)) ?? []).toContain('eslint(no-restricted-imports)');
    });
  }
  for (const [i, [folder, target]] of right.entries()) {
    it(`allows ${folder} → ${target}`, () => {
      expect(complaints.get(join(folder, `arrow${wrong.length + i}.ts`)) ?? []).not.toContain(
        'eslint(no-restricted-imports)',
      );
    });
  }
});

function group(diagnostics: readonly { code: string; filename: string }[]): Map<string, string[]> {
  const out = new Map<string, string[]>();
  for (const { code, filename } of diagnostics) out.set(filename, [...(out.get(filename) ?? []), code]);
  return out;
}
