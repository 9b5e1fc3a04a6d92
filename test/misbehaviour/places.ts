/**
 * Every place where something can deviate: a kind of message or of chunk, the hop it is of, who sends it to whom.
 *
 * Purpose: one list of places for the sessions of two (both forms), three and four, so that hops 0 to 3 occur and no
 * deviation is left out for want of a place. Does not know: deviations, what comes of them.
 */
import type { MessageOf, SignedType, StreamKind } from '@tallystick/protocol/wire';
import { chunk, message, type Pick } from './frames.ts';
import type { Role } from './row.ts';
import type { Setting } from './stage.ts';

/** Who takes part in a setting. */
export interface Cast {
  readonly setting: Setting;
  readonly parties: readonly string[];
  readonly collectors: readonly string[];
}

const everybody = ['alpha', 'beta', 'gamma', 'delta'];
const sealed = (setting: Setting, size: number, collectors: readonly string[] = ['coordinator']): Cast => ({
  setting,
  // In the order of their ids, as the chain goes.
  parties: everybody.slice(0, size).toSorted(),
  collectors,
});

export const direct: Cast = { setting: 'direct', parties: ['alpha', 'beta'], collectors: [] };
export const two = sealed('counts of two', 2);
export const three = sealed('counts', 3);
export const four = sealed('counts of four', 4);
const matches = sealed('matches', 3);
const labelled = sealed('labelled', 3);
const seeded = sealed('two collectors', 3, ['coordinator', 'notary']);

export const stationsOf = ({ parties, collectors }: Cast): readonly string[] => [...parties, ...collectors];
export const othersOf = (cast: Cast, from: string): readonly string[] =>
  stationsOf(cast).filter((id) => id !== from);

/** Where a signed message stands. */
export interface MessagePlace {
  readonly type: SignedType;
  readonly role: Role;
  readonly cast: Cast;
  readonly from: string;
  /** Who gets it, and so finds what is wrong with it. */
  readonly to: readonly string[];
  /** Of several of its type: which. */
  readonly of?: string;
  readonly pick: Pick;
}

function place<T extends SignedType>(
  cast: Cast,
  type: T,
  role: Role,
  from: string,
  to: readonly string[],
  of?: string,
  where?: (body: MessageOf<T>) => boolean,
): MessagePlace {
  const pick = message(type, to.length === 1 ? to[0] : undefined, where);
  return { type, role, cast, from, to, pick, ...(of === undefined ? {} : { of }) };
}

const isOf =
  (kind: StreamKind, list: number, hop: number) =>
  (body: { kind: string; list: number; hop: number }): boolean =>
    body.kind === kind && body.list === list && body.hop === hop;
const isHop =
  (list: number, hop: number) =>
  (body: { list: number; hop: number }): boolean =>
    body.list === list && body.hop === hop;

function sealOf({ cast, role, from, to, kind, list, hop }: ChunkPlace): MessagePlace {
  return place(cast, 'seal', role, from, [to], `${kind}/${list}/${hop}`, isOf(kind, list, hop));
}

/** What a station says to all: of a proposer, a party and a collector. */
function opening(cast: Cast): readonly MessagePlace[] {
  const [first = '', second = ''] = cast.parties;
  const said = (type: SignedType, role: Role, from: string) =>
    place(cast, type, role, from, othersOf(cast, from));
  return [
    said('proposal', 'proposer', first),
    said('consent', 'party', second),
    said('freeze', 'party', second),
    ...cast.collectors
      .slice(0, 1)
      .flatMap((id) => [said('consent', 'collector', id), said('freeze', 'collector', id)]),
  ];
}

/** Questions and proofs of the first list, at every hop. */
function proofs(cast: Cast): readonly MessagePlace[] {
  const [owner = '', ...hops] = cast.parties;
  return hops.flatMap((id, i) => {
    const [hop, of] = [i + 1, `hop ${i + 1}`];
    return [
      place(cast, 'prove', 'owner', owner, [id], of, isHop(0, hop)),
      place(cast, 'proof', 'hop', id, [owner], of, isHop(0, hop)),
    ];
  });
}

/** What ends a session of the sealed form. */
function closing(cast: Cast): readonly MessagePlace[] {
  const [, second = ''] = cast.parties;
  return [
    place(cast, 'barrier', 'party', second, othersOf(cast, second)),
    place(cast, 'sentinels', 'party', second, ['coordinator']),
    place(cast, 'view', 'collector', 'coordinator', cast.parties),
    place(cast, 'done', 'party', second, othersOf(cast, second)),
  ];
}

const sealedMessages = (cast: Cast): readonly MessagePlace[] => [
  ...opening(cast),
  ...streams(cast).map(sealOf),
  ...proofs(cast),
  ...closing(cast),
];

/** Both ways: alpha's question and beta's answer are the same code as the other two, but who dials whom is not. */
const directMessages: readonly MessagePlace[] = [
  ...opening(direct),
  ...(['consent', 'freeze'] as const).map((type) => place(direct, type, 'party', 'alpha', ['beta'])),
  ...directStreams().map(sealOf),
  place(direct, 'prove', 'owner', 'alpha', ['beta'], 'list 0', isHop(0, 1)),
  place(direct, 'prove', 'owner', 'beta', ['alpha'], 'list 1', isHop(1, 1)),
  place(direct, 'proof', 'peer', 'beta', ['alpha'], 'list 0', isHop(0, 1)),
  place(direct, 'proof', 'peer', 'alpha', ['beta'], 'list 1', isHop(1, 1)),
  ...(['barrier', 'done'] as const).flatMap((type) => [
    place(direct, type, 'peer', 'alpha', ['beta']),
    place(direct, type, 'peer', 'beta', ['alpha']),
  ]),
];

/** Where a stream goes. */
export interface ChunkPlace {
  readonly role: Role;
  readonly cast: Cast;
  readonly from: string;
  readonly to: string;
  readonly kind: StreamKind;
  readonly list: number;
  readonly hop: number;
}

export const chunkPick = ({ kind, list, hop }: ChunkPlace, number?: number): Pick =>
  chunk({ kind, list, hop, ...(number === undefined ? {} : { chunk: number }) });

function stream(
  cast: Cast,
  role: Role,
  [from, to]: readonly [string, string],
  [kind, list, hop]: readonly [StreamKind, number, number],
): ChunkPlace {
  return { cast, role, from, to, kind, list, hop };
}

/** The first list at every hop, and a party's tags. */
function streams(cast: Cast): readonly ChunkPlace[] {
  const { parties } = cast;
  const at = (i: number): string => parties[i % parties.length] as string;
  return [
    ...parties.map((id, hop) =>
      stream(cast, hop === 0 ? 'owner' : 'hop', [id, at(hop + 1)], ['stream', 0, hop]),
    ),
    stream(cast, 'owner', [at(1), 'coordinator'], ['tags', 1, 0]),
  ];
}

function directStreams(): readonly ChunkPlace[] {
  return [
    stream(direct, 'owner', ['alpha', 'beta'], ['stream', 0, 0]),
    stream(direct, 'owner', ['beta', 'alpha'], ['stream', 1, 0]),
    stream(direct, 'peer', ['beta', 'alpha'], ['returned', 0, 1]),
    stream(direct, 'peer', ['alpha', 'beta'], ['returned', 1, 1]),
  ];
}

const marks = stream(matches, 'collector', ['coordinator', 'alpha'], ['marks', 0, 0]);
const labels = stream(labelled, 'owner', ['gamma', 'coordinator'], ['labels', 2, 0]);

export const messagePlaces = {
  direct: directMessages,
  two: sealedMessages(two),
  three: [
    ...sealedMessages(three),
    sealOf(marks),
    sealOf(labels),
    place(seeded, 'seed', 'collector', 'notary', ['coordinator']),
    place(seeded, 'share', 'collector', 'notary', ['coordinator']),
  ],
  four: sealedMessages(four),
} as const;

export const chunkPlaces = {
  direct: directStreams(),
  two: streams(two),
  three: [...streams(three), marks, labels],
  four: streams(four),
} as const;
