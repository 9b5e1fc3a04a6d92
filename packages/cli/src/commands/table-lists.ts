/**
 * `list …`: what stands in a list, and what a node keeps of it.
 */
import type { CommandSpec } from '../args/types.ts';
import {
  columnsOption,
  dataOption,
  formatOption,
  jsonOption,
  quietOption,
  recipeOption,
  subjectOption,
} from './common.ts';

export const listCommands: readonly CommandSpec[] = [
  {
    path: 'list check',
    summary: 'what is in a list: records, identifiers by kind, every rejected row, its age',
    args: [{ name: 'FILE', help: 'the list; companions beside it are read too' }],
    options: [
      recipeOption,
      subjectOption,
      formatOption,
      columnsOption,
      { name: 'all', help: 'name every rejected row, not the first 20' },
      { name: 'label', value: 'FIELD', help: 'how many records there are under each label of a field' },
      jsonOption,
    ],
    examples: [
      { command: 'tallystick list check sdn.csv', does: 'under every recipe' },
      { command: 'tallystick list check people.csv --recipe name --json', does: 'one recipe, for programs' },
      { command: 'tallystick list check sdn.csv --label program', does: 'which labels there are' },
    ],
    load: async () => (await import('./list-check.ts')).run,
  },
  {
    path: 'list explain',
    summary: 'how one record of mine becomes identifiers, step by step',
    details: ['Shows contents of the record: for the eyes of its owner.'],
    args: [{ name: 'RECORD', help: "the record's id, or line:N" }],
    options: [
      { name: 'in', value: 'FILE', help: 'the list that holds it' },
      recipeOption,
      formatOption,
      columnsOption,
      jsonOption,
    ],
    examples: [
      { command: 'tallystick list explain 7157 --in sdn.csv --recipe document', does: 'one recipe' },
      {
        command: 'tallystick list explain line:12 --in people.csv',
        does: 'the record on line 12, every recipe',
      },
    ],
    load: async () => (await import('./list-explain.ts')).run,
  },
  {
    path: 'list import',
    summary: 'give a list to the node, which keeps it sealed',
    args: [{ name: 'FILE', help: 'the list; companions beside it are read too' }],
    options: [
      {
        name: 'name',
        value: 'NAME',
        help: "what sessions call it; the file's name without its ending where not given",
      },
      formatOption,
      columnsOption,
      { name: 'replace', help: 'take the place of a list of this name' },
      dataOption,
      jsonOption,
      quietOption,
    ],
    examples: [
      { command: 'tallystick list import people.csv --name people', does: 'into the node of ~/.tallystick' },
    ],
    load: async () => (await import('./list-node.ts')).importRun,
  },
  {
    path: 'list list',
    summary: 'the lists that the node keeps',
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick list list', does: 'name, format, records, dates' }],
    load: async () => (await import('./list-node.ts')).listRun,
  },
  {
    path: 'list remove',
    summary: 'take a list out of the node',
    args: [{ name: 'NAME', help: 'as `list list` shows it' }],
    options: [dataOption],
    examples: [{ command: 'tallystick list remove people', does: 'the file it came from stays' }],
    load: async () => (await import('./list-node.ts')).removeRun,
  },
];
