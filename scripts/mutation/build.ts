/**
 * A room with all of its mutants, as one script.
 *
 * Purpose: Stryker's instrumenter puts every mutant into the sources, each behind a switch; esbuild binds sources and
 * tests into one function. Called, it makes fresh modules, so that a mutant in a schema or a table is there from the
 * start. Packages come from outside, as the argument `outside`, and are not made anew.
 * Assumes: nothing of the tests but that they import `vitest` and packages of the protocol.
 * Does not know: which mutant is active, what a test says.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { build, type Plugin } from 'esbuild';
import { type Room, root } from './rooms.ts';

export interface Mutant {
  readonly id: string;
  /** Path from the root. */
  readonly file: string;
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
  /** The line in which it begins, trimmed: tells like mutants apart, and stays when lines above it change. */
  readonly line: string;
  /** Lines and columns from 1, as the report's schema has them. */
  readonly location: Span;
}

interface Place {
  readonly line: number;
  readonly column: number;
}
export interface Span {
  readonly start: Place;
  readonly end: Place;
}

export interface BuiltRoom {
  /** An expression: `(outside) => { files, corpus }`, see `RoomModule`. */
  readonly script: string;
  readonly mutants: readonly Mutant[];
}

/** Name and exports of the packages that the room uses. */
export type Outside = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const silent = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
};

/** Text between two places of lines and columns from 0. */
function textAt(source: string, { start, end }: Span): string {
  const lines = source.split('\n').slice(start.line, end.line + 1);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, end.column);
  lines[0] = (lines[0] ?? '').slice(start.column);
  return lines.join('\n');
}

const fromOne = ({ line, column }: Place): Place => ({ line: line + 1, column: column + 1 });

async function instrument(room: Room) {
  const sources = new Map(room.sources.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const given = [...sources].map(([name, content]) => ({ name, content, mutate: true }));
  const options = { plugins: null, excludedMutations: [], ignorers: [] };
  const { files, mutants } = await new Instrumenter(silent).instrument(given, options);
  return {
    contents: new Map(files.map(({ name, content }) => [join(root, name), content])),
    mutants: mutants.map(({ id, fileName, mutatorName, replacement, location }): Mutant => {
      const source = sources.get(fileName) ?? '';
      return {
        id,
        file: fileName,
        mutator: mutatorName,
        original: textAt(source, location),
        replacement,
        line: (source.split('\n')[location.start.line] ?? '').trim(),
        location: { start: fromOne(location.start), end: fromOne(location.end) },
      };
    }),
  };
}

/** Packages are read from `outside`; sources with mutants from memory. */
function loader(contents: ReadonlyMap<string, string>, outside: Outside, remembersSigned: boolean): Plugin {
  return {
    name: 'room',
    setup(setup) {
      setup.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
        kind === 'entry-point' ? undefined : { path, namespace: 'outside' },
      );
      setup.onLoad({ filter: /.*/, namespace: 'outside' }, ({ path }) => {
        const found = outside[path];
        if (found === undefined)
          return { errors: [{ text: `${path}: add it to scripts/mutation/outside.ts` }] };
        const names = Object.keys(found);
        const exported = names.map((name, i) => `v${i} as ${JSON.stringify(name)}`).join(', ');
        const read = names.map((name, i) => `const v${i} = all[${JSON.stringify(name)}];`).join('\n');
        return {
          contents: `const all = outside[${JSON.stringify(path)}];\n${read}\nexport { ${exported} };`,
        };
      });
      // Signatures of an agreement are checked in every decision, by code that has no mutants.
      setup.onResolve({ filter: /\.\.\/agreement\/signed\.ts$/ }, ({ path, resolveDir }) =>
        remembersSigned ? { path: join(resolveDir, path), namespace: 'remembered' } : undefined,
      );
      setup.onLoad({ filter: /.*/, namespace: 'remembered' }, ({ path }) => ({
        resolveDir: dirname(path),
        contents: `
          import * as real from ${JSON.stringify(`./${basename(path)}`)};
          export * from ${JSON.stringify(`./${basename(path)}`)};
          const { remember } = outside.remember;
          export const standingId = remember('standingId', real.standingId);
          export const verifySigned = remember('verifySigned', real.verifySigned);`,
      }));
      setup.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const content = contents.get(path);
        return content === undefined ? undefined : { contents: content, loader: 'ts' };
      });
    },
  };
}

export async function buildRoom(room: Room, outside: Outside): Promise<BuiltRoom> {
  const { contents, mutants } = await instrument(room);
  const files = room.tests.map((file) => `[${JSON.stringify(file)}, () => require('./${file}')]`);
  const { outputFiles } = await build({
    stdin: {
      resolveDir: root,
      contents: `
        export const files = [${files.join(', ')}];
        export const corpus = () => require('./scripts/mutation/corpus.ts');`,
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'room',
    platform: 'neutral',
    target: 'node20',
    logLevel: 'error',
    plugins: [loader(contents, outside, room.remembersSigned)],
  });
  return { mutants, script: `(function (outside) { ${outputFiles[0]?.text ?? ''}\nreturn room; })` };
}
