/**
 * Rows of labels: what a consent announces of them, what a party sends the collector of its own, what the collector
 * tells of all. alpha and gamma have labels, beta has none; gamma deviates.
 */
import type { MessageOf } from '@tallystick/protocol/wire';
import {
  all,
  type Change,
  chunk,
  drop,
  framed,
  holds,
  joined,
  message,
  payload,
  sends,
  swaps,
  twice,
} from '../frames.ts';
import { ends, harmless, undetected, without } from '../outcomes.ts';
import type { Play } from '../play.ts';
import type { Outcome, Row } from '../row.ts';
import { change } from './change.ts';

type Consent = MessageOf<'consent'>;
type Groups = NonNullable<Consent['labels']>;
type View = MessageOf<'view'>;

/** The label of what is no identifier. */
const noLabel = 0xff;

const declared = 'a consent announces each declared label once';
const announced = 'a number is of a label that was announced';

const consent = (
  id: string,
  deed: string,
  labels: (groups: Groups, body: Consent) => Consent['labels'],
  [code, check]: readonly ['chain.label' | 'chain.count', string],
  by = 'gamma',
): Row =>
  change(
    `consent-labels-${id}`,
    ['party', by, 'labelled'],
    ['consent'],
    deed,
    (body) => ({ labels: labels(body.labels ?? [], body) }),
    ends(code, check, without(by)),
  );

const consentRows: readonly Row[] = [
  consent(
    'undeclared',
    'announces a label that nobody declared',
    (groups) => groups.map((group, i) => (i === 0 ? { ...group, labels: ['secret'] } : group)),
    ['chain.label', declared],
  ),
  consent(
    'less',
    'leaves a label out',
    (groups, { identifiers }) => groups.slice(1).map((group) => ({ ...group, size: identifiers })),
    ['chain.label', declared],
  ),
  consent('none', 'announces no labels', () => null, ['chain.label', declared]),
  consent('order', 'announces them in another order', (groups) => groups.toReversed(), [
    'chain.label',
    declared,
  ]),
  consent(
    'size',
    'lies about how many are under one',
    (groups) => groups.map((group, i) => (i === 0 ? { ...group, size: group.size + 1 } : group)),
    ['chain.count', 'what is under its labels adds up to a list'],
  ),
  consent(
    'nobody',
    'announces labels where the agreement gives it none',
    (_, { identifiers }) => [
      { labels: ['high'], size: 1 },
      { labels: ['low'], size: identifiers - 1 },
    ],
    ['chain.label', declared],
    'beta',
  ),
];

const stream = chunk({ kind: 'labels', list: 2, hop: 0 });
const nth = (number: number) => chunk({ kind: 'labels', list: 2, hop: 0, chunk: number });
const seal = message(
  'seal',
  'coordinator',
  ({ kind, list }: MessageOf<'seal'>) => kind === 'labels' && list === 2,
);

/** gamma's vault gives other labels for its tags, and its software commits to them. */
const otherLabels = (how: (labels: Uint8Array) => Uint8Array) => (play: Play) => {
  play.vault('gamma').readLabels = async (read) => {
    const labels = (await read()) as Uint8Array;
    const other = how(labels.slice());
    if (Buffer.compare(labels, other) !== 0) play.fired += 1;
    return other;
  };
};

/** Labels of identifiers each go to the next identifier of the chunk. */
function rotated(labels: Uint8Array): Uint8Array {
  const places = [...labels.keys()].filter((at) => labels[at] !== noLabel);
  const before = labels.slice();
  places.forEach((at, i) => {
    labels[at] = before[places[(i + 1) % places.length] as number] as number;
  });
  return labels;
}

/** gamma announces its labels the other way round, and labels what it sends like that: nothing contradicts it. */
function turnsLabels(play: Play): void {
  play.vault('gamma').openSession = async (open) => {
    const opened = (await open()) as { labels: Groups };
    const sizes = opened.labels.map(({ size }) => size).toReversed();
    const labels = opened.labels.map((group, i) => ({ ...group, size: sizes[i] as number }));
    return { ...opened, labels };
  };
  otherLabels((labels) => labels.map((label) => (label === noLabel ? label : 1 - label)))(play);
}

/** Labels of a list that has none: a chunk of its tags under the kind of labels. */
const asLabels: Change = (frame) => {
  const forged = frame.slice();
  forged[1] = 5;
  return [forged];
};

/** A chunk of labels beside the barrier, when no tags are due. */
const early: Change = (frame, play) => {
  const [like] = play.sent.filter((sent) => sent.from === 'gamma' && sent.frame[0] === 1);
  if (like === undefined) throw new Error('want a chunk of gamma');
  const out = framed(like.frame, new Uint8Array(6));
  out.set([5, 2, 0, 0, 0, 0, 0], 1);
  return [out, frame];
};

const owned = (id: string, deed: string, deviate: Row['deviate'], outcome: Outcome): Row => ({
  id: `labels-${id}`,
  role: 'owner',
  setting: 'labelled',
  message: 'chunk of `labels/2/0`',
  deed,
  by: ['gamma'],
  deviate,
  outcome,
});
const atCollector = ['coordinator'];
const notAnnounced = ends('chain.label', announced, atCollector);
const positions = 'each position once and in order';
const lengths = 'each chunk has exactly its length';

const streamRows: readonly Row[] = [
  owned(
    'undeclared',
    'gives a label that nobody declared',
    otherLabels((labels) => labels.map((label) => (label === 0 ? 2 : label))),
    notAnnounced,
  ),
  owned(
    'missing',
    'gives an identifier none',
    otherLabels((labels) => labels.map(() => noLabel)),
    notAnnounced,
  ),
  owned(
    'sentinel',
    'gives a sentinel one',
    otherLabels((labels) => labels.map((label) => (label === noLabel ? 0 : label))),
    notAnnounced,
  ),
  owned(
    'unannounced',
    'puts an identifier under another label than it announced',
    otherLabels((labels) => labels.map((label) => (label === noLabel ? label : 0))),
    ends('chain.count', 'as many under each label as announced', atCollector),
  ),
  owned(
    'short',
    'lies about its size: sends a label less',
    sends(
      'gamma',
      nth(0),
      payload((bytes) => bytes.slice(1)),
      'first',
    ),
    ends('chain.count', lengths, atCollector),
  ),
  owned(
    'long',
    'lies about its size: sends a label more',
    sends(
      'gamma',
      nth(0),
      payload((bytes) => joined(bytes, new Uint8Array(1))),
      'first',
    ),
    ends('chain.count', lengths, atCollector),
  ),
  owned(
    'again',
    'sends it again',
    sends('gamma', nth(0), twice, 'first'),
    ends('chain.position', positions, atCollector),
  ),
  owned(
    'reordered',
    'sends two in the wrong order',
    swaps('gamma', nth(0), nth(1)),
    ends('chain.position', positions, atCollector),
  ),
  owned(
    'uncommitted',
    'sends other labels than it commits to',
    sends(
      'gamma',
      stream,
      payload((bytes) => bytes.map((label) => (label === noLabel ? label : 1 - label))),
    ),
    ends('chain.incomplete', 'the seal fits the stream', atCollector),
  ),
  owned(
    'early',
    'sends it before the barrier',
    sends('gamma', message('barrier', 'coordinator'), early),
    ends('wire.order', 'no labels before the sentinels of their list', atCollector),
  ),
  {
    ...owned(
      'never',
      'never sends any',
      all(sends('gamma', stream, drop), sends('gamma', seal, drop)),
      ends('session.deadline', 'a session in which nothing moves ends', without('gamma')),
    ),
    time: 'deadline',
  },
  {
    ...owned(
      'late',
      'sends it late, but before a deadline',
      holds('gamma', nth(0)),
      harmless('nothing: whoever says that it is alive may take its time'),
    ),
    time: 'late',
  },
  {
    ...owned(
      'nobody',
      'sends labels where the agreement gives it none',
      sends('beta', chunk({ kind: 'tags', list: 1 }), asLabels, 'first'),
      ends('wire.order', 'labels are of lists that have some', atCollector),
    ),
    message: 'chunk of `labels/1/0`',
    by: ['beta'],
  },
  owned(
    'swapped',
    'swaps the labels of its identifiers',
    otherLabels(rotated),
    undetected('False labels', 'cells are wrong'),
  ),
  {
    ...owned(
      'turned',
      'announces and sends each identifier under the other label',
      turnsLabels,
      undetected('False labels', 'cells are wrong'),
    ),
    message: '`consent` and `labels/2/0`',
  },
];

const told = (
  id: string,
  deed: string,
  cells: (cells: number[], view: View) => View['cells'],
  outcome: Outcome,
): Row =>
  change(
    `view-cells-${id}`,
    ['collector', 'coordinator', 'labelled'],
    ['view'],
    deed,
    (body) => ({ cells: cells([...((body.cells ?? []) as number[])], body) }),
    outcome,
  );
const parties = ['alpha', 'beta', 'gamma'];
const addUp = 'cells add up to the announced labels';

/** The first cells are of alpha’s list alone, by its two labels; the last four of all lists, by both lists’ labels. */
const viewRows: readonly Row[] = [
  told(
    'one',
    'puts one identifier under another label',
    ([high = 0, low = 0, ...rest]) =>
      high > 0 ? [high - 1, low + 1, ...rest] : [high + 1, low - 1, ...rest],
    ends('chain.count', addUp, parties),
  ),
  told(
    'none',
    'withholds the labels',
    () => null,
    ends('wire.message', 'a view is what the output asks for', parties),
  ),
  told(
    'moved',
    'changes cells so that they add up',
    (cells) => {
      const [one = 0, , , other = 0] = cells.slice(-4);
      const by = one > 0 && other > 0 ? -1 : 1;
      return cells.map((count, at) => count + ([by, -by, -by, by][at - cells.length + 4] ?? 0));
    },
    undetected('A collector that lies', 'cells are wrong'),
  ),
];

export const labelRows: readonly Row[] = [...consentRows, ...streamRows, ...viewRows];
