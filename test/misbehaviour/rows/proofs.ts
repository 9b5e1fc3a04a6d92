/**
 * Rows of seals, questions, proofs and barriers.
 */
import { commitScalar, drawScalar, multiplyElement } from '@tallystick/protocol/suite';
import type { MessageOf, SignedType } from '@tallystick/protocol/wire';
import { all, chunk, edit, ignores, message, messageOf, sends, signedFrame, swaps } from '../frames.ts';
import { ends, without } from '../outcomes.ts';
import type { Play } from '../play.ts';
import type { Outcome, Row } from '../row.ts';
import { ahead, change, flipped, hex, zeros } from './change.ts';
import { anyElement, random } from './contents.ts';

const hop1 = ['hop', 'beta', 'counts'] as const;
const owner = ['owner', 'alpha', 'counts'] as const;
const party = ['party', 'beta', 'counts'] as const;
const list0 = (body: { list: number; hop: number }): boolean => body.list === 0 && body.hop === 1;
const seal = ['seal', 'gamma', list0] as const;
const proof = ['proof', 'alpha', list0] as const;
const prove = ['prove', 'beta', list0] as const;
const proofFails = ends('chain.proof', 'the proof of one hop', ['alpha']);
const notAsked = ends('wire.order', 'a proof of who was asked, and for what', ['alpha']);

/** The owner gets an evaluation of its choice, beside those of its list. */
function chosen(setting: 'counts' | 'direct'): Row {
  return {
    id: setting === 'counts' ? 'prove-chosen' : `prove-chosen-${setting}`,
    role: 'owner',
    setting,
    message: '`prove`',
    deed: 'asks about an element of its choice instead of its fold',
    by: ['alpha'],
    deviate: all(
      sends(
        'alpha',
        message('prove', 'beta', list0),
        edit<'prove'>('alpha', () => ({ element: hex(commitScalar(z)) })),
      ),
      ignores('alpha', message('proof', 'beta', list0)),
    ),
    time: 'deadline',
    until: ({ sent }) =>
      sent.some(({ from, to, frame }) => from === 'beta' && message('proof', 'alpha')(frame, to)),
    outcome: ends(
      'session.deadline',
      'nothing: the answer has been given, and its author only lacks a proof',
      without('alpha'),
      undefined,
      { section: 'One evaluation more' },
    ),
    also: hasEvaluation,
  };
}

const proofRows: readonly Row[] = [
  change(
    'seal-place',
    hop1,
    seal,
    'seals a stream that it does not send',
    () => ({ hop: 2 }),
    ends('wire.order', 'the plan of streams', ['gamma']),
  ),
  {
    id: 'seal-early',
    role: 'hop',
    setting: 'counts',
    message: '`seal`',
    deed: 'seals a stream before its last chunk',
    by: ['beta'],
    deviate: swaps(
      'beta',
      chunk({ kind: 'stream', list: 0, hop: 1, chunk: 2 }),
      message('seal', 'gamma', list0),
    ),
    outcome: ends('chain.incomplete', 'a seal comes after the last chunk', ['gamma']),
  },
  change(
    'prove-hop',
    owner,
    prove,
    'asks for the turn of another hop',
    () => ({ hop: 2 }),
    ends('wire.order', 'an owner asks a hop for its own turn', ['beta']),
  ),
  change(
    'prove-list',
    owner,
    prove,
    'asks about a list of another',
    () => ({ list: 2 }),
    ends('wire.order', 'an owner asks a hop for its own turn', ['beta']),
  ),
  change(
    'prove-identity',
    owner,
    prove,
    'asks about the identity',
    () => ({ element: zeros(32) }),
    ends('element.identity', 'the only door in for elements', ['beta']),
  ),
  change(
    'prove-encoding',
    owner,
    prove,
    'asks about bytes that are no element',
    () => ({ element: 'ff'.repeat(32) }),
    ends('element.encoding', 'the only door in for elements', ['beta']),
  ),
  {
    id: 'prove-early',
    role: 'owner',
    setting: 'counts',
    message: '`prove`',
    deed: 'asks before the stream has passed',
    by: ['alpha'],
    deviate: ahead('alpha', chunk({ kind: 'stream', list: 0, hop: 0 }), () => ({
      type: 'prove',
      list: 0,
      hop: 1,
      element: hex(anyElement()),
    })),
    outcome: ends('chain.position', 'a proof is asked for after the whole stream', ['beta']),
  },
  {
    id: 'prove-other',
    role: 'owner',
    setting: 'counts',
    message: '`prove`',
    deed: 'asks a second time, about another element',
    by: ['alpha'],
    deviate: sends('alpha', message('prove', 'beta', list0), (frame, play) => [
      frame,
      signedFrame(play, 'alpha', { ...(messageOf(frame) as MessageOf<'prove'>), element: hex(anyElement()) }),
    ]),
    outcome: ends('chain.position', 'one element a list is multiplied for a proof', ['beta']),
  },
  ...(['counts', 'direct'] as const).map((setting): Row => chosen(setting)),
  {
    id: 'prove-unowed',
    role: 'owner',
    setting: 'direct, one receiver',
    message: '`prove`',
    deed: 'asks though nothing of its list goes back to it',
    by: ['beta'],
    deviate: ahead('beta', chunk({ kind: 'stream', list: 1, hop: 0 }), () => ({
      type: 'prove',
      list: 1,
      hop: 1,
      element: hex(anyElement()),
    })),
    outcome: ends('wire.order', 'only what goes back to its owner is proved', ['alpha']),
  },
  change(
    'proof-byte',
    hop1,
    proof,
    'changes a byte of it',
    ({ proof: text }) => ({ proof: flipped(text) }),
    proofFails,
  ),
  change(
    'proof-product',
    hop1,
    proof,
    'gives another product',
    () => ({ product: hex(anyElement()) }),
    proofFails,
  ),
  change(
    'proof-input',
    hop1,
    proof,
    'names another stream that it got',
    () => ({ input: zeros(32) }),
    proofFails,
  ),
  change(
    'proof-output',
    hop1,
    proof,
    'names another stream that it sent',
    () => ({ output: zeros(32) }),
    proofFails,
  ),
  change('proof-hop', hop1, proof, 'gives it for another hop', () => ({ hop: 2 }), notAsked),
  change('proof-list', hop1, proof, 'gives it for another list', () => ({ list: 2 }), notAsked),
  change(
    'proof-peer',
    ['peer', 'beta', 'direct'],
    ['proof'],
    'gives another product',
    () => ({ product: hex(anyElement()) }),
    proofFails,
  ),
  {
    id: 'proof-unasked',
    role: 'hop',
    setting: 'counts',
    message: '`proof`',
    deed: 'sends one that nobody asked for',
    by: ['gamma'],
    deviate: ahead('gamma', chunk({ kind: 'stream', list: 0, hop: 2 }), () => ({
      type: 'proof',
      list: 0,
      hop: 2,
      element: hex(anyElement()),
      product: hex(anyElement()),
      proof: zeros(64),
      input: zeros(32),
      output: zeros(32),
    })),
    outcome: notAsked,
  },
];

/** z·B, and what hop 1 made of it: z·K, K being public. */
const z = drawScalar(random);
function hasEvaluation({ sent }: Play): void {
  const from = <T extends SignedType>(type: T, to?: string): MessageOf<T> =>
    messageOf(
      sent.find((one) => one.from === 'beta' && message(type, to)(one.frame, one.to))?.frame as Uint8Array,
    ) as MessageOf<T>;
  const key = new Uint8Array(Buffer.from(from('consent').keyCommitment ?? '', 'hex'));
  if (from('proof', 'alpha').product !== hex(multiplyElement(z, key))) throw new Error('want the evaluation');
}

const barrierSays = (code: 'chain.proof' | 'chain.incomplete' | 'consent.mismatch', check: string): Outcome =>
  ends(code, check, without('beta'), code === 'chain.incomplete' ? 'both ends, or the other' : 'who did it');
type Streams = MessageOf<'barrier'>['sent'];
const otherFirst = ([first, ...rest]: Streams): Streams => [
  { ...(first as Streams[number]), commitment: zeros(32) },
  ...rest,
];

const barrierRows: readonly Row[] = [
  change(
    'barrier-unproved',
    party,
    ['barrier'],
    'says that its list came back, but not that it is proved',
    () => ({ checked: 'complete' }),
    barrierSays('chain.proof', 'in the verified form every list is proved'),
  ),
  change(
    'barrier-consents',
    party,
    ['barrier'],
    'names other consents',
    () => ({ consentsHash: zeros(32) }),
    barrierSays('consent.mismatch', 'all froze the same consents'),
  ),
  change(
    'barrier-sent',
    party,
    ['barrier'],
    'names another stream that it sent',
    ({ sent }) => ({ sent: otherFirst(sent) }),
    barrierSays('chain.incomplete', 'both ends of a stream name one commitment'),
  ),
  change(
    'barrier-received',
    party,
    ['barrier'],
    'names another stream that it got',
    ({ received }) => ({ received: otherFirst(received) }),
    barrierSays('chain.incomplete', 'both ends of a stream name one commitment'),
  ),
  change(
    'barrier-less',
    party,
    ['barrier'],
    'leaves out a stream that it sent',
    ({ sent }) => ({ sent: sent.slice(1) }),
    barrierSays('chain.incomplete', 'both ends of a stream name one commitment'),
  ),
  change(
    'barrier-two',
    party,
    ['barrier', 'alpha'],
    'tells one party another barrier than the others',
    ({ sent }) => ({ sent: sent.toReversed() }),
    ends('consent.mismatch', 'all sign one transcript', without('beta')),
  ),
];

export const proofAndBarrierRows: readonly Row[] = [...proofRows, ...barrierRows];
