/**
 * Safeguards of numbers: what is withheld, noise, the privacy ledger, caps.
 *
 * Purpose: a part of safeguards-rows.ts.
 */
import { clauses, costs, denied, type Place, type Safeguard } from './safeguards-row.ts';

const pure = (name: string): string => `packages/protocol/src/privacy/${name}`;
const compare: Place = [pure('compare.ts'), 'export function compareStatement'];

export const numberSafeguards: readonly Safeguard[] = [
  {
    safeguard: 'Numbers below the agreed minimum are withheld',
    clause: 'privacy.minCount',
    enforced: [clauses('privacy', 'privacy.min-count'), [pure('suppress.ts'), 'export function']],
    refuses: 'numbers: a smallest number one below',
    report: denied,
  },
  {
    safeguard: 'From the numbers that are told no withheld one follows',
    clause: 'privacy.minCount',
    enforced: [[pure('suppress.ts'), 'export function']],
    refuses: {
      file: pure('suppress.slow.test.ts'),
      name: 'suppression of exact counts > leaves no withheld cell or sum in the row space of the sizes',
    },
    report: 'all.answered',
  },
  {
    safeguard: 'Labels that few have are merged before anything is counted',
    clause: 'privacy.minCount',
    enforced: [clauses('what', 'privacy.min-count')],
    refuses: 'numbers: labels merged below a smaller number',
    report: denied,
  },
  {
    safeguard: 'Counts carry at least the agreed noise',
    clause: 'privacy.noise',
    enforced: [clauses('privacy', 'privacy.epsilon')],
    refuses: 'numbers: one micro-epsilon too many',
    report: denied,
  },
  {
    safeguard: 'Noise is of the agreed kind',
    clause: 'privacy.noise.mechanism',
    enforced: [clauses('privacy', 'privacy.mechanism')],
    refuses: 'numbers: other noise',
    report: denied,
  },
  {
    safeguard: 'Delta is not weaker than agreed',
    clause: 'privacy.noise.deltaExponent',
    enforced: [clauses('privacy', 'privacy.delta')],
    refuses: 'numbers: a weaker delta',
    report: denied,
  },
  {
    safeguard: 'Noise has exactly the distribution that its scale says',
    clause: 'privacy.noise',
    enforced: [[pure('samplers.ts'), 'export function discreteLaplace']],
    refuses: {
      file: pure('samplers.slow.test.ts'),
      name: 'discrete laplace > would not pass with another scale',
    },
    report: 'groups.amounts.microEpsilon',
  },
  {
    safeguard: 'A noised answer leaves on a tick of the clock: how long it took to draw says nothing',
    clause: 'privacy.noise',
    enforced: [['packages/protocol/src/chain/collector.ts', 'releaseTickMs']],
    refuses: {
      file: 'packages/protocol/src/chain/chain.ring.test.ts',
      name: 'form sealed > sends a noised release on the tick of the clock, the same to all',
    },
    report: 'all.answered',
  },
  {
    safeguard: 'A record brings no more identifiers than agreed',
    clause: 'privacy.identifiersPerRecord',
    enforced: [clauses('privacy', 'privacy.per-record')],
    refuses: 'numbers: one identifier of a record too many',
    report: denied,
  },
  {
    safeguard: 'What a record has beyond that is left out, and counted',
    clause: 'privacy.identifiersPerRecord',
    enforced: [['packages/node/src/vault/room.ts', 'counts.cut +=']],
    refuses: {
      file: 'packages/node/src/vault/padding.slow.test.ts',
      name: 'a record > brings at most what it may, and what was cut is counted',
    },
    report: 'groups.amounts.identifiers',
  },
  {
    safeguard: 'Lists are filled up as agreed, so that their sizes are not told',
    clause: 'privacy.padTo',
    enforced: [clauses('privacy', 'list.unpadded')],
    refuses: 'numbers: a size that is no multiple',
    report: denied,
  },
  // The ledger
  {
    safeguard: 'The privacy budget of a period is not overspent',
    clause: 'privacy.budget',
    enforced: [clauses('privacy', 'budget.spent'), costs],
    refuses: 'numbers: one micro-epsilon over',
    report: 'groups.amounts.microEpsilon',
  },
  {
    safeguard: 'Exact answers are paid for in records',
    clause: 'privacy.budget.records',
    enforced: [clauses('privacy', 'budget.spent'), costs],
    refuses: 'pair: one record over',
    report: denied,
  },
  {
    safeguard: 'A request costs what it costs, whatever it says',
    clause: 'privacy.budget.microEpsilon',
    enforced: [[clauses('privacy', '')[0], "'cost.understated'"]],
    refuses: 'numbers: a cost of epsilon one too low',
    report: denied,
  },
  {
    safeguard: 'Counts that a party collects are charged as matches',
    clause: 'privacy.budget.records',
    enforced: [[clauses('privacy', '')[0], 'output.listOwnerCollects === null']],
    refuses: 'threat: a list owner collects for nothing',
    report: denied,
  },
  {
    safeguard: 'Differencing: no more versions of a list in a period than agreed',
    clause: 'privacy.budget.listVersions',
    enforced: [clauses('privacy', 'budget.spent'), costs],
    refuses: 'pair: a new version of the list, one over',
    report: denied,
  },
  {
    safeguard:
      'The same question on the same commitments gets the stored answer, and any other is charged in full',
    clause: 'privacy.budget.listVersions',
    enforced: [[pure('compare.ts'), 'export function settle']],
    refuses: {
      file: pure('compare.test.ts'),
      name: 'settling > finds a repeat only where terms and versions are equal and every party kept the answer',
    },
    report: 'groups.amounts.microEpsilon',
  },
  {
    safeguard:
      'A session is charged before anything of a list leaves, in one write with its entry in the log',
    clause: 'privacy.budget',
    enforced: [['packages/host/src/audit/session-log.ts', 'audit.appendWith(']],
    refuses: {
      file: 'packages/host/src/audit/session-log.test.ts',
      name: 'the start of a session > cannot be where the charge cannot be written: neither charge nor entry is left',
    },
    report: 'groups.amounts.microEpsilon',
  },
  {
    safeguard: 'A charge is never given back, however the session ends',
    clause: 'privacy.budget',
    enforced: [[pure('ledger.ts'), 'export function']],
    refuses: {
      file: pure('ledger.test.ts'),
      name: 'a charge > is for good: no lapse, no second charge and no mark changes it',
    },
    report: 'groups.amounts.microEpsilon',
  },
  {
    safeguard:
      'Every side keeps the ledger: a session of one side that the other never heard of is a dispute that stays',
    clause: 'privacy.budget',
    enforced: [compare],
    refuses: {
      file: pure('compare.test.ts'),
      name: 'a statement > with a session never heard of is a dispute that stays',
    },
    report: 'all.refused',
  },
  {
    safeguard: 'The collector keeps it too, about what it collected',
    clause: 'privacy.budget',
    enforced: [compare],
    refuses: {
      file: pure('compare.test.ts'),
      name: 'a statement > to a collector is about what it collected; of a collector, about nothing else',
    },
    report: 'all.refused',
  },
  {
    safeguard: 'Ledgers of partners that differ stop sessions',
    clause: 'privacy.budget',
    enforced: [clauses('privacy', 'ledger.differs'), costs],
    refuses: 'pair: a ledger that differs',
    report: denied,
  },
  {
    safeguard: 'A ledger that was edited, or is another node’s, opens for nobody',
    clause: 'privacy.budget',
    enforced: [['packages/host/src/ledger/station.ts', "'ledger.broken'"]],
    refuses: {
      file: 'packages/host/src/ledger/ledger.slow.test.ts',
      name: 'a kept ledger: memory > that was edited, or is another node’s, opens for nobody',
    },
    report: 'all.refused',
  },
  // Caps
  {
    safeguard: 'No more sessions a day than agreed',
    clause: 'caps.sessionsPerDay',
    enforced: [clauses('privacy', 'caps.sessions'), costs],
    refuses: 'pair: one session over',
    report: denied,
  },
  {
    safeguard: 'No more records a day than agreed',
    clause: 'caps.recordsPerDay',
    enforced: [clauses('privacy', 'caps.records'), costs],
    refuses: 'pair: one record of the day over',
    report: denied,
  },
  {
    safeguard: 'No more sessions a day with one partner than agreed',
    clause: 'caps.pairSessionsPerDay',
    enforced: [clauses('privacy', 'caps.sessions'), costs],
    refuses: 'pair: one session of the pair over',
    report: denied,
  },
  {
    safeguard: 'No more records a day with one partner than agreed',
    clause: 'caps.pairRecordsPerDay',
    enforced: [clauses('privacy', 'caps.records'), costs],
    refuses: 'pair: one record of the pair over',
    report: denied,
  },
];
