/**
 * Rows of stations that stop, leave or end the session, of flow control, and of a second channel.
 */
import { encodeHello } from '@tallystick/protocol/wire';
import {
  all,
  type Change,
  chunk,
  drop,
  edit,
  framed,
  instead,
  message,
  messageOf,
  type Pick,
  sends,
  stalls,
} from '../frames.ts';
import { ends, harmless, without } from '../outcomes.ts';
import type { Play } from '../play.ts';
import type { Outcome, Row } from '../row.ts';

const everybody = without('beta');

/** From a frame on nothing leaves the station any more. */
export const mutes = (station: string, pick: Pick) => (play: Play) => {
  let isMute = false;
  play.send(station, (peer, frame) => {
    if (!isMute && !pick(frame, peer)) return undefined;
    isMute = true;
    play.fired += 1;
    return [];
  });
};

/** At a frame the station closes all its channels. */
export const leaves = (station: string, pick: Pick) => (play: Play) => {
  let isGone = false;
  play.send(station, (peer, frame) => {
    if (!isGone && !pick(frame, peer)) return undefined;
    if (!isGone) for (const channel of play.stage.inside(station).channels) void channel.close();
    isGone = true;
    play.fired += 1;
    return [];
  });
};

const stages: readonly (readonly [string, Row['role'], string, string, Pick])[] = [
  ['freeze', 'party', 'beta', '`freeze`', message('freeze')],
  ['stream', 'hop', 'beta', 'chunk of `stream/0/1`', chunk({ kind: 'stream', list: 0, hop: 1, chunk: 1 })],
  ['proof', 'hop', 'beta', '`proof`', message('proof')],
  ['barrier', 'party', 'beta', '`barrier`', message('barrier')],
  ['tags', 'owner', 'beta', 'chunk of `tags/1/0`', chunk({ kind: 'tags', chunk: 1 })],
  ['view', 'collector', 'coordinator', '`view`', message('view')],
];

const stopRows: readonly Row[] = stages.flatMap(([id, role, by, title, pick]): Row[] => {
  const at = without(by);
  const base = { role, setting: 'counts', message: title, by: [by] };
  return [
    {
      ...base,
      id: `stops-${id}`,
      deed: 'stops: says nothing any more',
      deviate: mutes(by, pick),
      time: 'deadline',
      outcome: ends('session.deadline', 'a station that is silent', at, 'who did it'),
    },
    {
      ...base,
      id: `leaves-${id}`,
      deed: 'closes its channels',
      deviate: leaves(by, pick),
      outcome: ends('peer.left', 'a channel that ends before the session', at, 'who did it'),
    },
  ];
});

const credit = (
  id: string,
  deed: string,
  change: Change,
  outcome: Outcome,
  more: Partial<Row> = {},
): Row => ({
  id: `credit-${id}`,
  role: 'hop',
  setting: 'counts',
  message: '`credit`',
  deed,
  by: ['beta'],
  deviate: sends('beta', message('credit', 'alpha'), change),
  outcome,
  ...more,
});

/** beta opens another channel to alpha for the same session, in the middle of it. */
const secondChannel = sends('beta', chunk({ kind: 'stream', list: 0, hop: 1, chunk: 0 }), (frame, play) => {
  const { link } = play.stage.inside('beta');
  const pin = play.stage.world.node('alpha').identity.fingerprint;
  const opened = link
    ?.dial('alpha', pin, play.session)
    .then((channel) => channel.send(encodeHello('another', Date.now())));
  void opened?.catch(() => undefined);
  return [frame];
});

const flowRows: readonly Row[] = [
  credit(
    'never',
    'never grants a chunk',
    drop,
    ends('session.deadline', 'a session in which nothing moves ends', everybody),
    { time: 'deadline' },
  ),
  credit('twice', 'grants twice', (frame) => [frame, frame], harmless('a grant is a running total')),
  credit(
    'beyond',
    'grants more chunks than there are',
    edit('beta', () => ({ chunks: 1000 })),
    ends('wire.credit', 'a stream has so many chunks', ['alpha']),
  ),
  credit(
    'other',
    'grants chunks of a stream that is not for it',
    edit('beta', () => ({ hop: 2 })),
    ends('wire.order', 'the plan of streams', ['alpha']),
  ),
  {
    id: 'chunk-beyond-window',
    role: 'owner',
    setting: 'counts',
    message: 'chunk of `stream/0/0`',
    deed: 'sends more chunks than it was granted',
    by: ['alpha'],
    deviate: all(
      stalls('beta', 'evaluate'),
      sends('alpha', chunk({ kind: 'stream', list: 0, hop: 0, chunk: 1 }), (frame) => {
        const next = framed(frame, frame.slice(16));
        next[7] = 2;
        return [frame, next];
      }),
    ),
    outcome: ends('wire.credit', 'a window of chunks', ['beta']),
  },
  {
    id: 'alive-nonsense',
    role: 'party',
    setting: 'counts',
    message: '`alive`',
    deed: 'says that it is doing what there is not',
    by: ['beta'],
    deviate: instead('barrier', (body) => ({
      type: 'alive',
      session: body['session'],
      phase: 'asleep',
      done: 0,
      total: 1,
    })),
    outcome: ends('wire.message', 'the schema of a message', everybody),
  },
  {
    id: 'alive-only',
    role: 'party',
    setting: 'counts',
    message: '`alive`',
    deed: 'says that it is alive, and nothing else',
    by: ['beta'],
    deviate: sends(
      'beta',
      (frame) =>
        frame[0] === 1 ||
        ['seal', 'credit', 'barrier', 'proof', 'prove'].includes(messageOf(frame)?.type ?? ''),
      drop,
    ),
    time: 'deadline',
    outcome: ends('session.deadline', 'a session in which nothing moves ends', everybody),
  },
  {
    id: 'abort-one',
    role: 'party',
    setting: 'counts',
    message: '`abort`',
    deed: 'ends the session for one party only',
    by: ['beta'],
    deviate: sends('beta', message('barrier', 'alpha'), (frame) => [
      new TextEncoder().encode(
        JSON.stringify({ type: 'abort', session: messageOf(frame)?.session, code: 400 }),
      ),
    ]),
    outcome: ends('session.cancelled', 'whoever hears of an end passes it on', ['alpha', 'beta']),
  },
  {
    id: 'channel-second',
    role: 'party',
    setting: 'counts',
    message: 'a channel',
    deed: 'opens a second one in the middle of the session',
    by: ['beta'],
    deviate: secondChannel,
    outcome: harmless('each pair of stations has one channel: the second is closed'),
  },
];

export const endingRows: readonly Row[] = [...stopRows, ...flowRows];
