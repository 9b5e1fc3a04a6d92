/**
 * Cases of problems: each changes one thing of a good agreement, and says what must be found.
 *
 * Purpose: every code of the vocabulary, as `path code`, written by hand.
 * Assumes: the agreement of policy/world.testkit.ts. Does not know: how problems are found.
 */

/** What one change brings to light. `any`, because most changes are none that the type permits. */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
type Edit = (agreement: any) => unknown;

const matchesOnly: Edit = (a) => {
  a.outputs = [a.outputs[0]];
  a.purposes = [a.purposes[0]];
  a.tiers.imminent = null;
};

export const cases: readonly (readonly [name: string, edit: Edit, ...want: string[]])[] = [
  ['nothing', () => undefined],
  // shape
  ['an unknown field', (a) => (a.parties[1].nickname = 'x'), 'parties.1.nickname field.unknown'],
  ['a field of another kind', (a) => (a.version = '2'), 'version field.type'],
  ['an unknown purpose term', (a) => (a.purposes[0].term = 'dpv:Marketing'), 'purposes.0.term term.unknown'],
  ['an unknown kind of output', (a) => (a.outputs[1].kind = 'names'), 'outputs.1.kind term.unknown'],
  ['an unknown format', (a) => (a.format = 'tallystick-agreement-2'), 'format term.unknown'],
  ['an empty set', (a) => (a.prohibitedUses = []), 'prohibitedUses set.too-small'],
  ['one party', (a) => (a.parties = [a.parties[0]]), 'parties set.too-small'],
  ['two suites', (a) => a.suites.push('ristretto255-SHA512'), 'suites set.too-large'],
  ['an empty text', (a) => (a.title = ''), 'title text.length'],
  ['a text with a line break', (a) => (a.redress.contact = 'a\nb'), 'redress.contact text.form'],
  ['a text that turns the line round', (a) => (a.title = 'a\u202eb'), 'title text.form'],
  ['a day that is none', (a) => (a.notAfter = '2027-02-29T00:00:00Z'), 'notAfter text.form'],
  [
    'a number out of range',
    (a) => (a.tiers.imminent.lastsHours = 721),
    'tiers.imminent.lastsHours number.range',
  ],
  ['half a number', (a) => (a.retention.logDays = 0.5), 'retention.logDays field.type'],
  [
    'several at once',
    (a) => ((a.incident.notifyHours = 0), (a.lists = []), delete a.tiers),
    'incident.notifyHours number.range',
    'lists set.too-small',
    'tiers field.missing',
  ],
  [
    'a malformed clause and a contradiction in others',
    (a) => ((a.incident = null), (a.notAfter = a.notBefore), (a.redress.decideDays = 1)),
    'incident field.type',
    'notAfter time.order',
    'redress.decideDays redress.order',
  ],
  // life
  ['a first version that supersedes', (a) => (a.version = 1), 'supersedes version.supersedes'],
  ['a second version that supersedes nothing', (a) => (a.supersedes = null), 'supersedes version.supersedes'],
  ['an end before the beginning', (a) => (a.notAfter = '2026-12-31T23:59:59Z'), 'notAfter time.order'],
  ['five years', (a) => (a.notAfter = '2032-01-02T00:00:00Z')],
  ['five years and a second', (a) => (a.notAfter = '2032-01-02T00:00:01Z'), 'notAfter time.too-long'],
  // who
  [
    'a party named twice',
    (a) => (a.parties[1].id = 'alba'),
    'parties.1.id id.repeated',
    'lists.1.party party.unknown',
    'outputs.0.receivers.1 party.unknown',
    'outputs.1.receivers.1 party.unknown',
    'outputs.2.receivers.1 party.unknown',
  ],
  ['oversight named as a party', (a) => (a.oversight[0].id = 'alba'), 'oversight.0.id id.repeated'],
  [
    'a key held by two',
    (a) => (a.oversight[1].publicKey = a.oversight[0].publicKey),
    'oversight.1.publicKey key.repeated',
  ],
  [
    "an officer with the party's key",
    (a) => (a.parties[2].officers[0].publicKey = a.parties[2].publicKey),
    'parties.2.officers.0.publicKey key.repeated',
  ],
  [
    "another key's fingerprint",
    (a) => (a.parties[0].fingerprint = a.parties[1].fingerprint),
    'parties.0.fingerprint fingerprint.of-another-key',
  ],
  [
    "a collector with another key's fingerprint",
    (a) => (a.collectors[1].fingerprint = a.collectors[0].fingerprint),
    'collectors.1.fingerprint fingerprint.of-another-key',
  ],
  [
    'an officer named twice',
    (a) => (a.parties[0].officers[2].id = 'approver-1'),
    'parties.0.officers.2.id id.repeated',
  ],
  [
    'a party without analyst',
    (a) => (a.parties[0].officers[0].role = 'auditor'),
    'parties.0.officers party.without-analyst',
  ],
  ['a power twice', (a) => a.oversight[1].powers.push('veto'), 'oversight.1.powers.2 set.repeated'],
  [
    'nobody can suspend',
    (a) => ((a.oversight[0].powers = ['authorise']), (a.oversight[1].powers = ['veto'])),
    'oversight oversight.cannot-suspend',
  ],
  ['a party without legal basis', (a) => a.legalBasis.pop(), 'parties.2.jurisdiction legal-basis.missing'],
  ['a legal basis twice', (a) => a.legalBasis.push({ ...a.legalBasis[0] }), 'legalBasis.3 set.repeated'],
  ['a purpose twice', (a) => a.purposes.push({ ...a.purposes[0] }), 'purposes.2.id id.repeated'],
  ['a prohibited use twice', (a) => a.prohibitedUses.push('commercial'), 'prohibitedUses.3 set.repeated'],
  // tiers
  [
    'more approvals than approvers',
    (a) => (a.tiers.routine.approvals = 3),
    ...[0, 1, 2].map((i) => `parties.${i}.officers tier.approvers-too-few`),
  ],
  [
    'more custodians than there are',
    (a) => (a.tiers.imminent.custodians = 2),
    ...[0, 1, 2].map((i) => `parties.${i}.officers tier.custodians-too-few`),
  ],
  ['as many custodians as there are', (a) => (a.tiers.routine.custodians = 1)],
  [
    'a tier without approvals',
    (a) => (a.tiers.routine = { approvals: 0, custodians: 1, oversight: 'notified' }),
    'tiers.routine.approvals tier.without-approvals',
  ],
  ['no approvals, but oversight is asked', (a) => (a.tiers.routine.approvals = 0)],
  [
    'nobody authorises',
    (a) => (a.oversight[0].powers = ['veto', 'suspend']),
    'tiers.routine.oversight tier.nobody-authorises',
    'tiers.imminent.oversight tier.nobody-reviews',
  ],
  ['an emergency tier that is null', (a) => (a.tiers.imminent = null), 'outputs.2.tiers tier.absent'],
  [
    'an emergency tier for no output',
    (a) => (a.outputs[2].tiers = ['routine']),
    'tiers.imminent tier.without-output',
  ],
  // caps, retention, freshness
  [
    'a pair above all',
    (a) => (
      (a.caps.pairSessionsPerDay = a.caps.sessionsPerDay + 1),
      (a.caps.pairRecordsPerDay = a.caps.recordsPerDay + 1)
    ),
    'caps.pairRecordsPerDay caps.pair-above-all',
    'caps.pairSessionsPerDay caps.pair-above-all',
  ],
  [
    'a log shorter than the results',
    (a) => ((a.retention.resultDays = 366), (a.retention.logDays = 365)),
    'retention.logDays retention.log-shorter',
  ],
  [
    'a log shorter than an enquiry',
    (a) => (a.retention.logDays = 59),
    'retention.logDays retention.log-before-redress',
  ],
  [
    'decided before acknowledged',
    (a) => (a.redress.acknowledgeDays = 61),
    'redress.decideDays redress.order',
  ],
  [
    'a disclosure that nobody decides',
    (a) => (a.redress.disclosure = 'always'),
    'redress.disclosure term.unknown',
  ],
  [
    'an age within the tolerance',
    (a) => (a.freshness = { ...a.freshness, notSuspendedMinutes: 5, clockSeconds: 300 }),
    'freshness.notSuspendedMinutes freshness.within-clock-tolerance',
  ],
  // lists
  [
    'sizes the wrong way round',
    (a) => (a.lists[0].minIdentifiers = 100_001),
    'lists.0.maxIdentifiers list.sizes',
  ],
  ['a recipe twice', (a) => a.lists[0].recipes.push('document'), 'lists.0.recipes.2 set.repeated'],
  ['a label twice', (a) => a.lists[0].labels.push('low'), 'lists.0.labels.2 set.repeated'],
  ['two entries for one list', (a) => a.lists.push({ ...a.lists[0] }), 'lists.3 list.repeated'],
  [
    'one party with lists',
    (a) => (
      matchesOnly(a),
      (a.privacy = noPrivacy(a)),
      (a.outputs[0].receivers = ['alba']),
      (a.lists = [a.lists[0]])
    ),
    'lists lists.too-few',
  ],
  [
    'a list of nobody',
    (a) => (a.lists[2].party = 'delta'),
    'lists.2.party party.unknown',
    'outputs.2.receivers.2 receiver.without-list',
    'outputs.2.listOwnerCollects collector.word-without-need',
  ],
  // outputs
  ['an output id twice', (a) => (a.outputs[1].id = 'pair'), 'outputs.1.id id.repeated'],
  ['no receiver', (a) => (a.outputs[0].receivers = []), 'outputs.0.receivers set.too-small'],
  ['a receiver twice', (a) => a.outputs[0].receivers.push('alba'), 'outputs.0.receivers.2 set.repeated'],
  [
    'a receiver who is no party',
    (a) => a.outputs[1].receivers.push('hub'),
    'outputs.1.receivers.3 party.unknown',
  ],
  ['a statistic twice', (a) => a.outputs[1].statistics.push('pairs'), 'outputs.1.statistics.2 set.repeated'],
  ['a predicate twice', (a) => a.outputs[2].predicates.push('all'), 'outputs.2.predicates.2 set.repeated'],
  ['a tier twice', (a) => a.outputs[0].tiers.push('routine'), 'outputs.0.tiers.1 set.repeated'],
  [
    'a purpose of an output twice',
    (a) => a.outputs[0].purposes.push('find'),
    'outputs.0.purposes.1 set.repeated',
  ],
  ['a collector twice', (a) => a.outputs[1].collectors.push('hub'), 'outputs.1.collectors.1 set.repeated'],
  [
    'the direct form with what belongs to the sealed one',
    (a) =>
      Object.assign(a.outputs[0], {
        collectors: ['hub'],
        collectorsNeeded: 1,
        predicates: ['all'],
        which: true,
      }),
    'outputs.0.collectors form.direct',
    'outputs.0.collectorsNeeded form.direct',
    'outputs.0.predicates form.direct',
    'outputs.0.which form.direct',
  ],
  [
    'the sealed form without what it needs',
    (a) =>
      Object.assign(a.outputs[2], {
        collectors: null,
        collectorsNeeded: 0,
        predicates: null,
        listOwnerCollects: null,
      }),
    'outputs.2.collectors form.sealed',
    'outputs.2.collectorsNeeded form.sealed',
    'outputs.2.predicates form.sealed',
  ],
  ['counts in the direct form', (a) => (a.outputs[1].form = 'direct'), 'outputs.1.form term.unknown'],
  [
    'fewer collectors than needed',
    (a) => (a.outputs[1].collectorsNeeded = 2),
    'outputs.1.collectorsNeeded collectors.too-few',
  ],
  [
    'an unknown collector',
    (a) => a.outputs[1].collectors.push('watch'),
    'outputs.1.collectors.1 collector.unknown',
  ],
  [
    'a collector who brings a list, without the word',
    (a) => (a.outputs[2].listOwnerCollects = null),
    'outputs.2.collectors.2 collector.brings-list',
  ],
  [
    'the word without a need',
    (a) => (a.outputs[1].listOwnerCollects = 'charged-as-matches'),
    'outputs.1.listOwnerCollects collector.word-without-need',
  ],
  [
    'the word in other words',
    (a) => (a.outputs[1].listOwnerCollects = true),
    'outputs.1.listOwnerCollects term.unknown',
  ],
  ['an unknown purpose', (a) => a.outputs[1].purposes.push('sell'), 'outputs.1.purposes.1 purpose.unknown'],
  [
    'a purpose without output',
    (a) => (a.outputs[1].purposes = ['find']),
    'purposes.1 purpose.without-output',
  ],
  ['labels that no list has', (a) => (a.lists[0].labels = null), 'outputs.1.labels labels.none'],
  // privacy
  [
    'gaussian noise without delta',
    (a) => (a.privacy.noise.deltaExponent = null),
    'privacy.noise.deltaExponent noise.delta-missing',
  ],
  [
    'laplace noise with delta',
    (a) => (a.privacy.noise.mechanism = 'laplace'),
    'privacy.noise.deltaExponent noise.delta-unused',
  ],
  [
    'a budget without noise',
    (a) => (a.privacy.noise = null),
    'privacy.budget.microEpsilon budget.without-noise',
  ],
  [
    'nothing to withhold',
    matchesOnly,
    'privacy.minCount privacy.without-counts',
    'privacy.noise privacy.without-counts',
    'privacy.padTo privacy.without-counts',
  ],
  ['one release of epsilon', (a) => (a.privacy.budget.microEpsilon = 500_000)],
  [
    'less than one release of epsilon',
    (a) => (a.privacy.budget.microEpsilon = 499_999),
    'privacy.budget.microEpsilon budget.below-one-release',
  ],
  ['one release of delta', (a) => (a.privacy.budget.femtoDelta = 1_000_000)],
  [
    'less than one release of delta',
    (a) => (a.privacy.budget.femtoDelta = 999_999),
    'privacy.budget.femtoDelta budget.below-one-release',
  ],
  [
    'no records for matches',
    (a) => (a.privacy.budget.records = 0),
    'privacy.budget.records budget.below-one-release',
  ],
];

// oxlint-disable-next-line typescript/no-explicit-any -- as above
const noPrivacy = (a: any): unknown => ({
  ...a.privacy,
  minCount: 0,
  noise: null,
  padTo: null,
  budget: { ...a.privacy.budget, microEpsilon: 0 },
});
