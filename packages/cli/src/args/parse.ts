/**
 * From the words of a command line to one command and its options, strictly.
 *
 * Purpose: an unknown command, an unknown option, a repeated option, a missing or surplus argument is an error
 * that says what was meant.
 * Assumes: `node:util` parseArgs, which leaves every value a text. Does not know: what commands do.
 */
import { parseArgs } from 'node:util';
import { TallyError } from '@tallystick/protocol/errors';
import type { CommandSpec, OptionSpec, Options } from './types.ts';

export type Parsed =
  | {
      readonly kind: 'run';
      readonly command: CommandSpec;
      readonly args: string[];
      readonly options: Options;
    }
  /** Help on a command, on a group of them (`list`), or on all. */
  | { readonly kind: 'help'; readonly topic: CommandSpec | string | undefined }
  | { readonly kind: 'version' };

const helpOption: OptionSpec = { name: 'help', short: 'h', help: 'this help' };

/** Options that every command takes. */
export const commonOptions: readonly OptionSpec[] = [helpOption];

/** @throws TallyError `argument.invalid`. */
export function parseCommandLine(argv: readonly string[], commands: readonly CommandSpec[]): Parsed {
  const [first, second] = argv;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    return { kind: 'help', topic: first === 'help' ? topicOf(argv.slice(1), commands) : undefined };
  }
  if (first === '--version' || first === '-V') return { kind: 'version' };
  if (first.startsWith('-')) throw usage(`${first}: no such option before a command`);

  // Of two that fit, the longer: `approve verify` is no request called verify.
  const command =
    commands.find((one) => one.path === `${first} ${second ?? ''}`) ??
    commands.find((one) => one.path === first);
  if (command === undefined) return withoutCommand(first, second, commands);
  const words = argv.slice(command.path.split(' ').length);
  const { values, positionals } = readWords(words, command);
  if (values.get('help') !== undefined) return { kind: 'help', topic: command };
  checkPositionals(command, positionals);
  return { kind: 'run', command, args: positionals, options: optionsOf(values) };
}

function withoutCommand(first: string, second: string | undefined, commands: readonly CommandSpec[]): Parsed {
  const group = commands.filter((one) => one.path.startsWith(`${first} `));
  if (group.length === 0) {
    const close = nearest(first, [...new Set(commands.map((one) => one.path.split(' ')[0] as string))]);
    throw usage(`${first}: no such command${close === undefined ? '' : `; did you mean ${close}?`}`);
  }
  if (second === undefined || second === '--help' || second === '-h') return { kind: 'help', topic: first };
  const names = group.map((one) => one.path.split(' ')[1] as string);
  throw usage(`${first} ${second}: no such command; want ${first} ${names.join('|')}`);
}

function topicOf(
  words: readonly string[],
  commands: readonly CommandSpec[],
): CommandSpec | string | undefined {
  if (words.length === 0) return undefined;
  const path = words.join(' ');
  const command = commands.find((one) => one.path === path);
  if (command !== undefined) return command;
  if (commands.some((one) => one.path.startsWith(`${path} `))) return path;
  throw usage(`help ${path}: no such command`);
}

type Values = Map<string, string[]>;

function readWords(
  words: readonly string[],
  command: CommandSpec,
): { values: Values; positionals: string[] } {
  const specs = [...(command.options ?? []), ...commonOptions];
  const known = Object.fromEntries(
    specs.map((spec) => [
      spec.name,
      {
        type: spec.value === undefined ? ('boolean' as const) : ('string' as const),
        multiple: true,
        ...(spec.short === undefined ? {} : { short: spec.short }),
      },
    ]),
  );
  const parsed = tryParse([...words], known, command, specs);
  const values: Values = new Map();
  for (const spec of specs) {
    const given = parsed.values[spec.name] as (string | boolean)[] | undefined;
    if (given === undefined) continue;
    if (given.length > 1 && spec.multiple !== true) {
      throw usage(`--${spec.name}: want it once, got ${given.length} times`);
    }
    values.set(spec.name, given.map(String));
  }
  return { values, positionals: parsed.positionals };
}

type Known = Record<string, { type: 'boolean' | 'string'; multiple: boolean; short?: string }>;

function tryParse(
  args: string[],
  options: Known,
  command: CommandSpec,
  specs: readonly OptionSpec[],
): { values: Record<string, unknown>; positionals: string[] } {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: true });
  } catch (error) {
    const code = (error as { code?: string }).code;
    const name = /'(--?[^' ]+)/.exec((error as Error).message)?.[1] ?? '';
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const close = nearest(
        name.replace(/^-+/, ''),
        specs.map((spec) => spec.name),
      );
      const hint =
        close === undefined ? `tallystick ${command.path} --help lists them` : `did you mean --${close}?`;
      throw usage(`${name}: no such option of ${command.path}; ${hint}`);
    }
    const spec = specs.find((one) => `--${one.name}` === name || `-${one.short}` === name);
    if (spec?.value !== undefined) throw usage(`--${spec.name}: want a value: --${spec.name} ${spec.value}`);
    if (spec !== undefined) throw usage(`--${spec.name}: takes no value`);
    throw usage(`${command.path}: cannot read these options`);
  }
}

function checkPositionals(command: CommandSpec, got: readonly string[]): void {
  const want = command.args ?? [];
  const missing = want.find((spec, i) => spec.optional !== true && got[i] === undefined);
  if (missing !== undefined) throw usage(`${command.path}: ${missing.name} is missing (${missing.help})`);
  if (got.length > want.length && want.at(-1)?.repeated !== true) {
    throw usage(`${command.path}: want ${want.length} arguments, got ${got.length}`);
  }
}

function optionsOf(values: Values): Options {
  return {
    text: (name) => values.get(name)?.[0],
    all: (name) => values.get(name) ?? [],
    on: (name) => values.has(name),
  };
}

function usage(message: string): TallyError {
  return new TallyError('argument.invalid', message);
}

/** The candidate within two edits, if there is one; of several, the nearest. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.min(3, word.length);
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
