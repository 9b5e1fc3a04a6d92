/**
 * What an attacker hears, knows and computes about elements.
 *
 * Purpose: frames that a node receives; what its vault was told of a session; H(x), and multiples by scalars that he
 * knows; a search for any of it in what he heard.
 * Assumes: taps are set before the session. Does not know: what the victim holds.
 */
import type { NodeOptions } from '@tallystick/node/daemon';
import type { FreezeSession, OpenSession } from '@tallystick/node/vault';
import type { Channel, CoordinatorLink } from '@tallystick/host/channel';
import {
  createReferenceEngine,
  drawScalar,
  elementDst,
  expandMessage,
  sentinelDst,
  sentinelMessage,
  tagElements,
} from '@tallystick/protocol/suite';
import type { Insides } from '../session/world.ts';

export const engine = createReferenceEngine();
export const unit = 32;

/** The scalar that `vault-weak.mjs` draws from a byte. */
export const scalarOf = (byte: number): Uint8Array => drawScalar(() => new Uint8Array(64).fill(byte));

/** Keeps every frame that a node receives, decrypted. */
export function hearing(options: NodeOptions, heard: Uint8Array[]): NodeOptions {
  const { connect } = options;
  if (connect === undefined) throw new Error('no link to listen to');
  const listen = (channel: Channel): Channel => ({
    facts: channel.facts,
    counters: channel.counters,
    closed: channel.closed,
    send: (frame) => channel.send(frame),
    close: (code) => channel.close(code),
    async receive() {
      const frame = await channel.receive();
      if (frame !== undefined) heard.push(frame.slice());
      return frame;
    },
    async *[Symbol.asyncIterator]() {
      for await (const frame of channel) {
        heard.push(frame.slice());
        yield frame;
      }
    },
  });
  return {
    ...options,
    async connect(identity): Promise<CoordinatorLink> {
      const link = await connect(identity);
      return {
        get state() {
          return link.state;
        },
        closed: link.closed,
        dial: async (peer, expected, tag) => listen(await link.dial(peer, expected, tag)),
        onRing: (handler) =>
          link.onRing((ring) =>
            handler({ ...ring, accept: async (expected) => listen(await ring.accept(expected)) }),
          ),
        onState: (handler) => link.onState(handler),
        directory: () => link.directory(),
        close: () => link.close(),
      };
    },
  };
}

/** What one node knows of the session that runs. */
export interface Known {
  request?: OpenSession;
  terms?: FreezeSession;
  /** What others sent to be evaluated, by list; in the direct form the peer's list is number −1. */
  readonly evaluated: Map<number, Uint8Array[]>;
  /** The own list as it came back from all hops, in the order of the first stream. */
  readonly returned: Uint8Array[];
  /** What it sent the collector. */
  readonly tags: Uint8Array[];
}

/** Notes what a node's vault is told and says. Replaces steps of a session before. */
export function know({ steps }: Insides): Known {
  const known: Known = { evaluated: new Map(), returned: [], tags: [] };
  const note = (list: number, bytes: Uint8Array): void => {
    known.evaluated.set(list, [...(known.evaluated.get(list) ?? []), bytes.slice()]);
  };
  steps.openSession = (next, args) => {
    known.request = args[0] as OpenSession;
    return next();
  };
  steps.freeze = (next, args) => {
    known.terms = args[1] as FreezeSession;
    return next();
  };
  steps.evaluate = (next, args) => {
    note(args[1] as number, args[3] as Uint8Array);
    return next();
  };
  steps.evaluatePeer = (next, args) => {
    note(-1, args[2] as Uint8Array);
    return next();
  };
  steps.finishChain = (next, args) => {
    known.returned.push((args[2] as Uint8Array).slice());
    return next();
  };
  steps.readSortedTags = async (next) => {
    const tags = (await next()) as Uint8Array;
    known.tags.push(tags.slice());
    return tags;
  };
  return known;
}

/** scalar · H(x) for passports, in order: what blinding them in this session gives. */
export function blinded(numbers: readonly string[], { request }: Known, scalar: Uint8Array): Uint8Array {
  if (request === undefined) throw new Error('no session');
  const dst = elementDst(request.agreementId);
  const uniform = numbers.map((number) => expandMessage(new TextEncoder().encode(`passport:${number}`), dst));
  return engine.hashAndBlind(new Uint8Array(Buffer.concat(uniform)), scalar);
}

/** Units of a flat array. */
export function units(bytes: Uint8Array, width: number = unit): Uint8Array[] {
  return Array.from({ length: bytes.length / width }, (_, i) => bytes.slice(i * width, (i + 1) * width));
}

export const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/**
 * F(x) of the identifiers of an own list, by number, where the owner's scalars are `vault-weak.mjs`'s: k and r are one,
 * so that what came back is F already, in the order of the blinded elements, sentinels among them.
 */
export function ownF(numbers: readonly string[], known: Known, scalar: Uint8Array): Map<string, Uint8Array> {
  const { request, terms } = known;
  if (request === undefined || terms === undefined) throw new Error('no session');
  const dst = sentinelDst(request.agreementId);
  const sentinels = Array.from({ length: terms.sentinels }, (_, i) =>
    expandMessage(sentinelMessage(terms.tagContext, i), dst),
  );
  const stream = joined([blinded(numbers, known, scalar), engine.hashAndBlind(joined(sentinels), scalar)]);
  const own = units(stream).map((element, i) => ({ element, number: numbers[i] ?? `sentinel ${i}` }));
  own.sort((a, b) => Buffer.compare(a.element, b.element));
  const back = units(joined(known.returned));
  return new Map(own.map(({ number }, i) => [number, back[i] as Uint8Array]));
}

/** Tags of elements in a session. */
export function tagged(elements: Uint8Array, { terms }: Known): Uint8Array {
  if (terms === undefined) throw new Error('no session');
  return tagElements(elements, terms.tagContext, terms.tagBytes);
}

/** How often any of these bytes, or their hex, occurs in what was heard. */
export function occurrences(heard: readonly Uint8Array[], needles: readonly Uint8Array[]): number {
  let count = 0;
  const frames = heard.map((frame) => Buffer.from(frame));
  for (const needle of needles) {
    for (const form of [Buffer.from(needle), Buffer.from(Buffer.from(needle).toString('hex'))]) {
      for (const frame of frames) {
        for (let at = frame.indexOf(form); at >= 0; at = frame.indexOf(form, at + 1)) count += 1;
      }
    }
  }
  return count;
}
