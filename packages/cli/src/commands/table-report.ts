/**
 * `report …`: transparency reports, from audit logs alone.
 */
import type { ArgumentSpec, CommandSpec, OptionSpec } from '../args/types.ts';
import { dataOption, jsonOption, keyFileOption } from './common.ts';

const exportArg: ArgumentSpec = {
  name: 'EXPORT',
  help: 'an export of an audit log, as `tallystick audit export` writes it',
  repeated: true,
};
const pinOption: OptionSpec = {
  name: 'pin',
  value: 'ID=FINGERPRINT',
  multiple: true,
  help: "the key that a station's log must be signed with",
};

export const reportCommands: readonly CommandSpec[] = [
  {
    path: 'report',
    summary: 'a transparency report of audit logs: Markdown, JSON, and one page with charts, signed',
    details: [
      'Made from the exports alone, after they were verified; one that does not verify gives no report. Numbers are bands, of which the lowest is "fewer than 10", none included. The node of the data directory signs and logs it; where none runs, the key of the directory signs. Publish reports of spans that do not overlap: two that do tell what lies between them.',
    ],
    args: [exportArg],
    options: [
      { name: 'out', value: 'DIR', help: 'where report.json, report.md and report.html are written' },
      {
        name: 'from',
        value: 'DATE',
        help: 'from 2027-01-31 or 2027-01-31T12:00:00Z on, UTC; all where not given',
      },
      { name: 'to', value: 'DATE', help: 'up to, not including' },
      pinOption,
      dataOption,
      keyFileOption,
      jsonOption,
    ],
    examples: [
      {
        command:
          'tallystick report north.log --from 2027-01-01 --to 2027-04-01 --out ./report-2027-1 --data ./north',
        does: 'the first quarter, signed by north',
      },
    ],
    load: async () => (await import('./report.ts')).makeRun,
  },
  {
    path: 'report verify',
    summary: 'whether a report is signed and follows from the logs; exit code 3 where not',
    args: [{ name: 'DIR', help: 'where report.json, report.md and report.html are' }, exportArg],
    options: [
      {
        name: 'signer',
        value: 'FINGERPRINT',
        help: "whose key must have signed it; that of one of the logs' stations where not given",
      },
      pinOption,
      jsonOption,
    ],
    examples: [{ command: 'tallystick report verify ./report-2027-1 north.log', does: 'all three files' }],
    load: async () => (await import('./report.ts')).verifyRun,
  },
];
