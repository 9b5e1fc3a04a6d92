/**
 * Rows of proofs that are of somewhere else: of another list, another hop, another session, an earlier turn. The envelope
 * is right (signature, session, list, hop, the moment), so that the proof itself must fail.
 */
import { encodeHex } from '@tallystick/protocol/bytes';
import { canonicalBytes, type MessageOf } from '@tallystick/protocol/wire';
import { edit, message, messageOf, sends, signedFrame } from '../frames.ts';
import { ends } from '../outcomes.ts';
import { type Cast, direct, four, three, two } from '../places.ts';
import type { Play } from '../play.ts';
import type { Absent, Named, Row } from '../row.ts';
import { zeros } from './change.ts';

type Proof = MessageOf<'proof'>;
type Body = Pick<Proof, 'element' | 'product' | 'proof' | 'input' | 'output'>;

/** A hop's turn on a list. */
interface Turn {
  readonly cast: Cast;
  readonly list: number;
  readonly hop: number;
  readonly owner: string;
  readonly prover: string;
}

const turnOf = (cast: Cast, list: number, hop: number): Turn => {
  const at = (i: number): string => cast.parties[i % cast.parties.length] as string;
  return { cast, list, hop, owner: at(list), prover: at(list + hop) };
};
const turns: readonly Turn[] = [
  turnOf(direct, 0, 1),
  turnOf(direct, 1, 1),
  turnOf(two, 0, 1),
  ...[1, 2].map((hop) => turnOf(three, 0, hop)),
  ...[1, 2, 3].map((hop) => turnOf(four, 0, hop)),
];

const isOf =
  ({ list, hop }: Pick<Turn, 'list' | 'hop'>) =>
  (body: { list: number; hop: number }): boolean =>
    body.list === list && body.hop === hop;

/** What the prover's vault binds its proof to, or the element that it proves on, is another; its message names the right one. */
function proves(
  { prover, list }: Turn,
  other: (statement: Readonly<Record<string, unknown>>) => object,
  element: (asked: Uint8Array, play: Play) => Uint8Array = (asked) => asked,
) {
  return (play: Play): void => {
    play.vault(prover).prove = (next, args) => {
      if (args[1] !== list) return next();
      play.fired += 1;
      const statement = JSON.parse(new TextDecoder().decode(args[3] as Uint8Array)) as Record<
        string,
        unknown
      >;
      const bound = canonicalBytes({ ...statement, ...other(statement) });
      return next(args[0], list, element(args[2] as Uint8Array, play), bound);
    };
  };
}

function proofsIn({ sent }: Play): readonly (Proof & { readonly to: string })[] {
  return sent.flatMap(({ frame, to }) => {
    const said = messageOf(frame);
    return said?.type === 'proof' ? [{ ...said, to }] : [];
  });
}

const bodyOf = ({ element, product, proof, input, output }: Body): Body => ({
  element,
  product,
  proof,
  input,
  output,
});

/** The prover keeps its proof until there is another one, and gives that one's body under its own envelope. */
function borrows(turn: Turn, find: (play: Play) => Body | undefined, isRenamed: boolean) {
  return (play: Play): void => {
    play.send(turn.prover, (peer, frame) => {
      if (!message('proof', turn.owner, isOf(turn))(frame, peer)) return undefined;
      const own = messageOf(frame) as Proof;
      const give = (): void => {
        const body = find(play);
        if (body === undefined) return void setTimeout(give, 2);
        play.fired += 1;
        const element = isRenamed ? own.element : body.element;
        const said = signedFrame(play, turn.prover, { ...own, ...bodyOf(body), element });
        play.inject(turn.prover, turn.owner, said);
      };
      give();
      return [];
    });
  };
}

/** Of another list: the prover's own, where it is a hop of several; else the one that it was given. */
const ofAnotherList =
  ({ list, prover, cast }: Turn) =>
  (play: Play): Body | undefined =>
    proofsIn(play).find(
      (one) => one.list !== list && (cast.parties.length > 2 ? one.from === prover : one.to === prover),
    );
const ofHopBefore =
  ({ list, hop }: Turn) =>
  (play: Play): Body | undefined =>
    proofsIn(play).find((one) => one.list === list && one.hop === hop - 1);

/** The same turn of a session before this one. */
function ofSessionBefore(turn: Turn): {
  before: (earlier: Play) => void;
  find: () => Body | undefined;
} {
  let earlier: Body | undefined;
  return {
    before: (play) => {
      earlier = proofsIn(play).find(isOf(turn));
    },
    find: () => earlier,
  };
}

type Played = Pick<Row, 'deviate'> & Partial<Pick<Row, 'before' | 'outcome'>>;
interface Deed {
  readonly id: string;
  readonly deed: string;
  readonly at: (turn: Turn) => Played | string;
}

const noneBefore = 'the first hop has no turn before it';
const bound = (id: string, deed: string, other: (turn: Turn) => object): Deed => ({
  id,
  deed,
  at: (turn) => ({ deviate: proves(turn, () => other(turn)) }),
});

function twice(
  id: string,
  deed: string,
  at: (turn: Turn, isRenamed: boolean) => Played | string,
): readonly Deed[] {
  return [
    { id, deed: `${deed}, with the element that it is about`, at: (turn) => at(turn, false) },
    {
      id: `${id}-renamed`,
      deed: `${deed}, and says that it is about the right element`,
      at: (turn) => at(turn, true),
    },
  ];
}

const deeds: readonly Deed[] = [
  bound('bound-list', 'proves it as if for another list', ({ list, cast }) => ({
    list: (list + 1) % cast.parties.length,
  })),
  bound('bound-hop', 'proves it as if at another hop', ({ hop }) => ({ hop: hop === 1 ? 2 : 1 })),
  bound('bound-session', 'proves it as if in another session', () => ({ consents: zeros(32) })),
  ...twice('list', 'gives the proof of another list', (turn, isRenamed) => ({
    deviate: borrows(turn, ofAnotherList(turn), isRenamed),
  })),
  ...twice('hop', 'gives the proof of the hop before it', (turn, isRenamed) =>
    turn.hop === 1 ? noneBefore : { deviate: borrows(turn, ofHopBefore(turn), isRenamed) },
  ),
  ...twice('session', 'gives its proof of an earlier session', (turn, isRenamed) => {
    const { before, find } = ofSessionBefore(turn);
    return { before, deviate: borrows(turn, find, isRenamed) };
  }),
  ...twice('turn', 'gives a proof on what the hop before it was asked', (turn, isRenamed) => {
    if (turn.hop === 1) return noneBefore;
    const { list, hop, prover, owner } = turn;
    const stale = ({ sent }: Play): string =>
      sent
        .map(({ frame }) => messageOf(frame))
        .flatMap((said) =>
          said?.type === 'prove' && isOf({ list, hop: hop - 1 })(said) ? [said.element] : [],
        )[0] ?? '';
    const onStale = proves(
      turn,
      () => ({}),
      (_, play) => new Uint8Array(Buffer.from(stale(play), 'hex')),
    );
    const named = sends(
      prover,
      message('proof', owner, isOf(turn)),
      edit<'proof'>(prover, (_, play) => ({ element: stale(play) })),
    );
    return {
      deviate: (play) => {
        onStale(play);
        if (!isRenamed) named(play);
      },
    };
  }),
  ...(['input', 'output'] as const).map(
    (field): Deed => ({
      id: `claim-${field}`,
      deed: `proves it for another stream that it ${field === 'input' ? 'got' : 'sent'}, and names that one`,
      at: (turn) => {
        const other = proves(turn, () => ({ [field]: encodeHex(new Uint8Array(32)) }));
        const { prover, owner, hop } = turn;
        const named = sends(
          prover,
          message('proof', owner, isOf(turn)),
          edit<'proof'>(prover, () => ({ [field]: zeros(32) })),
        );
        // Of what hop 1 got, the owner knows what it sent; of what another got, its sender might have said it wrongly.
        const whom: Named = field === 'input' && hop > 1 ? 'both ends, or the other' : 'who did it';
        const check = 'a proof is for the streams of the barriers';
        return {
          deviate: (play) => {
            other(play);
            named(play);
          },
          outcome: ends('chain.proof', check, [owner], whom),
        };
      },
    }),
  ),
];

function rowsOf(turn: Turn): (Row | Absent)[] {
  const { cast, list, hop, owner, prover } = turn;
  const place = {
    role: cast === direct ? ('peer' as const) : ('hop' as const),
    setting: cast.setting,
    message: `\`proof\` of list ${list}, hop ${hop}`,
    by: [prover],
  };
  return deeds.map(({ id, deed, at }): Row | Absent => {
    const played = at(turn);
    if (typeof played === 'string') return { ...place, deed, why: played };
    const name = `proof-of-${id}-${cast.setting}-${list}-${hop}`.replaceAll(/[^a-z0-9]+/g, '-');
    const outcome = ends('chain.proof', 'the proof of one hop', [owner]);
    return { id: name, ...place, deed, outcome, ...played };
  });
}

const everything = turns.map((turn) => ({ turn, made: rowsOf(turn) }));
const isRow = (one: Row | Absent): one is Row => 'id' in one;
const rowsFor = (isFour: boolean): readonly Row[] =>
  everything.filter(({ turn }) => (turn.cast === four) === isFour).flatMap(({ made }) => made.filter(isRow));

export const borrowedRows: readonly Row[] = rowsFor(false);
export const fourBorrowedRows: readonly Row[] = rowsFor(true);
/** Deviations that are none at a turn. */
export const absentBorrowed: readonly Absent[] = everything.flatMap(({ made }) =>
  made.filter((one): one is Absent => !isRow(one)),
);
