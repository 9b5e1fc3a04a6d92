/**
 * Rows that are the same for every signed message: never sent, sent twice, late, forged, of somebody else, of another
 * session, with a field too many.
 */
import type { ErrorCode } from '@tallystick/protocol/errors';
import type { MessageOf, SignedType } from '@tallystick/protocol/wire';
import {
  all,
  drop,
  edit,
  forge,
  holds,
  ignores,
  message,
  type Pick,
  sends,
  stalls,
  twice,
} from '../frames.ts';
import { ends, harmless, without } from '../outcomes.ts';
import type { Role, Row } from '../row.ts';

interface Place {
  readonly type: SignedType;
  readonly role: Role;
  readonly setting: string;
  readonly from: string;
  /** Who gets it, and so finds what is wrong with it. */
  readonly to: readonly string[];
  /** Of several of its type: which. */
  readonly of?: string;
  readonly pick: Pick;
}

function place<T extends SignedType>(
  type: T,
  [role, setting, from]: readonly [Role, string, string],
  to: readonly string[],
  of?: string,
  where?: (body: MessageOf<T>) => boolean,
): Place {
  const pick = message(type, to.length === 1 ? to[0] : undefined, where);
  return { type, role, setting, from, to, pick, ...(of === undefined ? {} : { of }) };
}

const of =
  (kind: string, list: number, hop: number) =>
  (body: { kind: string; list: number; hop: number }): boolean =>
    body.kind === kind && body.list === list && body.hop === hop;
const ofHop =
  (list: number, hop: number) =>
  (body: { list: number; hop: number }): boolean =>
    body.list === list && body.hop === hop;

const parties = ['alpha', 'beta', 'gamma'];
const beta = ['party', 'counts', 'beta'] as const;
const collector = ['collector', 'counts', 'coordinator'] as const;
const peer = ['peer', 'direct', 'beta'] as const;

const main: readonly Place[] = [
  place('proposal', ['proposer', 'counts', 'alpha'], without('alpha')),
  place('consent', beta, without('beta')),
  place('freeze', beta, without('beta')),
  place('seal', ['hop', 'counts', 'beta'], ['gamma'], 'stream/0/1', of('stream', 0, 1)),
  place('prove', ['owner', 'counts', 'alpha'], ['beta'], 'hop 1', ofHop(0, 1)),
  place('proof', ['hop', 'counts', 'beta'], ['alpha'], 'hop 1', ofHop(0, 1)),
  place('barrier', beta, without('beta')),
  place('sentinels', beta, ['coordinator']),
  place('view', collector, parties),
  place('done', beta, without('beta')),
];

const others: readonly Place[] = [
  place('consent', collector, parties),
  place('freeze', collector, parties),
  place('seal', ['owner', 'counts', 'alpha'], ['beta'], 'stream/0/0', of('stream', 0, 0)),
  place('seal', ['hop', 'counts', 'gamma'], ['alpha'], 'stream/0/2', of('stream', 0, 2)),
  place('seal', ['owner', 'counts', 'beta'], ['coordinator'], 'tags/1/0', of('tags', 1, 0)),
  place('seal', ['collector', 'matches', 'coordinator'], ['alpha'], 'marks/0/0', of('marks', 0, 0)),
  place('prove', ['owner', 'counts', 'alpha'], ['gamma'], 'hop 2', ofHop(0, 2)),
  place('proof', ['hop', 'counts', 'gamma'], ['alpha'], 'hop 2', ofHop(0, 2)),
];

const direct: readonly Place[] = [
  place('proposal', ['proposer', 'direct', 'alpha'], ['beta']),
  place('consent', peer, ['alpha']),
  place('freeze', peer, ['alpha']),
  place('seal', ['owner', 'direct', 'beta'], ['alpha'], 'stream/1/0', of('stream', 1, 0)),
  place('seal', peer, ['alpha'], 'returned/0/1', of('returned', 0, 1)),
  place('prove', ['owner', 'direct', 'alpha'], ['beta'], 'direct', ofHop(0, 1)),
  place('proof', peer, ['alpha'], 'direct', ofHop(0, 1)),
  place('proof', ['peer', 'direct', 'alpha'], ['beta'], 'direct', ofHop(1, 1)),
  place('barrier', peer, ['alpha']),
  place('done', peer, ['alpha']),
];

type Deed = (where: Place) => Omit<Row, 'id' | 'role' | 'setting' | 'message' | 'by'> | undefined;

/** Whoever spoils nothing but its own last word has its answer by then. */
const unfair = (type: SignedType, from: string) =>
  type === 'done' ? { keeps: [from], section: 'Fairness' } : {};

const never: Deed = ({ type, setting, from, pick, to }) => {
  const deviate = sends(from, pick, drop);
  if (type === 'done') {
    const fair = { keeps: [from], section: 'Fairness' };
    const outcome = ends(
      'peer.left',
      'who has not said that it is done may not leave',
      to,
      'the sender',
      fair,
    );
    return { deed: 'takes its answer and leaves without sending it', deviate, outcome };
  }
  const [code, check] = neverOf(type, setting);
  const isLate = code !== 'wire.order';
  const outcome = ends(code, check, isLate ? without(from) : to);
  return { deed: 'never sends it', deviate, outcome, ...(isLate ? { time: 'deadline' } : {}) };
};

/** What follows where a message never comes. */
function neverOf(type: SignedType, setting: string): readonly [ErrorCode, string] {
  if (type === 'consent') return ['consent.expired', 'a proposal expires'];
  if (type === 'sentinels') return ['wire.order', 'no tags before their sentinels'];
  // Its `done` follows at once: there is nothing between the two.
  if (type === 'barrier' && setting === 'direct') return ['wire.order', 'the table of the session'];
  return ['session.deadline', 'a session in which nothing moves ends'];
}

const late: Deed = ({ type, from, pick }) =>
  type === 'done'
    ? undefined
    : {
        deed: 'sends it late, but before a deadline',
        deviate: holds(from, pick),
        outcome: harmless('nothing: whoever says that it is alive may take its time'),
        time: 'late',
      };

const again: Deed = ({ type, setting, from, to, pick }) => {
  const sent = sends(from, pick, twice);
  // Were it through already, the first would end the session, and nobody would hear the second.
  const deviate = type === 'done' && setting === 'direct' ? all(sent, stalls('alpha', 'match')) : sent;
  if (type === 'prove') {
    // Its own software would not expect a second answer.
    const mute = ignores(from, message('proof', to[0]), 1);
    const outcome = harmless('the same question gets the recorded answer');
    return { deed: 'sends it twice', deviate: all(deviate, mute), outcome };
  }
  const slow = setting === 'counts' && (type === 'view' || type === 'done') ? { slow: ['done'] } : {};
  const check = 'the table of the session, and each message of a station once';
  const named = type === 'seal' && !to.includes('coordinator') ? 'the sender' : 'nobody';
  return { deed: 'sends it twice', deviate, outcome: ends('wire.order', check, to, named), ...slow };
};

const forged: Deed = ({ type, from, to, pick }) => ({
  deed: 'signs it with another key',
  deviate: sends(from, pick, forge),
  outcome: ends(
    'consent.signature',
    'a signature by the key that the agreement names',
    to,
    'nobody',
    unfair(type, from),
  ),
});

const foreign: Deed = ({ type, from, to, pick }) => {
  const name = from === 'gamma' ? 'beta' : 'gamma';
  const field = type === 'proposal' ? 'proposer' : 'from';
  return {
    deed: 'sends it in the name of another',
    deviate: sends(
      from,
      pick,
      edit(from, () => ({ [field]: name })),
    ),
    outcome: ends(
      'consent.signature',
      'who signs is who holds the channel',
      to,
      'nobody',
      unfair(type, from),
    ),
  };
};

const elsewhere: Deed = ({ type, from, to, pick }) => ({
  deed: 'takes it from another session',
  deviate: sends(
    from,
    pick,
    edit(from, () => ({ session: '5e'.repeat(16) })),
  ),
  outcome: ends('wire.message', 'every message names its session', to, 'nobody', unfair(type, from)),
});

const crowded: Deed = ({ type, from, to, pick }) => ({
  deed: 'adds a field',
  deviate: sends(
    from,
    pick,
    edit(from, () => ({ note: 'psst' })),
  ),
  outcome: ends('wire.message', 'the schema of a message', to, 'nobody', unfair(type, from)),
});

const deeds: Readonly<Record<string, Deed>> = { never, late, again, forged };
const more: Readonly<Record<string, Deed>> = { ...deeds, foreign, elsewhere, crowded };

function rowsOf(where: Place, chosen: typeof deeds): Row[] {
  const { type, role, setting, from, of: which } = where;
  const title = which === undefined ? `\`${type}\`` : `\`${type}\` of ${which}`;
  return Object.entries(chosen).flatMap(([name, deed]): Row[] => {
    const played = deed(where);
    if (played === undefined) return [];
    const id = ['message', setting, type, from, which, name].join('-').replaceAll(/[^a-z0-9]+/g, '-');
    return [{ id, role, setting, message: title, by: [from], ...played }];
  });
}

export const sealedMessageRows: readonly Row[] = [
  ...main.flatMap((where) => rowsOf(where, more)),
  ...others.flatMap((where) => rowsOf(where, { never, again, forged })),
];

export const directMessageRows: readonly Row[] = direct.flatMap((where) => rowsOf(where, deeds));
