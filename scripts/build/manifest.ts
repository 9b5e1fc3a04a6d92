/**
 * What the built command's folder says of itself to npm.
 *
 * Purpose: one package.json with the exact versions that the workspaces name, and a shrinkwrap with those of the lock file
 * below them, so that an installed command has the very packages that were tested here.
 * Assumes: lock files of version 3; every workspace names its own dependencies. Does not know: what is built.
 */
import { readFileSync } from 'node:fs';

interface Package {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly dev?: boolean;
}

interface RootPackage extends Package {
  readonly description: string;
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly workspaces: readonly string[];
}

/** What runs sources only; nothing that is built needs it. */
const ofSourcesOnly = new Set(['tsx']);

export interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** `package.json` of the built command, whose entry is `bin`. */
export function manifestOf(bin: string): Manifest {
  const { version, description, license, engines, workspaces } = readJson<RootPackage>('package.json');
  const dependencies: Record<string, string> = {};
  for (const workspace of workspaces) {
    for (const [name, wanted] of Object.entries(
      readJson<Package>(`${workspace}/package.json`).dependencies ?? {},
    )) {
      if ((dependencies[name] ?? wanted) !== wanted)
        throw new Error(`${workspace}: ${name}: want one version`);
      if (!ofSourcesOnly.has(name)) dependencies[name] = wanted;
    }
  }
  const sorted = Object.fromEntries(Object.entries(dependencies).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return {
    name: 'tallystick',
    version,
    private: true,
    description,
    license,
    type: 'module',
    engines,
    bin: { tallystick: bin },
    dependencies: sorted,
  };
}

type Locked = Readonly<Record<string, Package>>;

/** Where npm put `name` for the package at `from`: the nearest folder above it that has it. */
function placeOf(packages: Locked, from: string, name: string): string | undefined {
  for (let above = from; ; above = above.slice(0, Math.max(above.lastIndexOf('/node_modules/'), 0))) {
    const place = above === '' ? `node_modules/${name}` : `${above}/node_modules/${name}`;
    if (packages[place] !== undefined) return place;
    if (above === '') return undefined;
  }
}

/** Names that the package needs, and whether npm may leave each out. */
function needsOf(entry: Package): [name: string, isOptional: boolean][] {
  const isOptionalPeer = (name: string): boolean => entry.peerDependenciesMeta?.[name]?.optional === true;
  return [
    ...Object.keys(entry.dependencies ?? {}).map((name): [string, boolean] => [name, false]),
    ...Object.keys(entry.optionalDependencies ?? {}).map((name): [string, boolean] => [name, true]),
    ...Object.keys(entry.peerDependencies ?? {}).map((name): [string, boolean] => [
      name,
      isOptionalPeer(name),
    ]),
  ];
}

/** `npm-shrinkwrap.json`: what the lock file says of everything below the manifest's dependencies. */
export function shrinkwrapOf(manifest: Manifest): Readonly<Record<string, unknown>> {
  const { packages } = readJson<{ packages: Locked }>('package-lock.json');
  const kept: Record<string, unknown> = {};
  const take = (from: string, name: string, isOptional: boolean): void => {
    const place = placeOf(packages, from, name);
    if (place === undefined && isOptional) return;
    const entry = place === undefined ? undefined : packages[place];
    if (place === undefined || entry === undefined)
      throw new Error(`package-lock.json: wants ${name} below ${from}`);
    if (kept[place] !== undefined) return;
    const { dev: _, ...rest } = entry;
    kept[place] = rest;
    for (const [need, mayBeAbsent] of needsOf(entry)) take(place, need, mayBeAbsent);
  };
  for (const name of Object.keys(manifest.dependencies)) take('', name, false);
  const { name, version } = manifest;
  const sorted = Object.fromEntries(Object.entries(kept).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { name, version, lockfileVersion: 3, requires: true, packages: { '': manifest, ...sorted } };
}
