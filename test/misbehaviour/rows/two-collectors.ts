/**
 * Rows of two collectors: the notary, beside the coordinator, tells, draws and marks for itself; and parties that send
 * the two different things.
 */
import type { MessageOf } from '@tallystick/protocol/wire';
import { drop, edit, message, messageOf, type Pick, sends, signedFrame } from '../frames.ts';
import { ends, undetected } from '../outcomes.ts';
import type { Play } from '../play.ts';
import type { Outcome, Row } from '../row.ts';
import { change, zeros } from './change.ts';
import { leaves, mutes } from './endings.ts';
import { marks, moved, nextTag, split } from './results.ts';

type View = MessageOf<'view'>;

const setting = 'two collectors';
const notary = ['collector', 'notary', setting] as const;
const parties = ['alpha', 'beta', 'gamma'];
const differ = 'two collectors say the same to the byte';
const apart = ends('chain.collectors', differ, parties);
const counts = ({ exactly }: View): readonly number[] => exactly ?? [];

const viewRows: readonly Row[] = [
  change(
    'two-view-count',
    notary,
    ['view'],
    'changes one count',
    (body) => ({ exactly: counts(body).with(0, (counts(body)[0] ?? 0) + 1) }),
    ends('chain.count', 'the counts add up to the announced sizes', parties),
  ),
  change(
    'two-view-moved',
    notary,
    ['view'],
    'changes counts so that they add up, the same for all',
    (body) => ({ exactly: moved(counts(body)) }),
    apart,
  ),
  change(
    'two-view-moved-one',
    notary,
    ['view', 'alpha'],
    'changes counts so that they add up, for one party',
    (body) => ({ exactly: moved(counts(body)) }),
    ends('chain.collectors', differ, ['alpha']),
  ),
  change('two-view-salt', notary, ['view'], 'gives another salt', () => ({ salt: zeros(32) }), apart),
  change(
    'two-view-noise',
    ['collector', 'notary', 'noised, two collectors'],
    ['view'],
    'tells a number with a noise of its own',
    ({ release }) => ({
      release: release && {
        ...release,
        exactly: release.exactly.map((cell) => (cell === 0 ? 1 : 0)),
      },
    }),
    apart,
    { time: 'tick' },
  ),
];

const ofSeed: Pick = (frame) => ['seed', 'share'].includes(messageOf(frame)?.type ?? '');

/** The notary says nothing of these types before it heard the coordinator’s, and then the coordinator’s share again. */
function repeatsSeed(play: Play): void {
  play.send('notary', (peer, frame) => (ofSeed(frame, peer) ? [] : undefined));
  play.take('notary', (peer, frame) => {
    if (!ofSeed(frame, peer)) return undefined;
    play.fired += 1;
    const said = messageOf(frame) as MessageOf<'seed' | 'share'>;
    play.inject('notary', peer, signedFrame(play, 'notary', { ...said, from: 'notary' }));
    return undefined;
  });
}

const seeded = (
  id: string,
  title: string,
  deed: string,
  deviate: Row['deviate'],
  more: Partial<Row> = {},
): Row => ({
  id: `two-${id}`,
  role: 'collector',
  setting,
  message: title,
  deed,
  by: ['notary'],
  deviate,
  outcome: ends('privacy.seed', 'a share opens its commitment', ['coordinator']),
  ...more,
});
const inTime = ends('privacy.seed', 'a collector’s share has as long as any sign of life', ['coordinator']);

const seedRows: readonly Row[] = [
  seeded(
    'share-other',
    '`share`',
    'opens another seed than it committed to',
    sends(
      'notary',
      message('share'),
      edit<'share'>('notary', () => ({ share: '01'.repeat(32) })),
    ),
  ),
  seeded('seed-repeated', '`seed`', 'repeats the other’s commitment and share', repeatsSeed),
  seeded(
    'share-never',
    '`share`',
    'never opens its seed, having seen the other’s',
    sends('notary', message('share'), drop),
    { time: 'deadline', outcome: inTime },
  ),
  seeded('seed-never', '`seed`', 'never commits to a seed', sends('notary', ofSeed, drop), {
    time: 'deadline',
    outcome: inTime,
  }),
];

const rest = ['alpha', 'beta', 'coordinator', 'gamma'];
const stops = (
  id: string,
  deed: string,
  deviate: Row['deviate'],
  outcome: Outcome,
  more: Partial<Row> = {},
): Row => ({
  id: `two-${id}`,
  role: 'collector',
  setting,
  message: '`view`',
  deed,
  by: ['notary'],
  deviate,
  outcome,
  ...more,
});
const silent = ends('session.deadline', 'a station that is silent', rest, 'who did it');

const endRows: readonly Row[] = [
  stops('stops', 'stops: says nothing any more', mutes('notary', message('view')), silent, {
    time: 'deadline',
  }),
  stops(
    'leaves',
    'closes its channels',
    leaves('notary', message('view')),
    ends('peer.left', 'a channel that ends before the session', rest, 'who did it'),
  ),
  {
    id: 'two-marks',
    role: 'collector',
    setting: 'matches, two collectors',
    message: 'marks of `marks/0/1`',
    deed: 'marks nothing, whatever matches',
    by: ['notary'],
    deviate: marks('notary', () => 0),
    outcome: ends('chain.collectors', 'marks count once both said the same', ['alpha', 'beta']),
  },
];

/** A party’s vault gives other bytes when it is asked for the same a second time: for the second collector. */
const differently =
  (method: 'readSortedTags' | 'readLabels', how: (bytes: Uint8Array, count: number) => Uint8Array) =>
  (play: Play): void => {
    const seen = new Set<unknown>();
    play.vault('alpha')[method] = async (read, [, start, count]) => {
      const bytes = (await read()) as Uint8Array;
      if (!seen.has(start)) {
        seen.add(start);
        return bytes;
      }
      play.fired += 1;
      return how(bytes, count as number);
    };
  };

const partyRows: readonly Row[] = [
  {
    id: 'two-tags',
    role: 'owner',
    setting: 'two collectors without sentinels',
    message: 'tags of `tags/0/1`',
    deed: 'sends the two collectors different tags',
    by: ['alpha'],
    deviate: differently(
      'readSortedTags',
      (bytes, count) => new Uint8Array(Buffer.concat(split(bytes, bytes.length / count).map(nextTag))),
    ),
    outcome: apart,
  },
  {
    id: 'two-labels',
    role: 'owner',
    setting: 'labelled, two collectors',
    message: 'chunk of `labels/0/1`',
    deed: 'sends the two collectors different labels',
    by: ['alpha'],
    deviate: differently('readLabels', (bytes) => bytes.map((label) => (label === 0xff ? label : 0))),
    outcome: ends('chain.count', 'as many under each label as announced', ['coordinator', 'notary']),
  },
];

const bothTell = (id: string, deed: string, to: string | undefined, outcome: Outcome): Row => ({
  id: `two-both-${id}`,
  role: 'coalition',
  setting,
  message: '`view`',
  deed,
  by: ['coordinator', 'notary'],
  deviate: (play) => {
    for (const by of ['coordinator', 'notary'])
      sends(
        by,
        message('view', to),
        edit<'view'>(by, (body) => ({ exactly: moved(counts(body)) })),
      )(play);
  },
  outcome,
});

const bothRows: readonly Row[] = [
  bothTell(
    'moved',
    'change counts so that they add up, the same in both views',
    undefined,
    undetected('A collector that lies', 'counts are wrong'),
  ),
  bothTell(
    'one',
    'show one party other counts, the same in both views',
    'alpha',
    ends('consent.mismatch', 'all sign one view', parties),
  ),
];

export const twoCollectorRows: readonly Row[] = [
  ...viewRows,
  ...seedRows,
  ...endRows,
  ...partyRows,
  ...bothRows,
];
