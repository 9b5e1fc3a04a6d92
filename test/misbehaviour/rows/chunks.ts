/**
 * Rows of chunks: their positions, lengths, headers and contents, for every kind of stream and every hop.
 */
import { randomBytes } from 'node:crypto';
import type { ErrorCode } from '@tallystick/protocol/errors';
import { commitScalar, drawScalar } from '@tallystick/protocol/suite';
import { frameHeaderBytes, type MessageOf } from '@tallystick/protocol/wire';
import {
  all,
  type Change,
  drop,
  framed,
  holds,
  joined,
  message,
  payload,
  sends,
  swaps,
  twice,
  withByte,
} from '../frames.ts';
import { ends, harmless } from '../outcomes.ts';
import { chunkPick, type ChunkPlace, chunkPlaces, othersOf } from '../places.ts';
import type { Absent, Outcome, Row } from '../row.ts';

/** Units of a chunk that is not the last: see stage.ts. */
const units = 6;
const unitOf = (bytes: Uint8Array): number => bytes.length / units;

interface Spoilt {
  readonly code: ErrorCode;
  readonly check: string;
  /** What becomes of the first chunk, or of the last. */
  readonly change: Change | 'swapped';
  readonly of?: 'last';
}

interface Deed extends Spoilt {
  readonly id: string;
  readonly deed: string;
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

const head = (id: string, deed: string, code: ErrorCode, check: string, change: Change): Deed => ({
  id,
  deed,
  code,
  check,
  change,
});

/** What a header says. */
const headers: readonly Deed[] = [
  head(
    'beyond',
    'sends one beyond the end',
    'chain.count',
    length,
    withByte(7, () => 200),
  ),
  head(
    'list',
    'says that it is of another list',
    'wire.order',
    'the plan of streams',
    withByte(2, () => 7),
  ),
  head(
    'hop',
    'says that it has passed other hops',
    'wire.order',
    'the plan of streams',
    withByte(3, () => 5),
  ),
  head(
    'kind',
    'says that it is of another kind',
    'wire.order',
    'the table of the session',
    // Marks; of marks, elements.
    withByte(1, (kind) => (kind === 4 ? 1 : 4)),
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

/** Number of the last chunk: lists have three chunks with sentinels, alpha's two without. */
const lastOf = ({ cast, list }: ChunkPlace): number => (cast.collectors.length === 0 && list === 0 ? 1 : 2);

function played(where: ChunkPlace, { code, check, change, of }: Spoilt): Pick<Row, 'deviate' | 'outcome'> {
  const picked = chunkPick(where, of === 'last' ? lastOf(where) : 0);
  const deviate =
    change === 'swapped'
      ? swaps(where.from, picked, chunkPick(where))
      : sends(where.from, picked, change, 'first');
  return { deviate, outcome: ends(code, check, [where.to]) };
}

const position0 = (bytes: Uint8Array): Uint8Array => bytes.slice(0, unitOf(bytes));
const repeatFirst = payload((bytes) => joined(position0(bytes), bytes.slice(0, -unitOf(bytes))));
/** An element that comes before the second one: order does not show it. */
const another = payload((bytes) => {
  const second = bytes.slice(32, 64);
  for (;;) {
    const element = commitScalar(drawScalar(random));
    if (Buffer.compare(element, second) < 0) return joined(element, bytes.slice(32));
  }
});
const flipped = payload((bytes) => bytes.map((byte) => (byte > 1 ? byte : byte ^ 1)));
const random = (count: number): Uint8Array => new Uint8Array(randomBytes(count));

type Played = Pick<Row, 'deviate' | 'outcome'> & Partial<Pick<Row, 'time'>>;
type Special = readonly [id: string, deed: string, at: (where: ChunkPlace) => Played | string];

const silence = (where: ChunkPlace): Outcome =>
  ends('session.deadline', 'a session in which nothing moves ends', othersOf(where.cast, where.from));

/** Deeds that are not the same for every kind. */
const specials: readonly Special[] = [
  [
    'never',
    'never sends any, and no seal',
    (where) => {
      const { kind, list, hop, from } = where;
      const seal = message(
        'seal',
        where.to,
        (body: MessageOf<'seal'>) => body.kind === kind && body.list === list && body.hop === hop,
      );
      return {
        deviate: all(sends(from, chunkPick(where), drop), sends(from, seal, drop)),
        outcome: silence(where),
        time: 'deadline',
      };
    },
  ],
  [
    'late',
    'sends it late, but before a deadline',
    (where) => ({
      deviate: holds(where.from, chunkPick(where, 0)),
      outcome: harmless('nothing: whoever says that it is alive may take its time'),
      time: 'late',
    }),
  ],
  [
    'repeated',
    'repeats a unit, so that one name counts twice',
    (where) => {
      const { kind, hop } = where;
      if (kind === 'stream' && hop === 0) {
        const check = 'first streams increase strictly';
        return played(where, { code: 'chain.sorted', check, change: repeatFirst });
      }
      return repeatsNot[kind];
    },
  ],
  [
    'uncommitted',
    'sends other contents than it commits to',
    (where) => {
      const { kind } = where;
      if (kind === 'tags') return 'another tag moves all after it; its seal says another commitment instead';
      const change = kind === 'marks' || kind === 'labels' ? flipped : another;
      return played(where, { code: 'chain.incomplete', check: 'the seal fits the stream', change });
    },
  ],
];

const repeatsNot: Readonly<Record<ChunkPlace['kind'], string>> = {
  stream: 'the order of elements is the owner’s: a repeat is one of the contents, found by their proof',
  returned: 'the order of elements is the owner’s: a repeat is one of the contents, found by their proof',
  tags: 'differences of tags are coded: a repeat has no coding',
  marks: 'units repeat: they say one of two things',
  labels: 'units repeat: they say one of a few things',
};

function rowsOf(where: ChunkPlace): (Row | Absent)[] {
  const { cast, kind, list, hop, role, from } = where;
  const { setting } = cast;
  const title = `${kind}/${list}/${hop}`;
  const place = { role, setting, message: `chunk of \`${title}\``, by: [from] };
  const idOf = (deed: string): string =>
    ['chunk', setting, title, deed].join('-').replaceAll(/[^a-z0-9]+/g, '-');
  return [
    ...[...positions, ...headers].map(
      (deed): Row => ({
        id: idOf(deed.id),
        ...place,
        deed: deed.deed,
        ...played(where, deed),
      }),
    ),
    ...specials.map(([id, deed, at]): Row | Absent => {
      const made = at(where);
      return typeof made === 'string'
        ? { ...place, deed, why: made }
        : { id: idOf(id), ...place, deed, ...made };
    }),
  ];
}

/** A frame that looks like the first chunk of the first list; nobody knows the hash of all consents yet. */
const early = new Uint8Array(frameHeaderBytes + units * 32);
early.set([1, 1]);

const beforeFreeze: Row = {
  id: 'chunk-before-freeze',
  role: 'owner',
  setting: 'counts',
  message: 'chunk of `stream/0/0`',
  deed: 'sends it before the consents are frozen',
  by: ['alpha'],
  deviate: sends('alpha', message('consent', 'beta'), (frame) => [early, frame], 'first'),
  outcome: ends('wire.order', 'nothing of a list before the freeze', ['beta']),
};

const everything = {
  three: [...chunkPlaces.direct, ...chunkPlaces.two, ...chunkPlaces.three].flatMap(rowsOf),
  four: chunkPlaces.four.flatMap(rowsOf),
};
const isRow = (one: Row | Absent): one is Row => 'id' in one;

export const chunkRows: readonly Row[] = [...everything.three.filter(isRow), beforeFreeze];
export const fourChunkRows: readonly Row[] = everything.four.filter(isRow);
/** Deviations that are none where a chunk stands. */
export const absentChunks: readonly Absent[] = Object.values(everything)
  .flat()
  .filter((one): one is Absent => !isRow(one));

function reversed(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  const unit = unitOf(bytes);
  for (let at = 0; at < bytes.length; at += unit) parts.unshift(bytes.slice(at, at + unit));
  return joined(...parts);
}
