/**
 * Rows of proposals, consents, refusals and freezes that say something else.
 */
import type { ErrorCode } from '@tallystick/protocol/errors';
import type { MessageOf } from '@tallystick/protocol/wire';
import { agreementId } from '@tallystick/protocol/agreement';
import { fingerprintOfKey } from '@tallystick/protocol/signature';
import {
  commitScalar,
  createPossession,
  drawScalar,
  elementDst,
  possessionRandomBytes,
} from '@tallystick/protocol/suite';
import { edit, instead, message, messageOf, sends, signedFrame } from '../frames.ts';
import { ends, without } from '../outcomes.ts';
import type { Play } from '../play.ts';
import type { Named, Row } from '../row.ts';
import { hex } from './change.ts';
import { random } from './contents.ts';

const zeros = (bytes: number): string => '00'.repeat(bytes);
const everybody = without('beta');
type Consent = MessageOf<'consent'>;

function consent(
  id: string,
  deed: string,
  fields: (body: Consent, play: Play) => Partial<Consent>,
  [code, check, named, at]: readonly [ErrorCode, string, (Named | undefined)?, (readonly string[])?],
  [by, to]: readonly [string, string?] = ['beta'],
): Row {
  return {
    id: `consent-${id}`,
    role: by === 'coordinator' ? 'collector' : 'party',
    setting: 'counts',
    message: '`consent`',
    deed,
    by: [by],
    deviate: sends(
      by,
      message('consent', to),
      edit<'consent'>(by, (body, play) => fields(body, play)),
    ),
    outcome: ends(code, check, at ?? (to === undefined ? without(by) : [to]), named),
  };
}

/** A charged session as a consent states it. */
function charged(digits: string, records: number, parties = 3): Consent['ledger'][number] {
  const list = { version: '33'.repeat(32), microEpsilon: 0, femtoDelta: 0, records };
  const lists = Array.from({ length: parties }, () => list);
  return { session: digits.repeat(16), collectors: [], terms: '44'.repeat(32), lists, kept: false };
}

/** Until somebody accepts what a partner showed, nothing runs with it. */
async function acceptsLedger({ stage }: Play): Promise<void> {
  const alpha = stage.world.node('alpha');
  const suspended = (await alpha.call('ledger.show', {})).filter(({ state }) => state === 'suspended');
  if (suspended.length === 0) throw new Error('want a suspended ledger');
  for (const { ledger } of suspended) await alpha.call('ledger.accept', { ledger });
}

/** What ended before the freeze has started nothing, and cost nothing. */
async function chargesNobody({ stage, session }: Play): Promise<void> {
  for (const id of ['alpha', 'gamma']) {
    const { entries } = await stage.world.node(id).call('audit.show', { limit: 100 });
    const types = entries.flatMap((entry) => (entry.session === session ? [entry.type] : []));
    if (!types.includes('propose') || types.includes('ledger') || types.includes('start'))
      throw new Error(`${id}: want a session that did not start, got ${types.join(', ')}`);
  }
}

/** beta greets who dials it with another hello. */
function greets(id: string, deed: string, fields: object, code: ErrorCode, check: string): Row {
  const isHello = (frame: Uint8Array): boolean =>
    frame[0] === 0x7b && (JSON.parse(new TextDecoder().decode(frame)) as { type: string }).type === 'hello';
  return {
    id: `hello-${id}`,
    role: 'party',
    setting: 'counts',
    message: '`hello`',
    deed,
    by: ['beta'],
    deviate: sends('beta', isHello, (frame) => [
      new TextEncoder().encode(
        JSON.stringify({ ...(JSON.parse(new TextDecoder().decode(frame)) as object), ...fields }),
      ),
    ]),
    outcome: ends(code, check, ['alpha'], undefined, { atOnce: true }),
  };
}

const size = 'sizes are 1 to the largest permitted';
const possession = 'a proof of possession, bound to node and proposal';
const equal = 'all froze the same consents';

/** beta says its consent only when it has heard alpha's, and takes K and its proof from there. */
function replaysPossession(play: Play): void {
  const waiting: { peer: string; frame: Uint8Array }[] = [];
  play.send('beta', (peer, frame) => {
    if (messageOf(frame)?.type !== 'consent') return undefined;
    waiting.push({ peer, frame: frame.slice() });
    return [];
  });
  play.take('beta', (_, frame) => {
    const said = messageOf(frame);
    if (said?.type !== 'consent' || said.from !== 'alpha') return undefined;
    const { keyCommitment, possession: proof } = said;
    const tell = (): void => {
      if (waiting.length < 3) return void setTimeout(tell, 5);
      play.fired += 1;
      for (const { peer, frame: own } of waiting) {
        const body = { ...(messageOf(own) as Consent), keyCommitment, possession: proof };
        play.inject('beta', peer, signedFrame(play, 'beta', body));
      }
    };
    tell();
    return undefined;
  });
}

const notAlpha = ['beta', 'gamma', 'coordinator'];
/** A key that nobody pinned. */
const strange = '11'.repeat(32);

/** K and a good proof of it, made for an earlier proposal. */
function earlierPossession(body: Consent, play: Play): Partial<Consent> {
  const proposal = play.sent.map(({ frame }) => messageOf(frame)).find((said) => said?.type === 'proposal');
  const { agreement } = proposal as MessageOf<'proposal'>;
  const k = drawScalar(random);
  const statement = {
    dst: elementDst(agreementId(agreement)),
    nodeId: body.from,
    proposalHash: random(32), // of a proposal that was
  };
  const proof = createPossession(k, statement, random(possessionRandomBytes));
  return { keyCommitment: hex(commitScalar(k)), possession: hex(proof) };
}

export const openingRows: readonly Row[] = [
  greets('version', 'speaks no version of ours', { versions: [2] }, 'wire.version', 'a version in common'),
  greets('field', 'adds a field', { note: 'psst' }, 'wire.message', 'the schema of a message'),
  {
    ...consent('earlier-possession', 'replays K and its proof of an earlier session', earlierPossession, [
      'consent.possession',
      possession,
    ]),
    also: chargesNobody,
  },
  consent(
    'ledger-order',
    'states sessions out of order',
    ({ identifiers }) => ({ ledger: [charged('22', identifiers), charged('11', identifiers)] }),
    ['wire.message', 'a statement is rows of all parties, increasing by session'],
  ),
  {
    id: 'consent-ledger',
    role: 'peer',
    setting: 'direct',
    message: '`consent`',
    deed: 'states a session that nobody else knows',
    by: ['beta'],
    deviate: sends(
      'beta',
      message('consent'),
      edit<'consent'>('beta', () => ({ ledger: [charged('11', 5, 2)] })),
    ),
    outcome: ends('privacy.ledger', 'both sides’ ledgers are compared', ['alpha'], 'both ends, or the other'),
    also: acceptsLedger,
  },
  consent('empty', 'announces no identifier', () => ({ identifiers: 0 }), ['chain.count', size]),
  consent('large', 'announces more than is permitted', () => ({ identifiers: 2 ** 24 + 1 }), [
    'chain.count',
    size,
  ]),
  consent(
    'other-size',
    'lies about its size: announces more to one party',
    ({ identifiers }) => ({ identifiers: identifiers + 1 }),
    ['consent.mismatch', equal, undefined, everybody],
    ['beta', 'alpha'],
  ),
  consent('other-proposal', 'consents to another proposal', () => ({ proposalHash: zeros(32) }), [
    'consent.mismatch',
    'a consent names the proposal',
  ]),
  consent(
    'log-unsigned',
    'shows a head of its audit log that it did not sign',
    ({ log }) => ({ log: log && { ...log, head: log.head.replace(/\n[0-9]+\n/, '\n1000000\n') } }),
    ['log.note', 'a head of its own log, signed'],
  ),
  consent('no-key', 'brings no K', () => ({ keyCommitment: null, possession: null }), [
    'consent.possession',
    possession,
  ]),
  consent('no-possession', 'brings K without a proof', () => ({ possession: zeros(64) }), [
    'consent.possession',
    possession,
  ]),
  consent(
    'channel',
    'names another channel',
    ({ channels }) => ({ channels: channels.map((one) => ({ ...one, exporterHash: zeros(32) })) }),
    ['consent.mismatch', 'both ends of a channel sign the same', 'both ends, or the other'],
  ),
  consent(
    'channel-role',
    'says that it dialled who dialled it',
    ({ channels }) => ({
      channels: channels.map((one) => ({ ...one, role: one.role === 'client' ? 'server' : 'client' })),
    }),
    ['consent.mismatch', 'both ends of a channel sign the same', 'both ends, or the other'],
  ),
  consent('channel-less', 'leaves a channel out', ({ channels }) => ({ channels: channels.slice(1) }), [
    'wire.message',
    'one channel to each other station',
  ]),
  consent(
    'collector-list',
    'brings a list',
    () => ({ identifiers: 5 }),
    ['wire.message', 'a collector brings no list and no key'],
    ['coordinator'],
  ),
  {
    id: 'consent-replayed-possession',
    role: 'party',
    setting: 'counts',
    message: '`consent`',
    deed: 'replays K and its proof of another party',
    by: ['beta'],
    deviate: replaysPossession,
    outcome: ends('consent.possession', possession, everybody),
  },
  {
    id: 'freeze-other',
    role: 'party',
    setting: 'counts',
    message: '`freeze`',
    deed: 'freezes other consents',
    by: ['beta'],
    deviate: sends(
      'beta',
      message('freeze'),
      edit<'freeze'>('beta', () => ({ consentsHash: zeros(32) })),
    ),
    outcome: ends('consent.mismatch', equal, everybody),
  },
  {
    id: 'proposal-two',
    role: 'proposer',
    setting: 'counts',
    message: '`proposal`',
    deed: 'proposes another purpose to one party',
    by: ['alpha'],
    deviate: sends(
      'alpha',
      message('proposal', 'gamma'),
      edit<'proposal'>('alpha', ({ agreement }) => ({ agreement: { ...agreement, purpose: 'another' } })),
    ),
    outcome: ends('consent.mismatch', 'a consent names the proposal', ['beta', 'gamma', 'coordinator']),
  },
  {
    id: 'proposal-expired',
    role: 'proposer',
    setting: 'counts',
    message: '`proposal`',
    deed: 'proposes what has expired',
    by: ['alpha'],
    deviate: sends(
      'alpha',
      message('proposal'),
      edit<'proposal'>('alpha', () => ({ expiresAtMs: 1 })),
    ),
    outcome: ends('consent.expired', 'a proposal expires', ['beta', 'gamma', 'coordinator'], 'who did it'),
  },
  {
    id: 'proposal-key',
    role: 'proposer',
    setting: 'counts',
    message: '`proposal`',
    deed: 'names another key for a party',
    by: ['alpha'],
    deviate: sends(
      'alpha',
      message('proposal'),
      edit<'proposal'>('alpha', ({ agreement }) => ({
        agreement: {
          ...agreement,
          parties: agreement.parties.map((one) =>
            one.id === 'gamma' ? { ...one, publicKey: strange } : one,
          ),
        },
      })),
    ),
    outcome: ends('agreement.invalid', 'a fingerprint is of the key beside it', notAlpha),
  },
  {
    id: 'proposal-pin',
    role: 'proposer',
    setting: 'counts',
    message: '`proposal`',
    deed: 'names another key for a party, and its fingerprint',
    by: ['alpha'],
    deviate: sends(
      'alpha',
      message('proposal'),
      edit<'proposal'>('alpha', ({ agreement }) => ({
        agreement: {
          ...agreement,
          parties: agreement.parties.map((one) =>
            one.id === 'gamma'
              ? { ...one, publicKey: strange, fingerprint: fingerprintOfKey(Buffer.from(strange, 'hex')) }
              : one,
          ),
        },
      })),
    ),
    outcome: ends('consent.refused', 'the guard: pins are the only word on keys', notAlpha, undefined, {
      // alpha's own consent is to the proposal that it made.
      collectorFinds: 'consent.mismatch',
    }),
  },
  {
    id: 'refusal-foreign',
    role: 'party',
    setting: 'counts',
    message: '`refusal`',
    deed: 'refuses in the name of another',
    by: ['beta'],
    deviate: instead('consent', (body) => ({
      type: 'refusal',
      session: body['session'],
      from: 'gamma',
      proposalHash: body['proposalHash'],
      reasons: ['purpose.unclear'],
      signature: '',
    })),
    outcome: ends('consent.signature', 'who signs is who holds the channel', everybody),
  },
  {
    id: 'refusal-late',
    role: 'party',
    setting: 'counts',
    message: '`refusal`',
    deed: 'refuses when elements are under way',
    by: ['beta'],
    deviate: instead('barrier', (body) => ({
      type: 'refusal',
      session: body['session'],
      from: 'beta',
      proposalHash: zeros(32),
      reasons: ['purpose.unclear'],
      signature: '',
    })),
    outcome: ends('wire.order', 'the table of the session', everybody),
  },
];
