/**
 * Rows that are the same for every signed message: never sent, late, sent twice, forged, of somebody else, of another
 * session, with a field too many; and for every seal another salt or another commitment.
 */
import type { ErrorCode } from '@tallystick/protocol/errors';
import type { MessageOf, SignedType } from '@tallystick/protocol/wire';
import {
  all,
  type Change,
  drop,
  edit,
  forge,
  holds,
  ignores,
  keepsBack,
  message,
  sends,
  stalls,
  twice,
} from '../frames.ts';
import { ends, harmless } from '../outcomes.ts';
import { direct, type MessagePlace, messagePlaces, othersOf, two } from '../places.ts';
import type { Play } from '../play.ts';
import type { Absent, Row } from '../row.ts';
import { zeros } from './change.ts';

type Played = Omit<Row, 'id' | 'role' | 'setting' | 'message' | 'by'>;
interface Deed {
  readonly deed: string;
  /** A text says why there is no such deed at this place. */
  readonly at: (where: MessagePlace) => Omit<Played, 'deed'> | string;
}

/** Whoever spoils nothing but its own last word has its answer by then. */
const unfair = ({ type, from }: MessagePlace) =>
  type === 'done' ? { keeps: [from], section: 'Fairness' } : {};

const never: Deed = {
  deed: 'never sends it',
  at: (where) => {
    const { type, cast, from, pick, to } = where;
    const deviate = sends(from, pick, drop);
    if (type === 'done') {
      const check = 'who has not said that it is done may not leave';
      return { deviate, outcome: ends('peer.left', check, to, 'who did it', unfair(where)) };
    }
    const [code, check] = neverOf(where);
    const isLate = code !== 'wire.order';
    const outcome = ends(code, check, isLate && type !== 'share' ? othersOf(cast, from) : to);
    return { deviate, outcome, ...(isLate ? { time: 'deadline' } : {}) };
  },
};

/** What follows where a message never comes. */
function neverOf({ type, cast }: MessagePlace): readonly [ErrorCode, string] {
  if (type === 'consent') return ['consent.expired', 'a proposal expires'];
  if (type === 'sentinels') return ['wire.order', 'no tags before their sentinels'];
  // Its next message follows at once: there is nothing between the two.
  if (type === 'seed' || (type === 'barrier' && cast === direct))
    return ['wire.order', 'the table of the session'];
  if (type === 'share') return ['privacy.seed', 'a collector’s share has as long as any sign of life'];
  return ['session.deadline', 'a session in which nothing moves ends'];
}

const late: Deed = {
  deed: 'sends it late, but before a deadline',
  at: ({ type, from, pick }) =>
    type === 'done'
      ? 'who has said that it is done leaves: late is never'
      : {
          deviate: holds(from, pick),
          outcome: harmless('nothing: whoever says that it is alive may take its time'),
          time: 'late',
        },
};

/** Somebody honest is slow, so that a session does not end before a second message has come. */
function waitsFor({ type, cast, to }: MessagePlace): readonly ((play: Play) => void)[] {
  if (type === 'done' && cast === direct) return [stalls(to[0] as string, 'match')];
  const ofTags = message('seal', 'coordinator', ({ kind }: MessageOf<'seal'>) => kind === 'tags');
  return type === 'seal' && to.includes('coordinator') ? [keepsBack('alpha', ofTags)] : [];
}

const again: Deed = {
  deed: 'sends it twice',
  at: (where) => {
    const { type, cast, from, to, pick } = where;
    const sent = sends(from, pick, twice);
    // Were who gets it through already, the first would end the session, and nobody would hear the second.
    const deviate = all(sent, ...waitsFor(where));
    if (type === 'prove') {
      // Its own software would not expect a second answer.
      const mute = ignores(from, message('proof', to[0]), 1);
      return {
        deviate: all(deviate, mute),
        outcome: harmless('the same question gets the recorded answer'),
      };
    }
    if (type === 'done' && cast === two)
      return 'of two, it is the last word that the other waits for: a second one comes after the end';
    const isLast = cast !== direct && (type === 'view' || type === 'done');
    const check = 'the table of the session, and each message of a station once';
    return { deviate, outcome: ends('wire.order', check, to), ...(isLast ? { slow: ['done'] } : {}) };
  },
};

const spoilt = (
  deed: string,
  code: ErrorCode,
  check: string,
  change: (where: MessagePlace) => Change,
): Deed => ({
  deed,
  at: (where) => {
    const { from, to, pick } = where;
    return {
      deviate: sends(from, pick, change(where)),
      outcome: ends(code, check, to, 'who did it', unfair(where)),
    };
  },
});

const nameOf = (type: SignedType): string => (type === 'proposal' ? 'proposer' : 'from');

const envelope: Readonly<Record<string, Deed>> = {
  never,
  late,
  again,
  forged: spoilt(
    'signs it with another key',
    'consent.signature',
    'a signature by the key that the agreement names',
    () => forge,
  ),
  foreign: spoilt(
    'sends it in the name of another',
    'consent.signature',
    'who signs is who holds the channel',
    ({ type, from }) => edit(from, () => ({ [nameOf(type)]: from === 'gamma' ? 'beta' : 'gamma' })),
  ),
  elsewhere: spoilt(
    'takes it from another session',
    'wire.message',
    'every message names its session',
    ({ from }) => edit(from, () => ({ session: '5e'.repeat(16) })),
  ),
  crowded: spoilt('adds a field', 'wire.message', 'the schema of a message', ({ from }) =>
    edit(from, () => ({ note: 'psst' })),
  ),
};

const sealFits = 'the seal fits the stream';
const ofSeals: Readonly<Record<string, Deed>> = {
  salt: spoilt('gives another salt', 'chain.incomplete', sealFits, ({ from }) =>
    edit<'seal'>(from, () => ({ salt: zeros(32) })),
  ),
  commitment: spoilt('commits to another stream', 'chain.incomplete', sealFits, ({ from }) =>
    edit<'seal'>(from, () => ({ commitment: zeros(32) })),
  ),
};

function rowsOf(where: MessagePlace): (Row | Absent)[] {
  const { type, role, cast, from, of: which } = where;
  const { setting } = cast;
  const title = which === undefined ? `\`${type}\`` : `\`${type}\` of ${which}`;
  const deeds = type === 'seal' ? { ...envelope, ...ofSeals } : envelope;
  return Object.entries(deeds).map(([name, { deed, at }]) => {
    const played = at(where);
    const place = { role, setting, message: title, by: [from], deed };
    if (typeof played === 'string') return { ...place, why: played };
    const id = ['message', setting, type, from, which, name].join('-').replaceAll(/[^a-z0-9]+/g, '-');
    return { id, ...place, ...played };
  });
}

const everything = {
  direct: messagePlaces.direct.flatMap(rowsOf),
  sealed: [...messagePlaces.two, ...messagePlaces.three].flatMap(rowsOf),
  four: messagePlaces.four.flatMap(rowsOf),
};
const isRow = (one: Row | Absent): one is Row => 'id' in one;

export const directMessageRows: readonly Row[] = everything.direct.filter(isRow);
export const sealedMessageRows: readonly Row[] = everything.sealed.filter(isRow);
export const fourMessageRows: readonly Row[] = everything.four.filter(isRow);
/** Deviations that are none where a message stands. */
export const absentMessages: readonly Absent[] = Object.values(everything)
  .flat()
  .filter((one): one is Absent => !isRow(one));
