/** Cases about who (clauses-members.ts) and about purposes, uses and lists (clauses-what.ts). */
import type { Case } from './cases.testkit.ts';
import { keyOf } from './world-agreement.testkit.ts';
import { hour, minute, nowMs, type World } from './world.testkit.ts';

type Lists = World['request']['lists'];
const list = (world: World, i: number): Lists[number] => world.request.lists[i] as Lists[number];
const word = (from: string, atMs: number) => (world: World) => {
  for (const one of world.state.membership.notSuspended) if (one.from === from) one.atMs = atMs;
};
const size = (identifiers: number) => (world: World) =>
  void (world.state.announced[0] = { party: 'alba', identifiers });
const version = (station: string, text: string) => (world: World) => {
  for (const one of world.state.software) if (one.station === station) one.version = text;
};
type PartnersLog = World['state']['log']['partners'][number];
/** Before the start: what the consent of alba shows of its log. */
const partnersLog = (edit: (one: PartnersLog) => void) => (world: World) => {
  world.state.phase = 'start';
  for (const one of world.state.log.partners) if (one.station === 'alba') edit(one);
};
const pair = (name: string, edit: (w: World) => void, ...want: string[]): Case => ({
  name,
  base: 'pair',
  edit,
  want,
});

const notAnalyst = 'requester.role parties.0.officers';
const notSigned = 'requester.signature parties.0.officers';
const newKey = (of: string) => ({ of, officer: 'ana', publicKey: keyOf('alba/new') });

export const memberCases: readonly Case[] = [
  pair(
    'a party that the agreement does not know brings a list',
    (w) => (
      (list(w, 1).party = 'delta'),
      void (w.state.announced = [
        { party: 'alba', identifiers: 5000 },
        { party: 'delta', identifiers: 5000 },
      ])
    ),
    'party.unknown parties',
    'party.absent parties',
    'list.unknown lists',
    'receiver.without-list outputs.0.receivers',
    'clock.unknown freshness.clockSeconds',
    'software.unknown software.minVersion',
    'ledger.unknown privacy.budget',
  ),
  pair(
    'an unknown proposer',
    (w) => (
      (w.request.proposer = 'delta'),
      void (w.approvals = [w.approvals[1], w.approvals[2]] as World['approvals'])
    ),
    'party.unknown parties',
    'party.absent parties',
    'requester.unknown parties',
  ),
  pair(
    'one party alone',
    (w) => (
      w.request.lists.pop(),
      w.state.announced.pop(),
      void (w.state.self = 'alba'),
      void (w.request.output.receivers = ['alba']),
      w.state.membership.notSuspended.push({ from: 'borea', atMs: nowMs })
    ),
    'party.alone parties',
  ),
  pair(
    'we take no part',
    (w) => {
      const [row] = w.state.ledger.partners;
      w.state.self = 'cedra';
      w.state.membership.notSuspended.push({ from: 'borea', atMs: nowMs });
      w.state.clock.offsets.push({ peer: 'borea', offsetMs: 0 });
      if (row !== undefined) w.state.ledger.partners.push({ ...row, partner: 'borea' });
    },
    'party.absent parties',
  ),
  pair(
    'a party brings two lists',
    (w) => void w.request.lists.push({ ...list(w, 0) }),
    'list.repeated lists',
  ),
  pair(
    'the requester is nobody',
    (w) => void (w.request.requester = 'bob'),
    'requester.unknown parties.0.officers',
  ),
  pair(
    'the requester is a custodian',
    (w) => void (w.request.requester = 'keeper'),
    'requester.role parties.0.officers',
  ),
  pair('the requester is an approver', (w) => void (w.request.requester = 'approver-2'), notAnalyst),
  pair(
    'the requester is an auditor',
    (w) => (
      w.agreement.parties[0]?.officers.push({ id: 'eye', role: 'auditor', publicKey: keyOf('alba/eye') }),
      void (w.request.requester = 'eye')
    ),
    notAnalyst,
  ),
  pair('signed by another officer of the proposer', (w) => void (w.asker = 'alba/approver-2'), notSigned),
  pair("signed with the station's key", (w) => void (w.asker = 'alba'), notSigned),
  pair('signed by our analyst of that name', (w) => void (w.asker = 'borea/ana'), notSigned),
  pair(
    "signed with a key that replaced the requester's",
    (w) => ((w.asker = 'alba/new'), void w.state.membership.keys.push(newKey('alba'))),
  ),
  pair(
    "signed with the requester's key that was replaced",
    (w) => void w.state.membership.keys.push(newKey('alba')),
    notSigned,
  ),
  pair(
    'the key of our analyst of that name was replaced',
    (w) => void w.state.membership.keys.push(newKey('borea')),
  ),
  pair(
    'members confirmed as long ago as permitted',
    (w) => void (w.state.membership.heardAtMs = nowMs - 24 * hour),
  ),
  pair(
    'members confirmed a millisecond earlier',
    (w) => void (w.state.membership.heardAtMs = nowMs - 24 * hour - 1),
    'membership.stale freshness.membershipHours',
  ),
  pair(
    'members never confirmed',
    (w) => void (w.state.membership.heardAtMs = null),
    'membership.unknown freshness.membershipHours',
  ),
  pair(
    'members confirmed in the future, within the tolerance',
    (w) => void (w.state.membership.heardAtMs = nowMs + minute),
  ),
  pair(
    'members confirmed in the future',
    (w) => void (w.state.membership.heardAtMs = nowMs + minute + 1),
    'membership.from-future freshness.membershipHours',
  ),
  pair(
    'suspended by two',
    (w) => void (w.state.membership.suspendedBy = ['cedra', 'watch']),
    'suspended suspension.by',
    'suspended suspension.by',
  ),
  pair('somebody who takes no part has withdrawn', (w) => void (w.state.membership.withdrawn = ['cedra'])),
  pair(
    'who has withdrawn need not say that nothing is suspended',
    (w) => (
      (w.state.membership.withdrawn = ['cedra']),
      void (w.state.membership.notSuspended = w.state.membership.notSuspended.filter(
        ({ from }) => from !== 'cedra',
      ))
    ),
  ),
  pair(
    'a partner has withdrawn',
    (w) => void (w.state.membership.withdrawn = ['alba']),
    'party.withdrawn suspension.afterWithdrawal',
  ),
  pair(
    'a withdrawal that ends it for all',
    (w) => (
      (w.agreement.suspension.afterWithdrawal = 'ends-for-all'),
      void (w.state.membership.withdrawn = ['cedra'])
    ),
    'withdrawal.ends-for-all suspension.afterWithdrawal',
  ),
  pair("oversight's word as old as permitted", word('watch', nowMs - 30 * minute)),
  pair(
    "oversight's word a millisecond older",
    word('watch', nowMs - 30 * minute - 1),
    'not-suspended.stale freshness.notSuspendedMinutes',
  ),
  pair(
    "a party's word of the future",
    word('cedra', nowMs + minute + 1),
    'not-suspended.from-future freshness.notSuspendedMinutes',
  ),
  pair(
    'nobody said anything',
    (w) => void (w.state.membership.notSuspended = []),
    ...Array.from({ length: 4 }, () => 'not-suspended.unknown freshness.notSuspendedMinutes'),
  ),
  pair('a newer software', version('alba', '0.10.0')),
  pair('a newer software in the last number', version('alba', '0.2.10')),
  pair('a newer software of two digits', version('alba', '10.0.0')),
  ...['0.2.0-rc.1', 'v0.2.0', '0.2', '0.2.0.0'].map((text) =>
    pair(
      `a software that calls itself ${text}`,
      version('alba', text),
      'software.unknown software.minVersion',
    ),
  ),
  pair(
    'a software older in the first number',
    (w) => {
      w.agreement.software.minVersion = '1.0.0';
      for (const one of w.state.software) one.version = '1.0.0';
      version('alba', '0.9.9')(w);
    },
    'software.too-old software.minVersion',
  ),
  pair('a newer software in the first number', version('alba', '1.0.0')),
  pair('a software one older', version('alba', '0.1.9'), 'software.too-old software.minVersion'),
  pair('a software that is no version', version('alba', 'latest'), 'software.unknown software.minVersion'),
  pair(
    'a software that nobody told',
    (w) => void w.state.software.shift(),
    'software.unknown software.minVersion',
  ),
  pair('another suite', (w) => void (w.request.suite = 'P256-SHA256'), 'suite.unknown suites'),
  pair(
    'a log that does not verify',
    (w) => void (w.state.log.intact = false),
    'log.broken freshness.witnessHours',
  ),
  pair(
    'restored from a backup',
    (w) => void (w.state.log.confirmed = false),
    'log.unconfirmed freshness.witnessHours',
  ),
  pair('witnessed as long ago as permitted', (w) => void (w.state.log.witnessedAtMs = nowMs - 48 * hour)),
  pair(
    'witnessed a millisecond earlier',
    (w) => void (w.state.log.witnessedAtMs = nowMs - 48 * hour - 1),
    'log.witness-stale freshness.witnessHours',
  ),
  pair(
    'never witnessed',
    (w) => void (w.state.log.witnessedAtMs = null),
    'log.witness-unknown freshness.witnessHours',
  ),
  pair(
    'witnessed in the future',
    (w) => void (w.state.log.witnessedAtMs = nowMs + minute + 1),
    'log.witness-from-future freshness.witnessHours',
  ),
  pair(
    "a partner's log witnessed as long ago as permitted",
    partnersLog((one) => void (one.witnessedAtMs = nowMs - 48 * hour)),
  ),
  pair(
    "a partner's log witnessed a millisecond earlier",
    partnersLog((one) => void (one.witnessedAtMs = nowMs - 48 * hour - 1)),
    'log.partner-stale freshness.witnessHours',
  ),
  pair(
    "a partner's log that nobody witnessed",
    partnersLog((one) => void (one.witnessedAtMs = null)),
    'log.partner-unknown freshness.witnessHours',
  ),
  pair(
    "a partner's log witnessed in the future",
    partnersLog((one) => void (one.witnessedAtMs = nowMs + minute + 1)),
    'log.partner-from-future freshness.witnessHours',
  ),
  pair(
    "a partner's log that is stale, shown after another's that is not",
    (w) => (
      w.state.log.partners.reverse(),
      partnersLog((one) => void (one.witnessedAtMs = nowMs - 48 * hour - 1))(w)
    ),
    'log.partner-stale freshness.witnessHours',
  ),
  pair(
    'a partner that shows no log',
    (w) => ((w.state.phase = 'start'), void (w.state.log.partners = [])),
    'log.partner-unknown freshness.witnessHours',
  ),
  pair('no log of a partner before the start', (w) => void (w.state.log.partners = [])),
  pair(
    'an unknown purpose',
    (w) => void (w.request.purpose = 'curiosity'),
    'purpose.unknown purposes',
    'purpose.not-of-output outputs.0.purposes',
  ),
  pair(
    "another output's purpose",
    (w) => void (w.request.purpose = 'measure'),
    'purpose.not-of-output outputs.0.purposes',
  ),
  pair(
    'a prohibited use beside a permitted one',
    (w) => void w.request.uses.push('mass-screening'),
    'use.prohibited prohibitedUses.1',
  ),
  pair(
    'the first of the prohibited uses',
    (w) => void w.request.uses.push('automated-decision'),
    'use.prohibited prohibitedUses.0',
  ),
  {
    name: 'a list of another category, split by labels',
    base: 'numbers',
    edit: (w) => void (list(w, 1).category = 'fraud'),
    want: ['list.unknown lists'],
  },
  pair('a list of another category', (w) => void (list(w, 0).category = 'fraud'), 'list.unknown lists'),
  pair(
    'another subject',
    (w) => void (w.request.subject = 'any'),
    'list.unknown lists',
    'list.unknown lists',
  ),
  pair(
    'a recipe that no entry has',
    (w) => void w.request.recipes.push('name'),
    'list.recipe lists.0.recipes',
    'list.recipe lists.1.recipes',
  ),
  pair('every permitted recipe', (w) => void w.request.recipes.push('name+birthyear')),
  ...[0, 2].map((recipeVersion) =>
    pair(
      `recipes of version ${recipeVersion}`,
      (w) => void (w.request.recipeVersion = recipeVersion),
      'list.recipe-version lists.0.recipeVersion',
      'list.recipe-version lists.1.recipeVersion',
    ),
  ),
  ...(['consent', 'start'] as const).map((phase) =>
    pair(
      `nobody announced a size, phase ${phase}`,
      (w) => ((w.state.announced = []), void (w.state.phase = phase)),
      ...(phase === 'consent' ? ['borea'] : ['alba', 'borea']).map(() => 'list.unannounced lists'),
    ),
  ),
  pair('only our own size is known', (w) => void w.state.announced.shift()),
  pair(
    'only our own size is known at the start',
    (w) => (w.state.announced.shift(), void (w.state.phase = 'start')),
    'list.unannounced lists',
  ),
  pair('no size is known when asked', (w) => ((w.state.announced = []), void (w.state.phase = 'propose'))),
  pair(
    'two sizes of one list',
    (w) => void w.state.announced.push({ party: 'borea', identifiers: 5000 }),
    'list.unannounced lists',
  ),
  pair(
    'a size of a list that nobody brings',
    (w) => void w.state.announced.push({ party: 'cedra', identifiers: 5000 }),
    'list.unknown lists',
  ),
  pair('one identifier too few', size(99), 'list.too-small lists.0.minIdentifiers'),
  pair('the smallest list', size(100)),
  pair('the largest list', size(100_000)),
  pair(
    'one identifier too many',
    (w) => (size(100_001)(w), void (w.request.cost.records = 100_001)),
    'list.too-large lists.0.maxIdentifiers',
  ),
  pair(
    'the second list larger than its own entry permits',
    (w) => void ((w.agreement.lists[1] as World['agreement']['lists'][number]).maxIdentifiers = 4999),
    'list.too-large lists.1.maxIdentifiers',
  ),
  pair('kept for as long as permitted', (w) => void (w.request.retentionDays = 30)),
  pair(
    'kept for a day longer',
    (w) => void (w.request.retentionDays = 31),
    'retention.too-long retention.resultDays',
  ),
];
