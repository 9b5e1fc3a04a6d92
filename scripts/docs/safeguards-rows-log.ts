/**
 * Safeguards of the audit log, its witnesses, and the report that is made from it.
 *
 * Purpose: a part of safeguards-rows.ts. The clause of a log is how fresh its witnesses have to be, where a row is about them.
 */
import { aged, clauses, denied, knows, type Place, type Safeguard } from './safeguards-row.ts';

const clause = 'freshness.witnessHours';
const verified = (name: string) => ({
  file: 'packages/protocol/src/audit/verify.slow.test.ts',
  name,
});
const verify: Place = ['packages/protocol/src/audit/verify.ts', 'export function verifyExport'];
const compare: Place = ['packages/protocol/src/audit/compare.ts', 'export function compareLogs'];
const witness: Place = ['packages/host/src/audit/witness.ts', "'log.rollback'"];

export const logSafeguards: readonly Safeguard[] = [
  {
    safeguard: 'An act that cannot be logged does not happen',
    clause: 'always',
    enforced: [['packages/host/src/audit/log.ts', 'append(']],
    refuses: {
      file: 'packages/host/src/audit/session-log.test.ts',
      name: 'the start of a session > that cannot be written leaves the charge, told and never refunded, and no freeze',
    },
    report: 'logs.entries',
  },
  {
    safeguard:
      'A log that is broken on disk is named entry by entry, starts nothing, changes nothing, and is told of',
    clause,
    enforced: [clauses('members', 'log.broken'), ['packages/host/src/audit/faults.ts', "'log.broken'"]],
    refuses: {
      file: 'test/agreement/pilot.slow.test.ts',
      name: 'a log with a flipped bit: the entry is named, nothing runs, everybody is told, people put it right',
    },
    report: denied,
  },
  {
    safeguard: 'No entry can hold more than its type says: no name, no identifier, no small number',
    clause: 'always',
    enforced: [['packages/protocol/src/audit/entry.ts', "'log.entry'"]],
    refuses: {
      file: 'packages/protocol/src/audit/entry.test.ts',
      name: 'audit entry > is refused with a number where a band belongs',
    },
    report: 'logs.entries',
  },
  {
    safeguard: 'An entry of a log that was changed, left out or moved is found, offline',
    clause: 'always',
    enforced: [verify],
    refuses: verified(
      'verification of an export > names an entry that was taken out, exchanged, doubled, or cut off at the end',
    ),
    report: 'logs.checkpoint',
  },
  {
    safeguard: 'An entry that was back-dated is found',
    clause: 'always',
    enforced: [verify],
    refuses: verified(
      'verification of an export > finds entries dated before those that they follow, and those that a witness contradicts',
    ),
    report: 'logs.checkpoint',
  },
  {
    safeguard:
      'Double entry: a session that both answered, or that started, and that one log lacks, is found',
    clause: 'always',
    enforced: [compare],
    refuses: verified(
      'two logs compared > finds a session that the other does not have, whoever is named first',
    ),
    report: 'logs.checkpoint',
  },
  {
    safeguard: 'A session that started has an end in both logs, if only an abort',
    clause: 'always',
    enforced: [[compare[0], "type === 'result'"]],
    refuses: verified(
      'two logs compared > an end that is not told > by one of them is found, also where the other tells of an abort',
    ),
    report: 'logs.checkpoint',
  },
  {
    safeguard: 'A log that was written anew after others had seen it is found',
    clause: 'always',
    enforced: [compare],
    refuses: verified('two logs compared > finds that a log is not the one that the other witnessed'),
    report: 'logs.checkpoint',
  },
  {
    safeguard: 'A node whose log nobody has witnessed in time starts nothing',
    clause,
    enforced: [aged('log.witness', '-'), knows('log')],
    refuses: 'pair: witnessed a millisecond earlier',
    report: denied,
  },
  {
    safeguard: 'Nothing starts with a partner whose consent does not show that its log was witnessed in time',
    clause,
    enforced: [
      ['packages/protocol/src/policy/clauses-members.ts', '`log.partner-${theirs}`'],
      ['packages/node/src/guard/standing.ts', 'partners: partnersLogs('],
    ],
    refuses: "pair: a partner's log witnessed a millisecond earlier",
    report: denied,
  },
  {
    safeguard: 'A node from a backup starts nothing before its partners have confirmed its log and ledger',
    clause,
    enforced: [clauses('members', 'log.unconfirmed'), knows('log')],
    refuses: 'pair: restored from a backup',
    report: denied,
  },
  {
    safeguard:
      'Every member that a node knows by key has to confirm it, not the partner of the session alone',
    clause,
    enforced: [['packages/node/src/daemon/witnessing.ts', 'witness.isConfirmedBy(members(agreement))']],
    refuses: {
      file: 'test/session/witnessing.test.ts',
      name: 'every member that it knows by key, the partner and the body among them',
    },
    report: denied,
  },
  {
    safeguard: 'A log that was taken back is cosigned by nobody, and both write it down',
    clause,
    enforced: [witness],
    refuses: {
      file: 'packages/host/src/audit/witness.test.ts',
      name: 'witnesses > find a restored copy that is shorter; both write it down, and it starts nothing',
    },
    report: denied,
  },
  {
    safeguard: 'A log that goes back, or is another one, at a consent starts nothing with its station',
    clause,
    enforced: [['packages/host/src/audit/shown.ts', "'log.rollback'"]],
    refuses: {
      file: 'packages/host/src/audit/shown.test.ts',
      name: 'what a consent shows of a log > is refused where it is another log of the same station',
    },
    report: denied,
  },
  {
    safeguard: 'Who finds another’s log taken back tells the oversight body',
    clause: 'oversight',
    enforced: [['packages/host/src/audit/faults.ts', 'bodies(']],
    refuses: {
      file: 'packages/host/src/audit/faults.test.ts',
      name: 'a log that is not as it was left > that a partner finds taken back is told to the oversight body, once, also over a start',
    },
    report: denied,
  },
  {
    safeguard: 'Another log is accepted by a person alone, and not before it is written down what was held',
    clause: 'always',
    enforced: [['packages/host/src/audit/witness.ts', "'log.accepted'"]],
    refuses: {
      file: 'packages/host/src/audit/witness.test.ts',
      name: 'witnesses > accept no log that they cannot write down: what was held is held on',
    },
    report: 'logs.entries',
  },
  {
    safeguard: 'Nobody fills a log: what is too many is counted',
    clause: 'always',
    enforced: [['packages/host/src/audit/attempts.ts', 'maxEntries']],
    refuses: {
      file: 'packages/host/src/audit/attempts.test.ts',
      name: 'attempts > of many kinds take so many entries an hour and no more, and none is forgotten',
    },
    report: 'events.attempts',
  },
  // The report
  {
    safeguard: 'A log in which an entry was changed gives no report',
    clause: 'always',
    enforced: [['packages/cli/src/report/exports.ts', 'verifyExport(']],
    refuses: {
      file: 'test/report/cli.slow.test.ts',
      name: 'report > is not made > of an export of which an entry was changed, and names the entry',
    },
    report: 'logs.root',
  },
  {
    safeguard: 'Numbers that do not follow from the log are found, although they are signed',
    clause: 'always',
    enforced: [['packages/cli/src/commands/report.ts', "'report.invalid'"]],
    refuses: {
      file: 'test/report/cli.slow.test.ts',
      name: 'report > finds numbers that do not follow from the log, although they are signed',
    },
    report: 'logs.root',
  },
  {
    safeguard: 'The report tells no number below its threshold',
    clause: 'privacy.minCount',
    enforced: [['packages/protocol/src/report/figures.ts', 'export function figuresOf']],
    refuses: {
      file: 'packages/protocol/src/report/figures.slow.test.ts',
      name: 'from a report follows no small number, whatever its reader knows of how it is made > by how sessions ended, with whom, and whose results were deleted',
    },
    report: 'threshold',
  },
];
