/**
 * Safeguards of the agreement itself: its form, its signatures, its life, who is in it.
 *
 * Purpose: the first part of safeguards-rows.ts.
 */
import { attempted, clauses, denied, type Safeguard } from './safeguards-row.ts';

const standing = 'packages/protocol/src/agreement/standing.test.ts';
const problem = (name: string) => ({ file: standing, name: `problems > '${name}'` });
const signature = (name: string) => ({ file: standing, name: `signatures > ${name}` });
const form = (code: string) => ['packages/protocol/src/agreement/problems.ts', `'${code}'`] as const;
const contradiction = (code: string) =>
  ['packages/protocol/src/agreement/contradictions.ts', `'${code}'`] as const;
const signed = (code: string) => ['packages/protocol/src/agreement/signed.ts', `'${code}'`] as const;

export const agreementSafeguards: readonly Safeguard[] = [
  {
    safeguard: 'Nothing runs but under an agreement that every party and every oversight body has signed',
    clause: 'parties',
    enforced: [signed('signature.missing')],
    refuses: {
      file: 'packages/protocol/src/policy/decide.slow.test.ts',
      name: 'documents that do not parse are named, all of them, with the path > an agreement',
    },
    report: denied,
  },
  {
    safeguard: 'A node that holds an agreement takes part in nothing without one, whoever asks',
    clause: 'parties',
    enforced: [['packages/node/src/guard/standing.ts', "'agreement.required'"]],
    refuses: {
      file: 'test/session/standing.slow.test.ts',
      name: 'a node that holds an agreement takes part in nothing without one, whoever asks',
    },
    report: denied,
  },
  {
    safeguard: 'A signature by another key than the agreement names does not count',
    clause: 'parties.publicKey',
    enforced: [signed('signature.wrong-key')],
    refuses: signature('by another key than the agreement names'),
    report: attempted,
  },
  {
    safeguard: 'Of an agreement of which a byte was changed no signature stands',
    clause: 'parties.publicKey',
    enforced: [signed('signature.wrong')],
    refuses: signature('a changed byte of the agreement: no signature stands'),
    report: attempted,
  },
  {
    safeguard: 'An unknown field of an agreement is refused, never skipped',
    clause: 'parties',
    enforced: [form('field.unknown')],
    refuses: problem('an unknown field'),
    report: attempted,
  },
  {
    safeguard: 'An unknown term is refused, never passed over',
    clause: 'purposes.term',
    enforced: [form('term.unknown')],
    refuses: problem('an unknown purpose term'),
    report: attempted,
  },
  {
    safeguard: 'An empty set is refused: it does not mean everything, and not nothing either',
    clause: 'prohibitedUses',
    enforced: [form('set.too-small')],
    refuses: problem('an empty set'),
    report: attempted,
  },
  {
    safeguard: 'A clause that is missing is refused, and none is taken for granted',
    clause: 'redress',
    enforced: [form('field.missing')],
    refuses: { file: standing, name: 'problems > without redress' },
    report: attempted,
  },
  {
    safeguard: 'A field that stands twice is refused: nobody reads one and signs the other',
    clause: 'prohibitedUses',
    enforced: [['packages/protocol/src/agreement/text.ts', "'key.repeated-field'"]],
    refuses: {
      file: standing,
      name: 'text > a field that stands twice is a problem, wherever it stands',
    },
    report: attempted,
  },
  {
    safeguard: 'Every party names its legal basis and the hash of its impact assessment',
    clause: 'legalBasis',
    enforced: [contradiction('legal-basis.missing')],
    refuses: problem('a party without legal basis'),
    report: attempted,
  },
  {
    safeguard: 'No key is held by two: analyst, approver, custodian and oversight are different people',
    clause: 'parties.officers.publicKey',
    enforced: [contradiction('key.repeated')],
    refuses: problem('a key held by two'),
    report: attempted,
  },
  {
    safeguard: 'A tier that nobody approves and nobody is asked about is none',
    clause: 'tiers.routine.approvals',
    enforced: [contradiction('tier.without-approvals')],
    refuses: problem('a tier without approvals'),
    report: attempted,
  },
  {
    safeguard: 'Some oversight body can always suspend',
    clause: 'oversight.powers',
    enforced: [contradiction('oversight.cannot-suspend')],
    refuses: problem('nobody can suspend'),
    report: attempted,
  },
  {
    safeguard: 'Nothing runs before the agreement begins',
    clause: 'notBefore',
    enforced: [clauses('time', 'time.not-yet')],
    refuses: 'pair: a millisecond before it begins',
    report: denied,
  },
  {
    safeguard: 'Sunset: every agreement ends, and nothing runs after its end',
    clause: 'notAfter',
    enforced: [clauses('time', 'time.over')],
    refuses: 'pair: as it ends',
    report: denied,
  },
  {
    safeguard: 'No agreement is for longer than five years',
    clause: 'notAfter',
    enforced: [contradiction('time.too-long')],
    refuses: problem('five years and a second'),
    report: attempted,
  },
  {
    safeguard: 'Renewal needs fresh signatures of everybody',
    clause: 'supersedes',
    enforced: [['packages/protocol/src/membership/fold.ts', "case 'renew':"]],
    refuses: {
      file: 'packages/protocol/src/membership/membership.test.ts',
      name: 'what a node may rely upon > a renewal once everybody has signed it',
    },
    report: denied,
  },
  {
    safeguard: 'A version that everybody has renewed is over, as soon as the next begins',
    clause: 'version',
    enforced: [clauses('time', 'version.renewed')],
    refuses: 'pair: renewed by all, from now on',
    report: denied,
  },
  {
    safeguard: 'A version that a later one has taken the place of is over',
    clause: 'version',
    enforced: [clauses('time', 'version.superseded')],
    refuses: 'pair: a later version, in force',
    report: denied,
  },
  {
    safeguard: 'Two versions that both claim to be in force: neither runs',
    clause: 'version',
    enforced: [clauses('time', 'version.conflict')],
    refuses: 'pair: another agreement of the same version',
    report: denied,
  },
  {
    safeguard: 'Who is no party of the agreement takes no part',
    clause: 'parties',
    enforced: [clauses('members', 'party.unknown')],
    refuses: 'pair: a party that the agreement does not know brings a list',
    report: denied,
  },
];
