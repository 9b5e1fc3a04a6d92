/**
 * Rows of what a station does to the elements of somebody else's list: in its vault, so that it commits to what it sent.
 */
import { randomBytes } from 'node:crypto';
import { addElements, commitScalar, createReferenceEngine, drawScalar } from '@tallystick/protocol/suite';
import type { ErrorCode } from '@tallystick/protocol/errors';
import { joined } from '../frames.ts';
import { ends, harmless, undetected } from '../outcomes.ts';
import { type Cast, four, three, two } from '../places.ts';
import type { Play } from '../play.ts';
import type { Outcome, Role, Row } from '../row.ts';

const width = 32;
const engine = createReferenceEngine();
export const random = (count: number): Uint8Array => new Uint8Array(randomBytes(count));
export const anyElement = (): Uint8Array => commitScalar(drawScalar(random));
const other = drawScalar(random);
export const at = (bytes: Uint8Array, i: number): Uint8Array => bytes.slice(i * width, (i + 1) * width);

/** @param got the chunk as it came in, before this station's scalar */
type Contents = (bytes: Uint8Array, got: Uint8Array) => Uint8Array;

export const put = (bytes: Uint8Array, i: number, element: Uint8Array): Uint8Array => {
  const out = bytes.slice();
  out.set(element, i * width);
  return out;
};

export const substitutes: Contents = (bytes) => put(bytes, 0, anyElement());
export const otherScalar: Contents = (bytes) => engine.evaluate(bytes, other);
const movesUp: Contents = (bytes) => joined(bytes.slice(width), bytes.slice(-width));
const repeats: Contents = (bytes) => put(bytes, 1, at(bytes, 0));
const swaps: Contents = (bytes) => joined(at(bytes, 1), at(bytes, 0), bytes.slice(2 * width));
const rotates: Contents = (bytes) => joined(bytes.slice(width), at(bytes, 0));
const someOther: Contents = (bytes) => put(bytes, 3, engine.evaluate(at(bytes, 3), other));
/** The plain sum stays: only weights show it. */
const balances: Contents = (bytes) => {
  const shift = drawScalar(random);
  const minus = engine.evaluate(commitScalar(shift), minusOne);
  const one = addElements(at(bytes, 0), commitScalar(shift));
  return put(put(bytes, 0, one), 1, addElements(at(bytes, 1), minus));
};
const identity: Contents = (bytes) => put(bytes, 0, new Uint8Array(width));
const noElement: Contents = (bytes) => put(bytes, 0, new Uint8Array(width).fill(255));

/** ℓ − 1, little-endian: RFC 9496, 4.4. */
const minusOne = new Uint8Array(
  Buffer.from('ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex'),
);

interface Place {
  readonly id: string;
  readonly role: Role;
  readonly setting: string;
  readonly by: string;
  readonly message: string;
  /** Who gets the chunk from the deviating station, and who owns the list. */
  readonly next: string;
  readonly owner: string;
}

/** The first list at a hop: who is that hop, and who gets what it makes. */
const hop = ({ setting, parties }: Pick<Cast, 'setting' | 'parties'>, number: number): Place => {
  const at = (i: number): string => parties[i % parties.length] as string;
  const name = setting === 'counts' ? '' : `${setting}-`.replaceAll(/[^a-z]+/g, '-');
  return {
    id: setting.includes('light') ? `light-hop-${number}` : `${name}hop-${number}`,
    role: 'hop',
    setting,
    by: at(number),
    message: `elements of \`stream/0/${number}\``,
    next: at(number + 1),
    owner: at(0),
  };
};
const peer = (setting: string, by: 'alpha' | 'beta'): Place => {
  const owner = by === 'beta' ? 'alpha' : 'beta';
  const id = `${setting === 'direct' ? 'direct' : 'light-direct'}-${by}`;
  const message = `elements of \`returned/${by === 'beta' ? 0 : 1}/1\``;
  return { id, role: 'peer', setting, by, message, next: owner, owner };
};

/** The station's answer to one chunk, or to every chunk, of the list at this place is another. */
export function spoil(
  where: Pick<Place, 'by' | 'setting'>,
  contents: Contents,
  which: 'first' | 'every',
  list = 0,
) {
  return (play: Play): void => {
    const isDirect = where.setting.startsWith('direct');
    play.vault(where.by)[isDirect ? 'evaluatePeer' : 'evaluate'] = async (next, args) => {
      const start = (isDirect ? args[1] : args[2]) as number;
      const got = (args[isDirect ? 2 : 3] as Uint8Array).slice();
      const honest = (await next()) as Uint8Array;
      if ((!isDirect && args[1] !== list) || (which === 'first' && start > 0)) return honest;
      play.fired += 1;
      return contents(honest, got);
    };
  };
}

interface Deed {
  readonly id: string;
  readonly deed: string;
  readonly contents: Contents;
  readonly which?: 'every';
  readonly code?: ErrorCode;
}

const valid: readonly Deed[] = [
  { id: 'dropped', deed: 'drops an element: the others move up, the last comes twice', contents: movesUp },
  { id: 'repeated', deed: 'repeats an element in place of the next', contents: repeats },
  { id: 'swapped', deed: 'swaps two', contents: swaps },
  { id: 'reordered', deed: 'reorders a chunk', contents: rotates },
  { id: 'substituted', deed: 'substitutes an element of its own', contents: substitutes },
  { id: 'other-all', deed: 'uses another scalar for all', contents: otherScalar, which: 'every' },
  { id: 'other-some', deed: 'uses another scalar for some', contents: someOther },
  {
    id: 'untouched',
    deed: 'uses no scalar: gives back what it got',
    contents: (_, got) => got,
    which: 'every',
  },
  { id: 'balanced', deed: 'adds to one what it takes from another', contents: balances },
];
const invalid: readonly Deed[] = [
  { id: 'identity', deed: 'gives the identity', contents: identity, code: 'element.identity' },
  { id: 'encoding', deed: 'gives bytes that are no element', contents: noElement, code: 'element.encoding' },
];

const isOfTwo = (setting: string): boolean => setting.startsWith('direct') || setting === 'counts of two';

function rowOf(where: Place, { id, deed, contents, which, code }: Deed, outcome?: Outcome): Row {
  const { role, setting, by, message, next, owner } = where;
  // Between two there is one hop.
  const named = isOfTwo(setting) ? 'who did it' : 'the hops of the list';
  const proof = ends('chain.proof', 'the proof over the whole list', [owner], named);
  const door = ends(code ?? 'chain.proof', 'the only door in for elements', [next]);
  return {
    id: `contents-${where.id}-${id}`,
    role,
    setting,
    message,
    deed,
    by: [by],
    deviate: spoil(where, contents, which ?? 'first'),
    outcome: outcome ?? (code === undefined ? proof : door),
  };
}

const light = hop({ ...three, setting: 'counts, light' }, 1);
const lightMatches = hop({ ...three, setting: 'matches, light' }, 1);
const lightPeer = peer('direct, light', 'beta');
const deed = (id: string): Deed => valid.find((one) => one.id === id) as Deed;
const form = 'The light form';
const twoTags = ends(
  'chain.sorted',
  'two tags of a list are never equal',
  ['alpha'],
  'nobody: in the light form any hop, or we ourselves',
);

const everyDeed = (where: Place): Row[] => [...valid, ...invalid].map((one) => rowOf(where, one));

export const fourContentRows: readonly Row[] = [1, 2, 3].flatMap((number) => everyDeed(hop(four, number)));
export const contentRows: readonly Row[] = [
  ...[hop(two, 1), hop(three, 1), hop(three, 2), peer('direct', 'beta'), peer('direct', 'alpha')].flatMap(
    everyDeed,
  ),
  // What the verified form finds, the light form does not: were it otherwise, the rows above would show nothing.
  rowOf(light, deed('dropped'), twoTags),
  rowOf(light, deed('repeated'), twoTags),
  rowOf(light, deed('swapped'), harmless('nothing: a count does not know positions')),
  rowOf(light, deed('substituted'), undetected(form, 'a count is wrong')),
  rowOf(light, deed('other-all'), undetected(form, 'all counts with that list are wrong')),
  rowOf(light, deed('other-some'), undetected(form, 'a count is wrong')),
  {
    ...rowOf(lightMatches, deed('reordered'), undetected(form, 'other records match')),
    id: 'contents-light-matches-reordered',
  },
  {
    ...rowOf(lightMatches, deed('swapped'), undetected(form, 'other records match')),
    id: 'contents-light-matches-swapped',
  },
  rowOf(
    lightPeer,
    {
      id: 'other-all',
      deed: 'gives tags of another scalar',
      contents: (bytes) => random(bytes.length),
      which: 'every',
    },
    undetected(form, 'nothing matches'),
  ),
];
