/** Cases about numbers, budgets and caps (clauses-privacy.ts). */
import type { Case } from './cases.testkit.ts';
import type { World } from './world.testkit.ts';

type Privacy = NonNullable<World['request']['privacy']>;
type Row = World['state']['ledger']['partners'][number];
type Agreed = World['agreement']['privacy'];

const on =
  (base: Case['base']) =>
  (name: string, edit: (w: World) => void, ...want: string[]): Case => ({ name, base, edit, want });
const pair = on('pair');
const numbers = on('numbers');
const threat = on('threat');
const asked = (change: Partial<Privacy>) => (w: World) =>
  void (w.request.privacy = { ...(w.request.privacy as Privacy), ...change });
const noise = (change: Partial<NonNullable<Privacy['noise']>>) => (w: World) =>
  asked({ noise: { ...((w.request.privacy as Privacy).noise as NonNullable<Privacy['noise']>), ...change } })(
    w,
  );
const cost = (change: Partial<World['request']['cost']>) => (w: World) =>
  void (w.request.cost = { ...w.request.cost, ...change });
const row =
  (change: Partial<Row>, i = 0) =>
  (w: World) =>
    void (w.state.ledger.partners[i] = { ...(w.state.ledger.partners[i] as Row), ...change });
const agreed = (change: Partial<Agreed>) => (w: World) =>
  void (w.agreement.privacy = { ...w.agreement.privacy, ...change });
const lists = ['alba', 'borea', 'cedra'];
const laplace: Partial<Agreed> = {
  noise: { mechanism: 'laplace', microEpsilon: 500_000, deltaExponent: null },
};

export const privacyCases: readonly Case[] = [
  numbers(
    'counts without privacy settings',
    (w) => (cost({ records: 5000 })(w), void (w.request.privacy = null)),
    'privacy.missing privacy',
  ),
  pair(
    'privacy settings of matches',
    asked({ minCount: 10, noise: null, identifiersPerRecord: 8, padTo: null }),
    'privacy.without-counts privacy',
    'privacy.noise privacy.noise',
    'privacy.padding privacy.padTo',
  ),
  pair(
    'privacy settings with noise of matches that cost no records',
    (w) => {
      const noise = { mechanism: 'gaussian' as const, microEpsilon: 500_000, deltaExponent: 9 };
      w.request.privacy = { minCount: 10, noise, identifiersPerRecord: 8, padTo: 1000 };
      w.request.cost = { microEpsilon: 500_000, femtoDelta: 1_000_000, records: 0 };
    },
    'privacy.without-counts privacy',
    // Of the request, and of both lists.
    'cost.understated privacy.budget.records',
    'cost.understated privacy.budget.records',
    'cost.understated privacy.budget.records',
  ),
  numbers('a larger smallest number', asked({ minCount: 11 })),
  numbers('a smallest number one below', asked({ minCount: 9 }), 'privacy.min-count privacy.minCount'),
  numbers(
    'no noise where noise is agreed',
    (w) => (asked({ noise: null })(w), cost({ records: 5000 })(w)),
    'privacy.noise privacy.noise',
  ),
  numbers(
    'no noise where none is agreed',
    (w) => (
      asked({ noise: null })(w),
      agreed({ noise: null, budget: { ...w.agreement.privacy.budget, microEpsilon: 0 } })(w),
      cost({ microEpsilon: 0, femtoDelta: 0, records: 5000 })(w),
      row({ microEpsilon: 0 })(w),
      row({ microEpsilon: 0 }, 1)(w)
    ),
  ),
  numbers('other noise', noise({ mechanism: 'laplace' }), 'privacy.mechanism privacy.noise.mechanism'),
  numbers(
    'one micro-epsilon too many',
    (w) => (noise({ microEpsilon: 500_001 })(w), cost({ microEpsilon: 500_001 })(w)),
    'privacy.epsilon privacy.noise.microEpsilon',
  ),
  numbers('more noise', (w) => (noise({ microEpsilon: 499_999 })(w), cost({ microEpsilon: 499_999 })(w))),
  numbers('a stronger delta', (w) => (noise({ deltaExponent: 10 })(w), cost({ femtoDelta: 100_000 })(w))),
  numbers(
    'a weaker delta',
    (w) => (
      noise({ deltaExponent: 8 })(w),
      cost({ femtoDelta: 10_000_000 })(w),
      agreed({ budget: { ...w.agreement.privacy.budget, femtoDelta: 50_000_000 } })(w)
    ),
    'privacy.delta privacy.noise.deltaExponent',
  ),
  numbers('no delta', noise({ deltaExponent: null }), 'privacy.delta privacy.noise.deltaExponent'),
  numbers(
    'laplace as agreed',
    (w) => (
      agreed(laplace)(w), noise({ mechanism: 'laplace', deltaExponent: null })(w), cost({ femtoDelta: 0 })(w)
    ),
  ),
  numbers(
    'a delta where none is agreed',
    (w) => (agreed(laplace)(w), noise({ mechanism: 'laplace', deltaExponent: 9 })(w)),
    'privacy.delta privacy.noise.deltaExponent',
  ),
  numbers('fewer identifiers of a record', asked({ identifiersPerRecord: 7 })),
  numbers(
    'one identifier of a record too many',
    asked({ identifiersPerRecord: 9 }),
    'privacy.per-record privacy.identifiersPerRecord',
  ),
  numbers('filled up further', asked({ padTo: 2500 })),
  numbers('filled up less', asked({ padTo: 500 }), 'privacy.padding privacy.padTo'),
  numbers('not filled up', asked({ padTo: null }), 'privacy.padding privacy.padTo'),
  numbers(
    'not filled up where it is not agreed',
    (w) => (asked({ padTo: null })(w), agreed({ padTo: null })(w)),
  ),
  numbers(
    'a size that is no multiple',
    (w) => void ((w.state.announced[2] as World['state']['announced'][number]).identifiers = 5001),
    'list.unpadded privacy.padTo',
  ),
  numbers(
    'exact counts that cost nothing',
    (w) => (
      asked({ noise: null })(w),
      agreed({ noise: null, budget: { ...w.agreement.privacy.budget, microEpsilon: 0 } })(w),
      cost({ microEpsilon: 0, femtoDelta: 0 })(w),
      row({ microEpsilon: 0 })(w),
      row({ microEpsilon: 0 }, 1)(w)
    ),
    'cost.understated privacy.budget.records',
    ...lists.map(() => 'cost.understated privacy.budget.records'),
  ),
  numbers(
    'a cost of epsilon one too low',
    cost({ microEpsilon: 499_999 }),
    'cost.understated privacy.budget.microEpsilon',
  ),
  numbers(
    'a cost of delta one too low',
    cost({ femtoDelta: 999_999 }),
    'cost.understated privacy.budget.femtoDelta',
  ),
  pair(
    'matches that cost nothing, before any size is known',
    (w) => (cost({ records: 0 })(w), void (w.state.phase = 'propose'), void (w.state.announced = [])),
    'cost.understated privacy.budget.records',
  ),
  pair(
    'matches that cost one record, before any size is known',
    (w) => (cost({ records: 1 })(w), void (w.state.phase = 'propose'), void (w.state.announced = [])),
  ),
  pair('matches that cost as many records as every list has', cost({ records: 5000 })),
  pair(
    'matches that cost one record less than both lists have',
    cost({ records: 4999 }),
    'cost.understated privacy.budget.records',
    'cost.understated privacy.budget.records',
  ),
  ...[4999, 5000].map((records) =>
    numbers(
      `a list owner collects counts for ${records} records`,
      (w) => {
        for (const output of w.agreement.outputs) {
          if (output.kind !== 'counts') continue;
          output.collectors = ['hub', 'cedra'];
          output.listOwnerCollects = 'charged-as-matches';
        }
        w.request.collectors = ['cedra'];
        cost({ records })(w);
      },
      ...(records === 4999 ? lists.map(() => 'cost.understated privacy.budget.records') : []),
    ),
  ),
  threat(
    'a list owner collects for nothing',
    cost({ records: 0 }),
    'cost.understated privacy.budget.records',
    ...lists.map(() => 'cost.understated privacy.budget.records'),
  ),
  numbers('the last of the epsilon', row({ microEpsilon: 1_500_000 })),
  numbers(
    'one micro-epsilon over',
    row({ microEpsilon: 1_500_001 }),
    'budget.spent privacy.budget.microEpsilon',
  ),
  numbers('the last of the delta', row({ femtoDelta: 4_000_000 }, 1)),
  numbers(
    'one femto-delta over',
    row({ femtoDelta: 4_000_001 }, 1),
    'budget.spent privacy.budget.femtoDelta',
  ),
  pair('the last of the records', row({ records: 300_000 })),
  pair('one record over', row({ records: 300_001 }), 'budget.spent privacy.budget.records'),
  pair(
    'a partner who takes no part has spent everything',
    row({ records: 400_000, sessionsToday: 99, agrees: false }, 1),
  ),
  pair('a new version of the list, the last', row({ listVersions: 2, isNewListVersion: true })),
  pair(
    'a new version of the list, one over',
    row({ listVersions: 3, isNewListVersion: true }),
    'budget.spent privacy.budget.listVersions',
  ),
  pair('the last version again', row({ listVersions: 3 })),
  pair(
    'more versions than there may be',
    row({ listVersions: 4 }),
    'budget.spent privacy.budget.listVersions',
  ),
  pair('a ledger that differs', row({ agrees: false }), 'ledger.differs privacy.budget'),
  numbers(
    'no ledger with anybody',
    (w) => void (w.state.ledger.partners = []),
    'ledger.unknown privacy.budget',
    'ledger.unknown privacy.budget',
  ),
  pair('the last session of the day', (w) => void (w.state.ledger.today.sessions = 5)),
  pair(
    'one session over',
    (w) => void (w.state.ledger.today.sessions = 6),
    'caps.sessions caps.sessionsPerDay',
  ),
  pair('the last records of the day', (w) => void (w.state.ledger.today.records = 200_000)),
  pair(
    'one record of the day over',
    (w) => void (w.state.ledger.today.records = 200_001),
    'caps.records caps.recordsPerDay',
  ),
  pair('the last session of the pair', row({ sessionsToday: 3 })),
  pair('one session of the pair over', row({ sessionsToday: 4 }), 'caps.sessions caps.pairSessionsPerDay'),
  pair('the last records of the pair', row({ recordsToday: 100_000 })),
  pair('one record of the pair over', row({ recordsToday: 100_001 }), 'caps.records caps.pairRecordsPerDay'),
];
