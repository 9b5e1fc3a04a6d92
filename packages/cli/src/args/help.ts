/**
 * Help texts, made from the commands' table.
 *
 * Purpose: `tallystick --help`, `tallystick list`, `tallystick list check --help`.
 * Assumes: 100 columns. Does not know: how any command works.
 */
import { exitMeanings } from '../exit/index.ts';
import { wrap } from '../render/text.ts';
import { commonOptions } from './parse.ts';
import type { CommandSpec, OptionSpec } from './types.ts';

const groups: readonly (readonly [string, (path: string) => boolean])[] = [
  ['Everything on this machine', (path) => ['demo', 'run'].includes(path)],
  [
    'A node of your own',
    (path) =>
      [
        'init',
        'identity replace',
        'node',
        'coordinator',
        'collector',
        'doctor',
        'clock acknowledge',
      ].includes(path),
  ],
  ['Peers', (path) => path.startsWith('peer ')],
  ['Lists', (path) => path.startsWith('list ')],
  ['Sessions', (path) => path.startsWith('session ') || path === 'verify'],
  ['Ledger', (path) => path.startsWith('ledger ')],
  ['Members of an agreement', (path) => path.startsWith('membership ')],
  ['Agreements', (path) => /^(?:agreement|emergency) |^approve\b/.test(path)],
  ['Oversight', (path) => path.startsWith('oversight')],
  ['Audit log', (path) => path.startsWith('audit ')],
  ['Reports', (path) => /^report\b/.test(path)],
  ['Redress and incidents', (path) => /^(?:redress|incident) /.test(path)],
];

export function helpOnAll(commands: readonly CommandSpec[], version: string): string {
  const lines = [
    `tallystick ${version}: which records of two watchlists are the same, without showing the lists`,
    '',
    'Usage: tallystick COMMAND [ARGUMENTS] [OPTIONS]',
  ];
  for (const [title, belongs] of groups) {
    lines.push('', `${title}:`, ...summaries(commands.filter((one) => belongs(one.path))));
  }
  lines.push('', 'tallystick COMMAND --help explains a command and gives examples.', '', 'Exit codes:');
  for (const [code, meaning] of exitMeanings) lines.push(`  ${String(code).padEnd(4)}${meaning}`);
  return `${lines.join('\n')}\n`;
}

export function helpOnGroup(group: string, commands: readonly CommandSpec[]): string {
  const members = commands.filter((one) => one.path.startsWith(`${group} `));
  return `${[`Usage: tallystick ${group} COMMAND`, '', ...summaries(members)].join('\n')}\n`;
}

export function helpOnCommand(command: CommandSpec): string {
  const args = (command.args ?? []).map(
    ({ name, optional, repeated }) =>
      `${optional === true ? `[${name}]` : name}${repeated === true ? '...' : ''}`,
  );
  const lines = [
    ['Usage: tallystick', command.path, ...args, '[OPTIONS]'].join(' '),
    '',
    sentence(command.summary),
  ];
  for (const paragraph of command.details ?? []) lines.push('', ...wrap(paragraph, 96));
  if (command.args !== undefined) {
    lines.push('', 'Arguments:', ...columns(command.args.map((arg) => [arg.name, arg.help])));
  }
  lines.push('', 'Options:', ...columns([...(command.options ?? []), ...commonOptions].map(optionLine)));
  lines.push('', 'Examples:');
  for (const example of command.examples) lines.push(`  ${example.command}`, `      ${example.does}`);
  return `${lines.join('\n')}\n`;
}

function summaries(commands: readonly CommandSpec[]): string[] {
  return columns(commands.map((one) => [one.path, one.summary]));
}

function optionLine(option: OptionSpec): [string, string] {
  const value = option.value === undefined ? '' : ` ${option.value}`;
  const short = option.short === undefined ? '' : `-${option.short}, `;
  return [
    `${short}--${option.name}${value}`,
    option.multiple === true ? `${option.help} (repeatable)` : option.help,
  ];
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.flatMap(([left, right]) => {
    const [first = '', ...rest] = wrap(right, Math.max(40, 98 - width));
    return [`  ${left.padEnd(width)}${first}`, ...rest.map((line) => `  ${' '.repeat(width)}${line}`)];
  });
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
