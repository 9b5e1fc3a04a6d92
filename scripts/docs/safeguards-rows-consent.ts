/**
 * Safeguards of one run: consent, keys, channels, proofs, refusals.
 *
 * Purpose: a part of safeguards-rows.ts.
 */
import { clauses, denied, once, type Safeguard } from './safeguards-row.ts';

const chain = (name: string): string => `packages/protocol/src/chain/${name}`;

export const consentSafeguards: readonly Safeguard[] = [
  {
    safeguard: 'Nothing derived from a list leaves before everybody has consented to the same proposal',
    clause: 'parties',
    enforced: [[chain('opening.ts'), 'freeze']],
    refuses: {
      file: chain('chain.ring.test.ts'),
      name: 'the consent barrier > sends nothing derived from a list before every freeze is in',
    },
    report: 'all.endedEarly',
  },
  {
    safeguard: 'Where one party was shown other consents, it ends for all',
    clause: 'parties',
    enforced: [[chain('opening.ts'), "'consent.mismatch'"]],
    refuses: {
      file: chain('chain.ring.test.ts'),
      name: 'the consent barrier > ends for all where one party was shown other consents',
    },
    report: 'all.endedEarly',
  },
  {
    safeguard: 'A proposal is good once and for as long as agreed',
    clause: 'caps.proposalMinutes',
    enforced: [clauses('time', 'proposal.replayed'), once],
    refuses: 'pair: the nonce was seen',
    report: denied,
  },
  {
    safeguard: 'A proposal does not stay open for longer than agreed',
    clause: 'caps.proposalMinutes',
    enforced: [clauses('time', 'proposal.too-long')],
    refuses: 'pair: open for a millisecond longer',
    report: denied,
  },
  {
    safeguard:
      'A consent is with a key that was made for it: one of another session is found, and logged as an attempt',
    clause: 'parties',
    enforced: [
      ['packages/protocol/src/chain/consents.ts', "'consent.possession'"],
      ['packages/node/src/session/audit.ts', 'attempts.note('],
    ],
    refuses: { file: 'test/misbehaviour/opening.test.ts', name: 'consent-earlier-possession' },
    report: 'events.attempts',
  },
  {
    safeguard:
      'A refusal gives coded reasons, ends it for everybody, and is logged by who asked and by who refused',
    clause: 'parties',
    enforced: [['packages/host/src/audit/session-log.ts', "type: 'refuse'"]],
    refuses: {
      file: 'test/session/opening.test.ts',
      name: 'a node that asks > a refusal ends it for everybody; who asked and who refused have logged the reasons',
    },
    report: 'all.refused',
  },
  {
    safeguard: 'A consent counts on the channels that it names, at both ends of each',
    clause: 'parties.fingerprint',
    enforced: [['packages/protocol/src/chain/consents.ts', "'consent.mismatch'"]],
    refuses: { file: 'test/misbehaviour/opening.test.ts', name: 'consent-channel' },
    report: 'events.attempts',
  },
  {
    safeguard: 'Who receives nothing gets nothing to compare with',
    clause: 'outputs.receivers',
    enforced: [['packages/node/src/vault/result.ts', 'receive']],
    refuses: {
      file: 'packages/node/src/vault/forms.slow.test.ts',
      name: 'vaults > direct, one receiver: the other gets nothing to compare',
    },
    report: 'all.answered',
  },
  {
    safeguard: 'A station whose key is not the pinned one is nobody',
    clause: 'parties.fingerprint',
    enforced: [['packages/node/src/guard/guard.ts', 'pin']],
    refuses: {
      file: 'packages/node/src/guard/guard.test.ts',
      name: 'stations > another key under our own name',
    },
    report: 'all.refused',
  },
  {
    safeguard: 'The case is a salted commitment on every proposal, and the one that was approved',
    clause: 'purposes',
    enforced: [['packages/protocol/src/policy/terms.ts', "'caseCommitment'"]],
    refuses: {
      file: 'packages/protocol/src/policy/terms.test.ts',
      name: 'what the proposal repeats > another case',
    },
    report: denied,
  },
  {
    safeguard: 'A key that was replaced counts no more',
    clause: 'parties.officers',
    enforced: [['packages/protocol/src/policy/approvals.ts', "'approval.signature'"]],
    refuses: 'pair: signed with the key that was replaced',
    report: 'events.keyChanges',
  },
  {
    safeguard: "A station's new key counts only after every other member has accepted it",
    clause: 'parties.publicKey',
    enforced: [['packages/protocol/src/membership/fold.ts', "case 'accept':"]],
    refuses: {
      file: 'packages/protocol/src/membership/membership.test.ts',
      name: "keys > the sender's own only after every other member accepted it",
    },
    report: 'events.keyChanges',
  },
  {
    safeguard: 'Software that is older than agreed is refused (every station says its own version)',
    clause: 'software.minVersion',
    enforced: [clauses('members', 'software.too-old')],
    refuses: 'pair: a software one older',
    report: denied,
  },
  {
    safeguard: 'The suite is the agreed one',
    clause: 'suites',
    enforced: [clauses('members', 'suite.unknown')],
    refuses: 'pair: another suite',
    report: denied,
  },
  {
    safeguard: 'A denial names every clause that failed, not the first',
    clause: 'parties',
    enforced: [['packages/protocol/src/policy/decide.ts', 'failed']],
    refuses: {
      file: 'packages/protocol/src/policy/decide.slow.test.ts',
      name: 'documents that do not parse are named, all of them, with the path > all of them',
    },
    report: denied,
  },
  {
    safeguard: 'Local rules can only forbid',
    clause: 'rules',
    enforced: [['packages/protocol/src/policy/rules.ts', 'export']],
    refuses: 'pair: rule: not this partner',
    report: denied,
  },
];
