/** Cases about outputs (clauses-output.ts) and labels. */
import type { Case } from './cases.testkit.ts';
import type { World } from './world.testkit.ts';

const on =
  (base: Case['base']) =>
  (name: string, edit: (w: World) => void, ...want: string[]): Case => ({ name, base, edit, want });
const pair = on('pair');
const numbers = on('numbers');
const threat = on('threat');
const dropList = (party: string) => (w: World) => {
  w.request.lists = w.request.lists.filter((one) => one.party !== party);
  w.state.announced = w.state.announced.filter((one) => one.party !== party);
};
const split = (labels: string[], minSize = 10, party = 'alba') => ({ party, field: 'risk', labels, minSize });
const predicate = (name: 'all' | 'any' | 'at-least' | null, atLeast: number | null) => (w: World) =>
  void Object.assign(w.request.output, { predicate: name, atLeast });
const output = (w: World, i: number) => w.agreement.outputs[i] as World['agreement']['outputs'][number];

export const outputCases: readonly Case[] = [
  numbers(
    'an unknown output of counts',
    (w) => void (w.request.output.id = 'everything'),
    'output.unknown outputs',
  ),
  pair('an unknown output', (w) => void (w.request.output.id = 'everything'), 'output.unknown outputs'),
  pair(
    'the other form',
    (w) => void (w.request.form = 'sealed'),
    'output.form outputs.0.form',
    'form.sealed outputs.0.form',
  ),
  pair(
    'three in the direct form',
    (w) =>
      void w.request.lists.push({
        ...(w.request.lists[0] as World['request']['lists'][number]),
        party: 'cedra',
      }),
    'form.direct outputs.0.form',
  ),
  threat('two in the sealed form', (w) => (dropList('cedra')(w), undefined), 'form.sealed outputs.2.form'),
  numbers('counts of two', (w) => (dropList('cedra')(w), void (w.request.output.receivers = ['alba']))),
  pair('not proved', (w) => void (w.request.verified = false), 'output.unverified outputs.0.verified'),
  threat('not proved where proof is not agreed', (w) => void (w.request.verified = false)),
  pair(
    'a receiver who brings no list and is none',
    (w) => void w.request.output.receivers.push('cedra'),
    'output.receiver outputs.0.receivers',
    'receiver.without-list outputs.0.receivers',
  ),
  numbers(
    'a receiver of counts who brings no list',
    (w) => dropList('cedra')(w),
    'receiver.without-list outputs.1.receivers',
  ),
  pair(
    'a predicate in the direct form',
    (w) => void (w.request.output.predicate = 'all'),
    'output.predicate outputs.0.predicates',
  ),
  threat('a permitted predicate', predicate('all', null)),
  threat('another predicate', predicate('any', null), 'output.predicate outputs.2.predicates'),
  threat('no predicate', predicate(null, null), 'output.predicate outputs.2.predicates'),
  threat('on at least all lists', predicate('at-least', 3)),
  threat('on more lists than there are', predicate('at-least', 4), 'output.predicate outputs.2.predicates'),
  threat(
    'on at least nobody says how many',
    predicate('at-least', null),
    'output.predicate outputs.2.predicates',
  ),
  threat('on all lists, and on at least two', predicate('all', 2), 'output.predicate outputs.2.predicates'),
  numbers(
    'a predicate of counts',
    (w) => void (w.request.output.predicate = 'all'),
    'output.predicate outputs.1.predicates',
  ),
  pair('on which lists', (w) => void (w.request.output.which = true), 'output.which outputs.0.which'),
  numbers(
    'on which lists, of counts',
    (w) => void (w.request.output.which = true),
    'output.which outputs.1.which',
  ),
  threat('not on which lists', (w) => void (w.request.output.which = false)),
  numbers(
    'no statistics',
    (w) => void (w.request.output.statistics = null),
    'output.kind outputs.1.statistics',
  ),
  numbers('every permitted statistic', (w) => void (w.request.output.statistics = ['pairs', 'histogram'])),
  numbers(
    'another statistic too',
    (w) => void (w.request.output.statistics = ['pairs', 'one']),
    'output.statistic outputs.1.statistics',
  ),
  pair(
    'statistics of matches',
    (w) => void (w.request.output.statistics = ['pairs']),
    'output.kind outputs.0.statistics',
  ),
  numbers('no labels', (w) => void (w.request.output.labels = null)),
  numbers(
    'a label that no list has',
    (w) => void (w.request.output.labels = [split(['low', 'secret'])]),
    'list.label lists',
  ),
  numbers(
    'labels where none are agreed',
    (w) => {
      const one = output(w, 1);
      if (one.kind === 'counts') one.labels = false;
    },
    'output.labels outputs.1.labels',
  ),
  numbers(
    "another party's label",
    (w) => void (w.request.output.labels = [split(['high'], 10, 'borea')]),
    'list.label lists',
  ),
  numbers(
    "a label of somebody's who brings no list",
    (w) => void (w.request.output.labels = [split(['high'], 10, 'delta')]),
    'list.label lists',
  ),
  numbers(
    'labels of a list that the agreement does not have',
    (w) => void ((w.request.lists[0] as World['request']['lists'][number]).category = 'fraud'),
    'list.unknown lists',
    'list.label lists',
  ),
  numbers(
    'labels merged below a smaller number',
    (w) => void (w.request.output.labels = [split(['high'], 9)]),
    'privacy.min-count privacy.minCount',
  ),
  pair(
    'labels of matches',
    (w) => void (w.request.output.labels = [split(['high'])]),
    'output.labels outputs.0',
  ),
  pair('a stricter TLP', (w) => void (w.request.output.marks = { tlp: 'AMBER+STRICT', pap: 'GREEN' })),
  pair(
    'a weaker TLP',
    (w) => void (w.request.output.marks = { tlp: 'GREEN', pap: 'GREEN' }),
    'output.marks outputs.0.marks.tlp',
  ),
  pair('a stricter PAP', (w) => void (w.request.output.marks = { tlp: 'AMBER', pap: 'RED' })),
  pair(
    'a weaker PAP',
    (w) => void (w.request.output.marks = { tlp: 'AMBER', pap: 'CLEAR' }),
    'output.marks outputs.0.marks.pap',
  ),
  pair(
    'a collector in the direct form',
    (w) => void w.request.collectors.push('hub'),
    'collector.number outputs.0.collectorsNeeded',
    'collector.unknown outputs.0.collectors',
  ),
  numbers(
    'no collector',
    (w) => void (w.request.collectors = []),
    'collector.number outputs.1.collectorsNeeded',
  ),
  numbers(
    'two collectors where one is agreed',
    (w) => void w.request.collectors.push('hub-2'),
    'collector.number outputs.1.collectorsNeeded',
    'collector.unknown outputs.1.collectors',
  ),
  numbers(
    'another collector',
    (w) => void (w.request.collectors = ['hub-2']),
    'collector.unknown outputs.1.collectors',
  ),
  threat(
    'one collector where two are agreed',
    (w) => void (w.request.collectors = ['hub']),
    'collector.number outputs.2.collectorsNeeded',
  ),
  threat(
    'one collector named twice',
    (w) => void (w.request.collectors = ['hub', 'hub']),
    'collector.number outputs.2.collectorsNeeded',
    'collector.repeated outputs.2.collectors',
  ),
  threat('two collectors without lists', (w) => void (w.request.collectors = ['hub', 'hub-2'])),
  threat(
    'a list owner collects without the word',
    (w) => {
      const one = output(w, 2);
      // The agreement that would say so is refused already: the party may not even stand there.
      one.collectors = ['hub', 'hub-2'];
      one.listOwnerCollects = null;
    },
    'collector.unknown outputs.2.collectors',
    'collector.brings-list outputs.2.listOwnerCollects',
  ),
];
