/**
 * What `tallystick doctor` prints of the engine: which build, and why, on machines that differ from this one in what
 * their WebAssembly can do. The choice is the product's own; only the runtime's probes are replaced.
 */
import { afterEach, expect, it } from 'vitest';
import { engineFindings } from '../../packages/cli/src/commands/doctor.ts';
import { chooseEngine } from '../../packages/node/src/compute/engine.ts';

interface Api {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => object;
}
const api = (globalThis as unknown as { WebAssembly: Api }).WebAssembly;
const { Module, Instance } = api;
afterEach(() => Object.assign(api, { Module, Instance }));

/** Modules in the order in which they were compiled: the fused build is tried first. */
function noteModules(): object[] {
  const compiled: object[] = [];
  api.Module = function (bytes: Uint8Array): object {
    const module = new Module(bytes);
    compiled.push(module);
    return module;
  } as unknown as Api['Module'];
  return compiled;
}

/** Multiply-add rounds its product first, in the build that asks. */
function unfuse(): void {
  const compiled = noteModules();
  api.Instance = function (module: object, imports: object): object {
    const { exports } = new Instance(module, imports) as { exports: Record<string, unknown> };
    return module === compiled[0] ? { exports: { ...exports, isFused: () => 0 } } : { exports };
  } as unknown as Api['Instance'];
}

/** A runtime that takes no module of ours. */
function refuse(): void {
  api.Module = function (): never {
    throw new Error('CompileError');
  } as unknown as Api['Module'];
}

const refused = 'not usable: kernel: this runtime does not take the module';

it.each([
  [
    'a machine with fused multiply-add',
    () => undefined,
    ['fused', ['  fused', 'usable: fused multiply-add probed, known answers right']],
  ],
  [
    'a machine on which relaxed means unfused',
    unfuse,
    [
      'portable',
      ['  fused', 'not usable: multiply-add is not fused on this machine'],
      ['  portable', 'usable: known answers right'],
    ],
  ],
  [
    'a runtime that refuses the kernel',
    refuse,
    [
      'reference',
      ['  fused', refused],
      ['  portable', refused],
      ['  reference', 'usable: known answers right'],
    ],
  ],
] as [string, () => void, [string, ...[string, string][]]][])('%s', (_name, replace, [engine, ...why]) => {
  replace();
  const { seed, tried } = chooseEngine(undefined);
  const [first, ...rest] = engineFindings({ engine: seed.name, tried, threads: 3 });
  expect(first).toMatchObject({ what: 'engine', verdict: 'good' });
  expect(first?.found).toMatch(new RegExp(`^${engine}, \\d+ cores?, 3 workers$`));
  expect(rest.map(({ what, found }) => [what, found])).toEqual(why);
});
