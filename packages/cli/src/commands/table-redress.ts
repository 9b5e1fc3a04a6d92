/**
 * `redress …`: enquiries by persons, and corrections from partners.
 */
import type { ArgumentSpec, CommandSpec } from '../args/types.ts';
import { dataOption, jsonOption } from './common.ts';

const ticketArg: ArgumentSpec = { name: 'TICKET', help: 'its id, or the first characters of it' };

export const redressCommands: readonly CommandSpec[] = [
  {
    path: 'redress open',
    summary: "open a person's enquiry: checked inside the vault, answered alike whatever is found",
    details: [
      'FILE is JSON: {"names": ["Irena Kalvari"], "birthDates": ["1974-03-11"], "documents": [{"kind": "passport", "country": "NO", "number": "KA 441 9083"}]}, each of them optional; - is stdin. It is compared with the own records in every result that this node still holds, by the recipes of each session. Nothing of it is kept or logged but a salted commitment, whose salt is printed once as the receipt. What was found is not shown.',
    ],
    args: [{ name: 'FILE', help: 'what the person says of themselves, or - for stdin' }],
    options: [dataOption, jsonOption],
    examples: [
      {
        command: 'tallystick redress open person.json',
        does: 'prints the ticket, its receipt and the due dates',
      },
    ],
    load: async () => (await import('../redress/run.ts')).openRun,
  },
  {
    path: 'redress answer',
    summary: 'acknowledge or decide an enquiry; partners that received the record are told of a correction',
    details: [
      'Outcomes: acknowledged; then one of corrected, erased, rejected, inadmissible. With corrected and erased every partner that received the matches of a session in which the record was is told, if there is one. The answer printed is the same whether or not something was held, unless an officer decides to disclose it, every agreement allows it (redress.disclosure), and the node runs with --redress-disclose.',
    ],
    args: [ticketArg],
    options: [
      {
        name: 'outcome',
        value: 'OUTCOME',
        help: 'acknowledged, corrected, erased, rejected or inadmissible',
      },
      { name: 'disclose', help: 'the answer says whether something was held' },
      { name: 'officer', value: 'ID', help: 'with --disclose: who decides so' },
      dataOption,
      jsonOption,
    ],
    examples: [
      {
        command: 'tallystick redress answer 3f8a --outcome acknowledged',
        does: 'the first of the two due dates',
      },
      {
        command: 'tallystick redress answer 3f8a --outcome corrected',
        does: 'decides it, and tells partners',
      },
    ],
    load: async () => (await import('../redress/run.ts')).answerRun,
  },
  {
    path: 'redress list',
    summary: 'enquiries with their due dates, corrections from partners; exit code 7 where one is overdue',
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick redress list', does: 'what is open, what is overdue, what came in' }],
    load: async () => (await import('../redress/run.ts')).listRun,
  },
  {
    path: 'redress show',
    summary: 'one enquiry, or one correction from a partner',
    args: [{ name: 'ID', help: 'a ticket, or the id of a correction' }],
    options: [
      {
        name: 'out',
        value: 'FILE',
        help: 'a correction: my own records that it means, as JSON lines (mode 0600)',
      },
      dataOption,
      jsonOption,
    ],
    examples: [
      { command: 'tallystick redress show 9c41 --out concerned.jsonl', does: 'what to look at again' },
    ],
    load: async () => (await import('../redress/run.ts')).showRun,
  },
];
