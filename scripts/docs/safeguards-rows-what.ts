/**
 * Safeguards of what may be asked: purposes, lists, outputs, marks.
 *
 * Purpose: a part of safeguards-rows.ts.
 */
import { clauses, denied, type Safeguard } from './safeguards-row.ts';

export const whatSafeguards: readonly Safeguard[] = [
  // Purpose
  {
    safeguard: 'Purpose limitation: a purpose that is not agreed is refused',
    clause: 'purposes',
    enforced: [clauses('what', 'purpose.unknown')],
    refuses: 'pair: an unknown purpose',
    report: denied,
  },
  {
    safeguard: 'An output is for its own purposes, not for those of another',
    clause: 'outputs.purposes',
    enforced: [clauses('what', 'purpose.not-of-output')],
    refuses: "pair: another output's purpose",
    report: denied,
  },
  {
    safeguard: 'Prohibited uses stay prohibited, also beside permitted ones',
    clause: 'prohibitedUses',
    enforced: [clauses('what', 'use.prohibited')],
    refuses: 'pair: a prohibited use beside a permitted one',
    report: denied,
  },
  // Lists
  {
    safeguard: 'Only agreed categories of lists are compared',
    clause: 'lists',
    enforced: [clauses('what', 'list.unknown')],
    refuses: 'pair: a list of another category',
    report: denied,
  },
  {
    safeguard: 'A list is compared by the recipes that were agreed for it, and by no looser one',
    clause: 'lists.recipes',
    enforced: [clauses('what', 'list.recipe')],
    refuses: 'pair: a recipe that no entry has',
    report: denied,
  },
  {
    safeguard: 'Recipes are of the agreed version: what counts as the same person does not change on the way',
    clause: 'lists.recipeVersion',
    enforced: [clauses('what', 'list.recipe-version')],
    refuses: 'pair: recipes of version 2',
    report: denied,
  },
  {
    safeguard: 'A list is not larger than agreed: no fishing with long candidate lists',
    clause: 'lists.maxIdentifiers',
    enforced: [clauses('what', 'list.too-large')],
    refuses: 'pair: one identifier too many',
    report: denied,
  },
  {
    safeguard: 'A list is not smaller than agreed: no list of one, to ask about one',
    clause: 'lists.minIdentifiers',
    enforced: [clauses('what', 'list.too-small')],
    refuses: 'pair: one identifier too few',
    report: denied,
  },
  {
    safeguard: 'A list is cut by the labels that were agreed for it, and by no other',
    clause: 'lists',
    enforced: [clauses('what', 'list.label')],
    refuses: 'numbers: a label that no list has',
    report: denied,
  },
  {
    safeguard: 'A label that nobody declared ends the session',
    clause: 'lists.labels',
    enforced: [['packages/node/src/vault/labels.ts', "'list.label'"]],
    refuses: {
      file: 'packages/node/src/vault/labels.slow.test.ts',
      name: 'a list cut by a label > is refused where a record has a label that is not declared, or none and that is not',
    },
    report: 'all.endedEarly',
  },
  // Outputs
  {
    safeguard: 'Only agreed outputs come out',
    clause: 'outputs',
    enforced: [clauses('output', 'output.unknown')],
    refuses: 'pair: an unknown output',
    report: denied,
  },
  {
    safeguard: 'Only agreed statistics come out',
    clause: 'outputs.statistics',
    enforced: [clauses('output', 'output.statistic')],
    refuses: 'numbers: another statistic too',
    report: denied,
  },
  {
    safeguard: 'Counts are split by labels only where that was agreed',
    clause: 'outputs.labels',
    enforced: [clauses('what', 'output.labels')],
    refuses: 'numbers: labels where none are agreed',
    report: denied,
  },
  {
    safeguard: 'Matches are by the agreed predicate',
    clause: 'outputs.predicates',
    enforced: [clauses('output', 'output.predicate')],
    refuses: 'threat: another predicate',
    report: denied,
  },
  {
    safeguard: 'On which lists somebody is, nobody is told unless that was agreed',
    clause: 'outputs.which',
    enforced: [clauses('output', 'output.which')],
    refuses: 'pair: on which lists',
    report: denied,
  },
  {
    safeguard: 'The form is the agreed one, and the direct form is for two',
    clause: 'outputs.form',
    enforced: [clauses('output', 'form.direct')],
    refuses: 'pair: three in the direct form',
    report: denied,
  },
  {
    safeguard: 'Only agreed receivers receive',
    clause: 'outputs.receivers',
    enforced: [clauses('output', 'output.receiver')],
    refuses: 'pair: a receiver who brings no list and is none',
    report: denied,
  },
  {
    safeguard: 'Who brings no list receives no matches',
    clause: 'outputs.receivers',
    enforced: [clauses('output', 'receiver.without-list')],
    refuses: 'pair: a receiver who brings no list and is none',
    report: denied,
  },
  {
    safeguard: 'Only an agreed collector sees exact numbers',
    clause: 'outputs.collectors',
    enforced: [clauses('output', 'collector.unknown')],
    refuses: 'numbers: another collector',
    report: denied,
  },
  {
    safeguard: 'Where two collectors are agreed one is not enough',
    clause: 'outputs.collectorsNeeded',
    enforced: [clauses('output', 'collector.number')],
    refuses: 'threat: one collector where two are agreed',
    report: denied,
  },
  {
    safeguard: 'A list owner collects only where the agreement says so in as many words',
    clause: 'outputs.listOwnerCollects',
    enforced: [clauses('output', 'collector.brings-list')],
    refuses: 'threat: a list owner collects without the word',
    report: denied,
  },
  {
    safeguard: 'Results that lead to action are proved, not believed',
    clause: 'outputs.verified',
    enforced: [clauses('output', 'output.unverified')],
    refuses: 'pair: not proved',
    report: denied,
  },
  {
    safeguard: 'Handling marks (TLP, PAP) are not weaker than agreed',
    clause: 'outputs.marks',
    enforced: [clauses('output', 'output.marks')],
    refuses: 'pair: a weaker TLP',
    report: denied,
  },
  {
    safeguard: 'Terms say what the request says that people approved, field by field',
    clause: 'purposes',
    enforced: [['packages/protocol/src/policy/terms.ts', "'terms.differ'"]],
    refuses: {
      file: 'packages/protocol/src/policy/terms.test.ts',
      name: 'what the proposal repeats > no case',
    },
    report: denied,
  },
  // Retention
  {
    safeguard: 'Results are not kept for longer than agreed',
    clause: 'retention.resultDays',
    enforced: [clauses('what', 'retention.too-long')],
    refuses: 'pair: kept for a day longer',
    report: denied,
  },
  {
    safeguard: 'Results are deleted when they are due, and not before the log says so',
    clause: 'retention.resultDays',
    enforced: [['packages/node/src/retention/keeper.ts', 'record']],
    refuses: {
      file: 'packages/node/src/retention/retention.slow.test.ts',
      name: 'without the entry in the log nothing is deleted, and it is tried again',
    },
    report: 'groups.deleted',
  },
  {
    safeguard: 'Logs are not agreed to be kept for less time than results and enquiries need them',
    clause: 'retention.logDays',
    enforced: [
      ['packages/protocol/src/agreement/contradictions.ts', "'retention.log-shorter'"],
      ['packages/protocol/src/agreement/contradictions.ts', "'retention.log-before-redress'"],
    ],
    refuses: {
      file: 'packages/protocol/src/agreement/standing.test.ts',
      name: "problems > 'a log shorter than the results'",
    },
    report: denied,
  },
  {
    safeguard:
      'A log is kept for as long as agreed and longer: an entry that is gone, however old, stops the node',
    clause: 'retention.logDays',
    enforced: [['packages/host/src/audit/log.ts', 'is missing']],
    refuses: {
      file: 'packages/host/src/audit/log.test.ts',
      name: 'audit log > says so at the start: an entry that was taken out',
    },
    report: 'logs.entries',
  },
];
