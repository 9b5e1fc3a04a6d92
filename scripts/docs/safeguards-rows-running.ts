/**
 * Safeguards of an agreement in use: suspension and how fresh everybody's word must be, redress, incidents.
 *
 * Purpose: a part of safeguards-rows.ts.
 */
import { aged, clauses, denied, knows, type Safeguard } from './safeguards-row.ts';

export const runningSafeguards: readonly Safeguard[] = [
  // Suspension, freshness, clocks
  {
    safeguard: 'Any party or oversight body suspends, at once and alone',
    clause: 'suspension.by',
    enforced: [clauses('members', 'suspended'), knows('membership')],
    refuses: 'pair: suspended by two',
    report: 'events.suspensions',
  },
  {
    safeguard: 'Resuming needs everybody',
    clause: 'suspension.resumeBy',
    enforced: [['packages/protocol/src/membership/fold.ts', "case 'resume':"]],
    refuses: {
      file: 'packages/protocol/src/membership/membership.test.ts',
      name: 'suspension > is lifted by all, and by all only',
    },
    report: 'events.suspensions',
  },
  {
    safeguard: 'A suspension that was lifted, sent once more, changes nothing and is logged',
    clause: 'suspension.by',
    enforced: [['packages/host/src/membership/hearing.ts', 'attempts']],
    refuses: {
      file: 'test/membership/members.slow.test.ts',
      name: 'what is refused changes nothing and stands in the log > a suspension that was lifted, once more',
    },
    report: 'events.attempts',
  },
  {
    safeguard: 'Who says different things to different members is found out and believed no more',
    clause: 'freshness.notSuspendedMinutes',
    enforced: [['packages/host/src/membership/roll.ts', 'fork']],
    refuses: {
      file: 'test/membership/members.slow.test.ts',
      name: 'who says different things to different members > is found out, believed no more, and everybody has the proof',
    },
    report: 'events.attempts',
  },
  {
    safeguard: "Silence denies: without everybody's word that nothing is suspended, nothing runs",
    clause: 'freshness.notSuspendedMinutes',
    enforced: [aged('not-suspended'), knows('membership')],
    refuses: 'pair: nobody said anything',
    report: denied,
  },
  {
    safeguard: 'A node that has not heard the list of members in time refuses',
    clause: 'freshness.membershipHours',
    enforced: [aged('membership'), knows('membership')],
    refuses: 'pair: members confirmed a millisecond earlier',
    report: denied,
  },
  {
    safeguard: 'Who has withdrawn takes part no more',
    clause: 'suspension.afterWithdrawal',
    enforced: [clauses('members', 'party.withdrawn'), knows('membership')],
    refuses: 'pair: a partner has withdrawn',
    report: 'events.withdrawals',
  },
  {
    safeguard: 'Where it was agreed so, a withdrawal ends it for all',
    clause: 'suspension.afterWithdrawal',
    enforced: [clauses('members', 'withdrawal.ends-for-all'), knows('membership')],
    refuses: 'pair: a withdrawal that ends it for all',
    report: 'events.withdrawals',
  },
  {
    safeguard: 'A partner whose clock is off by more than agreed is refused',
    clause: 'freshness.clockSeconds',
    enforced: [clauses('time', 'clock.off')],
    refuses: "pair: a partner's clock off by 60001 ms",
    report: denied,
  },
  {
    safeguard: 'A clock that jumped denies, until somebody has looked at it',
    clause: 'freshness.clockSeconds',
    enforced: [clauses('time', 'clock.jumped'), knows('isClockTrusted')],
    refuses: 'pair: our clock jumped',
    report: denied,
  },
  // Redress
  {
    safeguard:
      'An enquiry is answered alike, whatever was found, and disclosed only where every agreement and the node allow it',
    clause: 'redress.disclosure',
    enforced: [
      ['packages/node/src/redress/redress.ts', 'forbidsDisclosure'],
      ['packages/node/src/redress/disclosure.ts', 'never'],
    ],
    refuses: {
      file: 'packages/node/src/redress/redress.slow.test.ts',
      name: 'tickets, due dates, partners > an officer discloses only where every agreement and the node allow it, and only with a decision',
    },
    report: 'events.enquiries',
  },
  {
    safeguard: 'Enquiries are acknowledged within the agreed days, and what is late is logged as late',
    clause: 'redress.acknowledgeDays',
    enforced: [['packages/node/src/redress/redress.ts', 'isLate']],
    refuses: {
      file: 'packages/node/src/redress/redress.slow.test.ts',
      name: 'tickets, due dates, partners > due dates are those of the agreement; what is late is listed and logged as late',
    },
    report: 'events.lateAcknowledgements',
  },
  {
    safeguard: 'Enquiries are decided within the agreed days, and what is late is logged as late',
    clause: 'redress.decideDays',
    enforced: [['packages/node/src/redress/redress.ts', 'isLate']],
    refuses: {
      file: 'packages/node/src/redress/redress.slow.test.ts',
      name: 'tickets, due dates, partners > due dates are those of the agreement; what is late is listed and logged as late',
    },
    report: 'events.lateDecisions',
  },
  {
    safeguard: 'Who received nothing is told nothing, not even of a correction',
    clause: 'redress',
    enforced: [['packages/node/src/redress/outgoing.ts', 'receive']],
    refuses: {
      file: 'packages/node/src/redress/redress.slow.test.ts',
      name: 'tickets, due dates, partners > who received nothing is told nothing',
    },
    report: 'events.corrected',
  },
  {
    safeguard: 'A correction is taken from a partner of that session, and from nobody else',
    clause: 'redress',
    enforced: [['packages/node/src/redress/receive.ts', 'correction']],
    refuses: {
      file: 'packages/node/src/redress/redress.slow.test.ts',
      name: 'tickets, due dates, partners > a correction of a stranger, of another session, or that is none, is refused',
    },
    report: 'events.corrected',
  },
  // Incidents
  {
    safeguard:
      'Who is to be told of an incident is told within the agreed hours, and what is late is logged as late',
    clause: 'incident.notifyHours',
    enforced: [['packages/node/src/control/incidents.ts', 'isLate']],
    refuses: {
      file: 'packages/node/src/control/incidents.test.ts',
      name: 'the contact is told within the hours that the agreement says, or it is late; both stand in the log',
    },
    report: 'events.lateIncidents',
  },
];
