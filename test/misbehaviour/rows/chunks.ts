/**
 * Rows of chunks: their positions, lengths, headers and contents, for every kind of stream and every hop.
 */
import { randomBytes } from 'node:crypto';
import type { ErrorCode } from '@tallystick/protocol/errors';
import { commitScalar, drawScalar } from '@tallystick/protocol/suite';
import { frameHeaderBytes, type StreamKind } from '@tallystick/protocol/wire';
import {
  type Change,
  chunk,
  drop,
  framed,
  joined,
  message,
  payload,
  sends,
  swaps,
  twice,
  withByte,
} from '../frames.ts';
import { ends } from '../outcomes.ts';
import type { Named, Role, Row } from '../row.ts';

interface Place {
  readonly id: string;
  readonly role: Role;
  readonly setting: string;
  readonly from: string;
  readonly to: string;
  readonly kind: StreamKind;
  readonly list: number;
  readonly hop: number;
  /** Number of the last chunk. */
  readonly last: number;
}

const place = (
  id: string,
  role: Role,
  setting: string,
  [from, to]: readonly [string, string],
  stream: string,
  last: number,
): Place => {
  const [kind, list, hop] = stream.split('/') as [StreamKind, string, string];
  return { id, role, setting, from, to, kind, list: Number(list), hop: Number(hop), last };
};

const places: readonly Place[] = [
  place('sealed-first', 'owner', 'counts', ['alpha', 'beta'], 'stream/0/0', 2),
  place('sealed-hop-1', 'hop', 'counts', ['beta', 'gamma'], 'stream/0/1', 2),
  place('sealed-hop-2', 'hop', 'counts', ['gamma', 'alpha'], 'stream/0/2', 2),
  place('direct-first', 'owner', 'direct', ['alpha', 'beta'], 'stream/0/0', 1),
  place('direct-first-back', 'owner', 'direct', ['beta', 'alpha'], 'stream/1/0', 2),
  place('direct-returned', 'peer', 'direct', ['beta', 'alpha'], 'returned/0/1', 1),
  place('direct-returned-back', 'peer', 'direct', ['alpha', 'beta'], 'returned/1/1', 2),
  place('tags', 'owner', 'counts', ['beta', 'coordinator'], 'tags/1/0', 2),
  place('marks', 'collector', 'matches', ['coordinator', 'alpha'], 'marks/0/0', 2),
];
const placeOf = (id: string): Place => places.find((one) => one.id === id) as Place;
const nameOf = ({ kind, list, hop }: Place): string => `chunk of \`${kind}/${list}/${hop}\``;

/** Units of a chunk that is not the last: see stage.ts. */
const units = 6;
const unitOf = (bytes: Uint8Array): number => bytes.length / units;

interface Deed {
  readonly id: string;
  readonly deed: string;
  readonly code: ErrorCode;
  readonly check: string;
  /** What becomes of the first chunk, or of the last. */
  readonly change: Change | 'swapped';
  readonly of?: 'last';
  readonly named?: Named;
}

const position = 'each position once and in order';
const length = 'each chunk has exactly its length';
const header = 'the header of a frame';

/** Where a chunk stands, and how long it is: for every stream. */
const positions: readonly Deed[] = [
  { id: 'lost', deed: 'leaves the first out', code: 'chain.position', check: position, change: drop },
  {
    id: 'last-lost',
    deed: 'leaves the last out and seals the stream',
    code: 'chain.incomplete',
    check: 'a seal comes after the last chunk',
    of: 'last',
    change: drop,
  },
  { id: 'again', deed: 'sends it again', code: 'chain.position', check: position, change: twice },
  {
    id: 'again-other',
    deed: 'sends it again with other contents',
    code: 'chain.position',
    check: position,
    change: (frame) => [frame, framed(frame, reversed(frame.subarray(frameHeaderBytes)))],
  },
  {
    id: 'reordered',
    deed: 'sends two in the wrong order',
    code: 'chain.position',
    check: position,
    change: 'swapped',
  },
  {
    id: 'short',
    deed: 'lies about its size: sends a unit less',
    code: 'chain.count',
    check: length,
    change: payload((bytes) => bytes.slice(unitOf(bytes))),
  },
  {
    id: 'moved',
    deed: 'moves the boundary to the next chunk by a unit',
    code: 'chain.count',
    check: length,
    change: payload((bytes) => joined(bytes, bytes.slice(-unitOf(bytes)))),
  },
];

const head = (
  id: string,
  deed: string,
  code: ErrorCode,
  check: string,
  change: Change,
  named: Named = 'nobody',
): Deed => ({ id, deed, code, check, change, named });

/** What a header says: for one stream of each form, and for tags. */
const headers: readonly Deed[] = [
  head(
    'beyond',
    'sends one beyond the end',
    'chain.count',
    length,
    withByte(7, () => 200),
    'the stream',
  ),
  head(
    'list',
    'says that it is of another list',
    'wire.order',
    'the plan of streams',
    withByte(2, () => 7),
    'the sender',
  ),
  head(
    'hop',
    'says that it has passed other hops',
    'wire.order',
    'the plan of streams',
    withByte(3, () => 5),
    'the sender',
  ),
  head(
    'kind',
    'says that it is marks',
    'wire.order',
    'the table of the session',
    withByte(1, () => 4),
  ),
  head(
    'unknown',
    'gives a kind that does not exist',
    'wire.type',
    header,
    withByte(1, () => 9),
  ),
  head(
    'version',
    'gives another version',
    'wire.version',
    header,
    withByte(0, () => 9),
  ),
  head(
    'session',
    'takes it from another session',
    'wire.frame',
    header,
    withByte(8, (byte) => byte ^ 1),
  ),
  head('cut', 'cuts it in its header', 'wire.frame', header, (frame) => [frame.slice(0, 9)]),
];

function rowOf(where: Place, { id, deed, code, check, change, of, named = 'the stream' }: Deed): Row {
  const { kind, list, hop, from, to, last, role, setting } = where;
  const picked = chunk({ kind, list, hop, chunk: of === 'last' ? last : 0 });
  const deviate =
    change === 'swapped'
      ? swaps(from, picked, chunk({ kind, list, hop }))
      : sends(from, picked, change, 'first');
  // Of what a collector finds, parties hear the code alone.
  const outcome = ends(code, check, [to], to === 'coordinator' ? 'nobody' : named);
  const message = nameOf(where);
  return { id: `chunk-${where.id}-${id}`, role, setting, message, deed, by: [from], deviate, outcome };
}

const repeatFirst = payload((bytes) => joined(bytes.slice(0, unitOf(bytes)), bytes.slice(0, -unitOf(bytes))));
const repeats: Deed = {
  id: 'repeated',
  deed: 'repeats a unit, so that one name counts twice',
  code: 'chain.sorted',
  check: 'first streams increase strictly',
  change: repeatFirst,
};
const uncommitted = (change: Change): Deed => ({
  id: 'uncommitted',
  deed: 'sends other contents than it commits to',
  code: 'chain.incomplete',
  check: 'the seal fits the stream',
  change,
});
const random = (count: number): Uint8Array => new Uint8Array(randomBytes(count));
const substituted = payload((bytes) => joined(commitScalar(drawScalar(random)), bytes.slice(32)));
const flipped = payload((bytes) => bytes.map((byte) => byte ^ 1));

/** A frame that looks like the first chunk of the first list; nobody knows the hash of all consents yet. */
const early = new Uint8Array(frameHeaderBytes + units * 32);
early.set([1, 1]);

export const chunkRows: readonly Row[] = [
  // The other direction of the direct form is the same code: what differs is who receives.
  ...places.flatMap((where) =>
    positions
      .filter(({ id }) => !where.id.endsWith('back') || ['lost', 'again', 'short'].includes(id))
      .map((deed) => rowOf(where, deed)),
  ),
  ...['sealed-hop-1', 'direct-first', 'tags'].flatMap((id) =>
    headers.map((deed) => rowOf(placeOf(id), deed)),
  ),
  ...['sealed-first', 'direct-first', 'direct-first-back'].map((id) => rowOf(placeOf(id), repeats)),
  ...['sealed-hop-1', 'sealed-hop-2', 'direct-returned', 'direct-returned-back'].map((id) =>
    rowOf(placeOf(id), uncommitted(substituted)),
  ),
  rowOf(placeOf('marks'), uncommitted(flipped)),
  {
    id: 'chunk-before-freeze',
    role: 'owner',
    setting: 'counts',
    message: 'chunk of `stream/0/0`',
    deed: 'sends it before the consents are frozen',
    by: ['alpha'],
    deviate: sends('alpha', message('consent', 'beta'), (frame) => [early, frame], 'first'),
    outcome: ends('wire.order', 'nothing of a list before the freeze', ['beta']),
  },
];

function reversed(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  const unit = unitOf(bytes);
  for (let at = 0; at < bytes.length; at += unit) parts.unshift(bytes.slice(at, at + unit));
  return joined(...parts);
}
