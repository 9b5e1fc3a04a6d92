/**
 * Ways to tamper with frames: which, and what becomes of them.
 *
 * Purpose: the deeds of rows are put together from these. A message that is changed is signed again by who sends it.
 * Assumes: frames are the product's own. Does not know: sessions, expectations.
 */
import {
  encodeMessage,
  frameHeaderBytes,
  isJsonFrame,
  type Message,
  type MessageOf,
  type MessageType,
  messageTypes,
  parseMessage,
  type SignedType,
  type StreamKind,
} from '@tallystick/protocol/wire';
import type { Play } from './play.ts';

const maxMessageBytes = 1 << 20;
const kinds: readonly (StreamKind | undefined)[] = [
  undefined,
  'stream',
  'returned',
  'tags',
  'marks',
  'labels',
];

/** What a frame says it is; undefined for a hello. */
export function messageOf(frame: Uint8Array): Message | undefined {
  if (!isJsonFrame(frame)) return undefined;
  const { type } = JSON.parse(new TextDecoder().decode(frame)) as { type: string };
  return messageTypes.includes(type as MessageType) ? parseMessage(frame, maxMessageBytes) : undefined;
}

export interface ChunkPlace {
  readonly kind: StreamKind;
  readonly list?: number;
  readonly hop?: number;
  readonly chunk?: number;
}

export type Pick = (frame: Uint8Array, peer: string) => boolean;
export type Change = (frame: Uint8Array, play: Play) => readonly Uint8Array[];

/** Messages of a type, to one peer where it is named, and of which `where` is true. */
export function message<T extends MessageType>(
  type: T,
  to?: string,
  where: (body: MessageOf<T>) => boolean = () => true,
): Pick {
  return (frame, peer) => {
    const found = messageOf(frame);
    return found?.type === type && (to === undefined || to === peer) && where(found as MessageOf<T>);
  };
}

/** Chunks of a stream. */
export function chunk({ kind, list, hop, chunk: number }: ChunkPlace): Pick {
  return (frame) =>
    !isJsonFrame(frame) &&
    kinds[frame[1] ?? 0] === kind &&
    (list === undefined || frame[2] === list) &&
    (hop === undefined || frame[3] === hop) &&
    (number === undefined || frame[7] === number);
}

/** The deviating station sends something else in place of frames: the first that fits, or every one. */
export function sends(station: string, pick: Pick, change: Change, which: 'first' | 'every' = 'every') {
  return (play: Play): void => {
    let done = false;
    play.send(station, (peer, frame) => {
      if ((done && which === 'first') || !pick(frame, peer)) return undefined;
      done = true;
      play.fired += 1;
      return change(frame, play);
    });
  };
}

/** The deviating station does not look at frames that fit, but for the first `after`. */
export function ignores(station: string, pick: Pick, after = 0) {
  return (play: Play): void => {
    let seen = 0;
    play.take(station, (peer, frame) => (pick(frame, peer) && ++seen > after ? [] : undefined));
  };
}

export const all =
  (...deviations: readonly ((play: Play) => void)[]) =>
  (play: Play): void => {
    for (const deviate of deviations) deviate(play);
  };

export const drop: Change = () => [];
export const twice: Change = (frame) => [frame, frame.slice()];
export const withByte =
  (at: number, change: (byte: number) => number): Change =>
  (frame) => {
    const out = frame.slice();
    const index = at < 0 ? out.length + at : at;
    out[index] = change(out[index] as number);
    return [out];
  };

/** Changes fields of a message; its sender signs it again where it is a signed one. */
export function edit<T extends MessageType>(
  station: string,
  change: (body: MessageOf<T>, play: Play) => Partial<MessageOf<T>> & Record<string, unknown>,
): Change {
  return (frame, play) => {
    const body = messageOf(frame) as MessageOf<T>;
    return [signedFrame(play, station, { ...body, ...change(body, play) })];
  };
}

/** A frame of a message in the name of a station, signed with its key where messages of its type are. */
export function signedFrame(play: Play, station: string, body: Record<string, unknown>): Uint8Array {
  const { signature: _, ...rest } = body;
  return 'signature' in body
    ? encodeMessage(play.sign(station, rest as { type: SignedType }))
    : new TextEncoder().encode(JSON.stringify(body));
}

/** A byte of the signature is another. */
export const forge: Change = (frame) => {
  const body = messageOf(frame) as Message & { signature: string };
  const last = body.signature.endsWith('0') ? '1' : '0';
  return [encodeMessage({ ...body, signature: body.signature.slice(0, -1) + last } as Message)];
};

/** The payload of a chunk is another. */
export const payload =
  (change: (bytes: Uint8Array) => Uint8Array): Change =>
  (frame) => [framed(frame, change(frame.slice(frameHeaderBytes)))];

export function framed(like: Uint8Array, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(frameHeaderBytes + bytes.length);
  out.set(like.subarray(0, frameHeaderBytes));
  out.set(bytes, frameHeaderBytes);
  return out;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** The first frame that fits leaves after the next one to the same peer of which `next` is true. */
export function swaps(station: string, pick: Pick, next: Pick) {
  return (play: Play): void => {
    let waiting: { peer: string; frame: Uint8Array } | undefined;
    play.send(station, (peer, frame) => {
      if (waiting === undefined) {
        if (play.fired > 0 || !pick(frame, peer)) return undefined;
        waiting = { peer, frame: frame.slice() };
        return [];
      }
      if (waiting.peer !== peer || !next(frame, peer)) return undefined;
      const before = waiting.frame;
      waiting = undefined;
      play.fired += 1;
      return [frame, before];
    });
  };
}

/** The network keeps what the station sends to a peer from the first frame that fits on. */
export const holds = (station: string, pick: Pick) => (play: Play) => play.holdFrom(station, pick);

/** The network keeps frames of an honest station. */
export const keepsBack = (station: string, pick: Pick) => (play: Play) =>
  play.send(station, (peer, frame) => (pick(frame, peer) ? [] : undefined));

/** An honest station is so slow at a call of its vault that the session is over first. */
export function stalls(station: string, method: 'match' | 'evaluate') {
  return (play: Play): void => {
    let release: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      release = resolve;
    });
    const steps = play.vault(station);
    steps.endSession = (next) => {
      release();
      return next();
    };
    steps[method] = async (next) => {
      await over;
      return next();
    };
  };
}

/** beta says this instead of that. */
export function instead(type: SignedType, body: (own: Record<string, unknown>) => Record<string, unknown>) {
  return sends('beta', message(type), (frame, play) => [
    signedFrame(play, 'beta', body(messageOf(frame) as unknown as Record<string, unknown>)),
  ]);
}
