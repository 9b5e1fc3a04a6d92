/**
 * Options that several commands share.
 *
 * Purpose: one spelling, one reading, one error for each.
 * Assumes: values are texts. Does not know: what commands do with them.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ProposeParams } from '@tallystick/node/control';
import type { ListFormat } from '@tallystick/node/lists';
import { TallyError } from '@tallystick/protocol/errors';
import type { RecipeName, Subject } from '@tallystick/protocol/records';
import type { Io, OptionSpec, Options } from '../args/types.ts';

// Written out: importing the rooms that define them would load all importers before any command is known.
export const formatNames: readonly ListFormat[] = ['ofac-sdn', 'un-consolidated', 'ftm', 'csv'];
export const subjectNames: readonly Subject[] = ['person', 'organisation', 'any'];
export const recipeChoices: readonly RecipeName[] = [
  'document',
  'document+country',
  'name',
  'name+birthyear',
  'name+birthdate',
];

export const jsonOption: OptionSpec = {
  name: 'json',
  help: 'print exactly one JSON object on stdout, everything else on stderr',
};
export const quietOption: OptionSpec = { name: 'quiet', short: 'q', help: 'no progress' };
export const labelOption: OptionSpec = {
  name: 'label',
  value: 'PARTY:FIELD=LABELS',
  multiple: true,
  help: 'counts: cut a list by a field of its records; every label that may occur, weightiest first, with , or | between',
};
export const labelMinOption: OptionSpec = {
  name: 'label-min',
  value: 'N',
  help: 'with --label: merge labels with fewer than N identifiers; --min-count where not given',
};
export const formatOption: OptionSpec = {
  name: 'format',
  value: 'FORMAT',
  help: `${formatNames.join(', ')}; detected where it is not given`,
};
export const columnsOption: OptionSpec = {
  name: 'columns',
  value: 'JSON',
  help: 'header names of a csv, as in a scenario: {"id":"ref","name":"full name"}',
};
export const recipeOption: OptionSpec = {
  name: 'recipe',
  value: 'RECIPE',
  multiple: true,
  help: recipeChoices.join(', '),
};
export const dataOption: OptionSpec = {
  name: 'data',
  value: 'DIR',
  help: 'data directory of the node; TALLYSTICK_DATA, or ~/.tallystick, where not given',
};
export const keyFileOption: OptionSpec = {
  name: 'key-file',
  value: 'FILE',
  help: 'file that holds the data key; otherwise TALLYSTICK_KEY, TALLYSTICK_PASSPHRASE, or a prompt',
};
export const verboseOption: OptionSpec = { name: 'verbose', help: 'log every connection' };
export const subjectOption: OptionSpec = { name: 'subject', value: 'SUBJECT', help: subjectNames.join(', ') };

/** Absolute path of the data directory. */
export function dataDirectory(options: Options, io: Io): string {
  const text = options.text('data') ?? io.env.TALLYSTICK_DATA;
  return text === undefined || text === '' ? join(homedir(), '.tallystick') : resolve(io.cwd, text);
}

/** @throws TallyError `argument.invalid`. */
export function choice<T extends string>(
  options: Options,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  const found = allowed.find((one) => one === text);
  if (found !== undefined) return found;
  throw new TallyError(
    'argument.invalid',
    `--${name}: want one of ${allowed.join(', ')}, got "${text.slice(0, 40)}"`,
  );
}

/** A coordinator's address. @throws TallyError `argument.invalid`. */
export function urlOf(options: Options, name: string): string | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  if (URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol)) return text;
  throw new TallyError('argument.invalid', `--${name}: want ws://HOST:PORT or wss://HOST:PORT`);
}

export function formatOf(options: Options): ListFormat | undefined {
  return choice(options, 'format', formatNames);
}

export function subjectOf(options: Options): Subject | undefined {
  return choice(options, 'subject', subjectNames);
}

/** `--recipe name --recipe document` and `--recipe name,document` are the same; absent: none. */
export function recipesOf(options: Options): RecipeName[] {
  const words = options.all('recipe').flatMap((text) => text.split(','));
  if (words.length === 0) return [];
  const wrong = words.find((word) => !(recipeChoices as readonly string[]).includes(word));
  if (wrong !== undefined) {
    throw new TallyError(
      'recipe.unknown',
      `--recipe: want one of ${recipeChoices.join(', ')}, got "${wrong.slice(0, 40)}"`,
    );
  }
  return recipeChoices.filter((name) => words.includes(name));
}

/** @throws TallyError `argument.invalid` unless it is a whole number within the bounds. */
export function wholeNumber(options: Options, name: string, least: number, most: number): number | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new TallyError(
    'argument.invalid',
    `--${name}: want a whole number from ${least} to ${most}, got "${text.slice(0, 20)}"`,
  );
}

/**
 * Caps as `sessions=4`, each an option of its own; undefined where there is none. Numbers are `parseCaps`'s to judge.
 * Throws `argument.invalid`.
 */
export function capsOf(options: Options, name: string): Record<string, number | string> | undefined {
  const given = options.all(name);
  const caps: Record<string, number | string> = {};
  for (const text of given) {
    const [, cap, value] =
      /^(sessions|records|versions|epsilon|period-days)=([0-9.]{1,16})$/.exec(text) ?? [];
    if (cap === undefined || value === undefined) {
      throw new TallyError(
        'argument.invalid',
        `--${name}: want sessions=N, records=N, versions=N, epsilon=E or period-days=N`,
      );
    }
    if (cap === 'epsilon') caps[cap] = value;
    else caps[cap === 'period-days' ? 'periodDays' : cap] = Number(value);
  }
  return given.length === 0 ? undefined : caps;
}

/**
 * `north:tier=high,medium,low`: a party, a field of its records, every label that may stand there.
 * @throws TallyError `argument.invalid`.
 */
export function labelsOf(options: Options): Pick<ProposeParams, 'labels'> {
  const minSize = wholeNumber(options, 'label-min', 0, 1_000_000);
  const labels = options.all('label').map((text) => {
    const [, party, field, values] = /^([a-z0-9-]+):([A-Za-z0-9_-]+)=(.+)$/s.exec(text) ?? [];
    if (party === undefined || field === undefined || values === undefined) {
      throw new TallyError('argument.invalid', '--label: want PARTY:FIELD=LABEL,LABEL,…');
    }
    // Commas stand in some labels, bars in none that a CSV can hold.
    const names = values.split(values.includes('|') ? '|' : ',').map((name) => name.trim());
    return { party, field, labels: names, ...(minSize === undefined ? {} : { minSize }) };
  });
  if (labels.length > 0) return { labels };
  if (minSize !== undefined) throw new TallyError('argument.invalid', '--label-min: needs --label');
  return {};
}
