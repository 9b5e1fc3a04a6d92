/**
 * Control messages: what stations say to each other as JSON.
 *
 * Purpose: one schema a message; parse refuses everything else by code. Signed messages are signed over their
 * canonical form without `signature`, under their type as domain.
 * Assumes: a channel frame holds one message. Does not know: which message is due (chain/table.ts).
 */
import { z } from 'zod';
import { agreementSchema, stationId } from '../agreement/ephemeral.ts';
import { labelText, maxLabels } from '../agreement/labels.ts';
import { utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { maxCells } from '../privacy/cells.ts';
import { statementRowSchema } from '../privacy/compare.ts';
import { maxLedgerRows } from '../privacy/ledger.ts';
import { approvalSchema, maxApprovals, requestSchema } from '../policy/request.ts';
import { maxParties } from './limits.ts';
import { type Sign, signValue, verifyValue } from './canonical.ts';
import { encodeHex } from '../bytes/index.ts';

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
const count = z.number().int().min(0).max(0xffff_ffff);
const session = hex(16);
const signature = hex(64);
const index = z.number().int().min(0).max(maxParties);
const streamKind = z.enum(['stream', 'returned', 'tags', 'marks', 'labels']);

/** A stream's commitment: SHA-256 over 32 random bytes and the hash of the stream; opened to an adjudicator only. */
const streamCommitment = z.strictObject({ kind: streamKind, list: index, hop: index, commitment: hex(32) });
export type StreamCommitment = z.infer<typeof streamCommitment>;

/** One end's view of the TLS channel to another station, bound into its consent. */
const channelBinding = z.strictObject({
  peer: stationId,
  role: z.enum(['client', 'server']),
  exporterHash: hex(32),
});
export type ChannelBinding = z.infer<typeof channelBinding>;

/** Longest signed notes in a consent: a head with its station's line alone, and one with witnesses' lines. */
const maxHeadChars = 1024;
export const maxWitnessedChars = 8192;

/** A station's audit log at its consent. */
const shownLog = z.strictObject({
  /** A checkpoint over all that it had written before this consent. */
  head: z.string().max(maxHeadChars),
  /** Its newest checkpoint that somebody cosigned; null: none is. */
  witnessed: z.string().max(maxWitnessedChars).nullable(),
});
export type ShownLog = z.infer<typeof shownLog>;

/** A released number, or why there is none. */
const cell = z.union([count, z.enum(['below-minimum', 'complementary', 'padded'])]);
const cells = (least: number) =>
  z
    .array(cell)
    .min(least)
    .max((1 << maxParties) - 1);

const fraction = z.string().regex(/^[1-9][0-9]{0,60}\/[1-9][0-9]{0,60}$/);

/** Counts that were noised, or some of which are withheld: everything that is derived from them is in here. */
const release = z.strictObject({
  exactly: cells(3),
  atLeast: cells(3),
  /** In at least t lists, at t − 1. */
  inAtLeast: cells(2),
  /** Scale (Laplace) or variance (Gaussian) as a fraction of decimal integers; null: exact. */
  noise: z
    .discriminatedUnion('mechanism', [
      z.strictObject({ mechanism: z.literal('laplace'), scale: fraction }),
      z.strictObject({ mechanism: z.literal('gaussian'), variance: fraction }),
    ])
    .nullable(),
});

export type ReleasedCell = z.infer<typeof cell>;
export type ReleasedCounts = z.infer<typeof release>;

const schemas = {
  proposal: z.strictObject({
    type: z.literal('proposal'),
    session,
    proposer: stationId,
    agreement: agreementSchema,
    /** What was asked under a standing agreement, with the proposer's approvals; null without one. */
    request: requestSchema.nullable(),
    caseCommitment: hex(32).nullable(),
    /** The proposer's clock: says to which period of the ledger the session belongs. */
    proposedAtMs: z.number().int().positive(),
    expiresAtMs: z.number().int().positive(),
    nonce: hex(32),
    signature,
  }),
  consent: z.strictObject({
    type: z.literal('consent'),
    session,
    from: stationId,
    proposalHash: hex(32),
    /** Announced number of identifiers; zero for the collector only. */
    identifiers: count,
    /** How many under each label, small ones merged; null for a list without labels, and for the collector. */
    labels: z
      .array(z.strictObject({ labels: z.array(labelText).min(1).max(maxLabels), size: count }))
      .min(1)
      .max(maxLabels)
      .nullable(),
    /** K = k·B and its proof of possession; null for the collector only. */
    keyCommitment: hex(32).nullable(),
    possession: hex(64).nullable(),
    /** Tells versions of a list apart, and nothing else; null for the collector only. */
    listVersion: hex(32).nullable(),
    /** Every session of these parties in this period that the sender has charged, by id. */
    ledger: z.array(statementRowSchema).max(maxLedgerRows),
    channels: z.array(channelBinding).max(maxParties + 1),
    /** What the sender's own people approved, and oversight, where that is its to show; none without a standing agreement. */
    approvals: z.array(approvalSchema).max(maxApprovals),
    /** Null for who keeps no log; under a standing agreement nobody but a collector. */
    log: shownLog.nullable(),
    /** When it was given, by the sender's clock. */
    atMs: z.number().int().positive(),
    signature,
  }),
  refusal: z.strictObject({
    type: z.literal('refusal'),
    session,
    from: stationId,
    proposalHash: hex(32),
    reasons: z
      .array(z.string().regex(/^[a-z][a-z0-9.-]{0,63}$/))
      .min(1)
      .max(32),
    signature,
  }),
  freeze: z.strictObject({
    type: z.literal('freeze'),
    session,
    from: stationId,
    consentsHash: hex(32),
    signature,
  }),
  seal: z.strictObject({
    type: z.literal('seal'),
    session,
    from: stationId,
    kind: streamKind,
    list: index,
    hop: index,
    salt: hex(32),
    commitment: hex(32),
    signature,
  }),
  barrier: z.strictObject({
    type: z.literal('barrier'),
    session,
    from: stationId,
    consentsHash: hex(32),
    /** `complete`: every stream came whole; `proved`: and its own list was evaluated by the scalars behind every K. */
    checked: z.enum(['complete', 'proved']),
    sent: z.array(streamCommitment).max(2 * maxParties),
    received: z.array(streamCommitment).max(2 * maxParties),
    signature,
  }),
  view: z.strictObject({
    type: z.literal('view'),
    session,
    from: stationId,
    transcript: hex(32),
    /** Identifiers on exactly the lists whose bits are set: entry m − 1 is combination m. Null for matches and releases. */
    exactly: z
      .array(count)
      .min(3)
      .max((1 << maxParties) - 1)
      .nullable(),
    /** Where the agreement withholds or noises, or lists are padded; else null. */
    release: release.nullable(),
    /** Where lists have labels: every cell in the order of privacy/cells.ts; else null. */
    cells: z.array(cell).max(maxCells).nullable(),
    salt: hex(32),
    signature,
  }),
  done: z.strictObject({
    type: z.literal('done'),
    session,
    from: stationId,
    transcript: hex(32),
    /** SHA-256(salt ‖ canonical view); null for a station that gets no view. */
    view: hex(32).nullable(),
    signature,
  }),
  /** The owner of a list asks a hop for its turn on the folded stream. Element is never the list's. */
  prove: z.strictObject({
    type: z.literal('prove'),
    session,
    from: stationId,
    list: index,
    hop: index,
    element: hex(32),
    signature,
  }),
  /** A hop's turn on an element, with its proof and the commitments of the two streams it stood between. */
  proof: z.strictObject({
    type: z.literal('proof'),
    session,
    from: stationId,
    list: index,
    hop: index,
    element: hex(32),
    product: hex(32),
    proof: hex(64),
    input: hex(32),
    output: hex(32),
    signature,
  }),
  /** After the barrier, to the collector: which tags are sentinels, increasing, as one hex text. */
  sentinels: z.strictObject({
    type: z.literal('sentinels'),
    session,
    from: stationId,
    tags: z.string().regex(/^([0-9a-f]{2})*$/),
    signature,
  }),
  /** Between two collectors: the commitment to a share of the seed of salt and noise. */
  seed: z.strictObject({ type: z.literal('seed'), session, from: stationId, commitment: hex(32), signature }),
  /** Between two collectors: the share that was committed to. */
  share: z.strictObject({ type: z.literal('share'), session, from: stationId, share: hex(32), signature }),
  credit: z.strictObject({
    type: z.literal('credit'),
    session,
    kind: streamKind,
    list: index,
    hop: index,
    /** Chunks granted since the stream began. */
    chunks: count,
  }),
  alive: z.strictObject({
    type: z.literal('alive'),
    session,
    /** What the sender is doing and how far it is: public sizes only. */
    phase: z.enum(['consent', 'blind', 'stream', 'tags', 'merge']),
    done: count,
    total: count,
  }),
  abort: z.strictObject({ type: z.literal('abort'), session, code: z.number().int().min(1).max(999) }),
};

type Schemas = typeof schemas;
export type MessageType = keyof Schemas;
export type MessageOf<T extends MessageType> = z.infer<Schemas[T]>;
export type Message = { [T in MessageType]: MessageOf<T> }[MessageType];
export type SignedType = Exclude<MessageType, 'credit' | 'alive' | 'abort'>;

export type SignedMessage = { [T in SignedType]: MessageOf<T> }[SignedType];

export const messageTypes = Object.keys(schemas) as readonly MessageType[];

/** UTF-8 JSON of a message. */
export function encodeMessage(message: Message): Uint8Array {
  return utf8(JSON.stringify(message));
}

/** A message from bytes. Throws `wire.length` over the limit, `wire.frame` where it is no JSON, and as `checkMessage`. */
export function parseMessage(bytes: Uint8Array, maxMessageBytes: number): Message {
  if (bytes.length > maxMessageBytes) {
    throw new TallyError(
      'wire.length',
      `message: want at most ${maxMessageBytes} bytes, got ${bytes.length}`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new TallyError('wire.frame', 'message: no UTF-8 JSON');
  }
  return checkMessage(value);
}

/** A message from a JSON value. Throws `wire.type`, or `wire.message` naming the field. */
export function checkMessage(value: unknown): Message {
  const type = (value as { type?: unknown } | null)?.type;
  if (typeof type !== 'string' || !Object.hasOwn(schemas, type)) {
    throw new TallyError('wire.type', 'message.type: not one of this version');
  }
  const result = schemas[type as MessageType].safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new TallyError(
      'wire.message',
      `${type}.${issue?.path.join('.') ?? ''}: ${issue?.code ?? 'invalid'}`,
    );
  }
  return result.data;
}

type Unsigned<T extends SignedType> = Omit<MessageOf<T>, 'signature'>;

/** Completes a message with its signature. */
export function signMessage<T extends SignedType>(body: Unsigned<T> & { type: T }, sign: Sign): MessageOf<T> {
  const signature = encodeHex(signValue(body.type, body, sign));
  return { ...body, signature } as unknown as MessageOf<T>;
}

/** Throws `consent.signature` unless the message is signed by the holder of the key (hex). */
export function verifyMessage(message: MessageOf<SignedType>, publicKey: string): void {
  const { signature, ...body } = message;
  verifyValue(message.type, body, signature, publicKey);
}
