/**
 * Rows of several who deviate together, and of who knows what it must not know.
 */
import {
  addElements,
  commitScalar,
  createReferenceEngine,
  drawScalar,
  encodeScalar,
  expandWeights,
  multiplyElement,
  proveDleq,
  tagElements,
} from '@tallystick/protocol/suite';
import type { FreezeSession, OpenedSession } from '@tallystick/node/vault';
import { all, joined, messageOf } from '../frames.ts';
import { ends, undetected } from '../outcomes.ts';
import type { Play } from '../play.ts';
import type { Row } from '../row.ts';
import { at, otherScalar, put, random, spoil, substitutes } from './contents.ts';

const engine = createReferenceEngine();
const beta = { by: 'beta', setting: 'counts' };
const gamma = { by: 'gamma', setting: 'counts' };
const list = ends('chain.proof', 'the proof over the whole list', ['alpha'], 'the hops of the list');
const order = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;

/** A hop proves its turn on the fold with another scalar than its own. */
function provesWith(station: string, scalar: Uint8Array) {
  return (play: Play): void => {
    play.vault(station).prove = async (next, args) => {
      await next();
      play.fired += 1;
      const { product, proof: text } = proveDleq(
        scalar,
        args[2] as Uint8Array,
        args[3] as Uint8Array,
        random(32),
      );
      return joined(product, text);
    };
  };
}

/** Weights that a hop believes the owner will fold with. */
const guessed = expandWeights(random(32), 0, 64);
const scalarOf = (bytes: bigint): Uint8Array => encodeScalar(((bytes % order) + order) % order);

/** Adds to one element and repairs the sum under the guessed weights with the next: D and −(w₀/w₁)·D. */
function repairs(bytes: Uint8Array): Uint8Array {
  const shift = commitScalar(drawScalar(random));
  const [first, second] = [weightAt(0), weightAt(1)];
  const back = multiplyElement(scalarOf(-first * inverse(second)), shift);
  return put(put(bytes, 0, addElements(at(bytes, 0), shift)), 1, addElements(at(bytes, 1), back));
}

/** 128 bits, little-endian. */
const weightAt = (i: number): bigint =>
  BigInt(
    `0x${Buffer.from(guessed.slice(16 * i, 16 * (i + 1)))
      .reverse()
      .toString('hex')}`,
  );

function inverse(value: bigint): bigint {
  let [result, power, exponent] = [1n, value % order, order - 2n];
  for (; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = (result * power) % order;
    power = (power * power) % order;
  }
  return result;
}

/** The owner folds with the weights that the hop knows: its randomness was foreseen. */
function foldsWithGuessed(play: Play): void {
  const steps = play.vault('alpha');
  const [first, last] = [new Map<number, Uint8Array>(), new Map<number, Uint8Array>()];
  const whole = (chunks: Map<number, Uint8Array>): Uint8Array =>
    joined(...[...chunks].toSorted(([a], [b]) => a - b).map(([, bytes]) => bytes));
  steps.readFirstStream = async (next, args) => {
    const bytes = (await next()) as Uint8Array;
    first.set(args[1] as number, bytes.slice());
    return bytes;
  };
  steps.finishChain = (next, args) => {
    last.set(args[1] as number, (args[2] as Uint8Array).slice());
    return next();
  };
  steps.foldOwn = async (next) => {
    await next();
    return joined(fold(whole(first)), fold(whole(last)));
  };
}

const fold = (bytes: Uint8Array): Uint8Array => engine.weightedSum(bytes, guessed.slice(0, bytes.length / 2));

/** No tag, and nothing that tells one, has left a station. */
function noTagLeft(play: Play): void {
  for (const { from, frame } of play.sent) {
    if (frame[0] === 1 && frame[1] === 3) throw new Error(`${from}: a tag has left`);
    if (messageOf(frame)?.type === 'sentinels') throw new Error(`${from}: its sentinels have left`);
  }
}

/**
 * beta puts z·B among its first elements and returns z·K for a name of alpha's: alpha multiplies z·B by its scalar and
 * finds the two equal, although beta has nothing there.
 */
function forgesMatch(play: Play): void {
  let key = new Uint8Array();
  let terms: FreezeSession | undefined;
  const z = drawScalar(random);
  play.vault('alpha').openSession = async (next) => {
    const opened = (await next()) as OpenedSession;
    key = new Uint8Array(opened.commitment); // public: it stands in alpha's consent
    return opened;
  };
  const steps = play.vault('beta');
  steps.freeze = (next, args) => {
    terms = args[1] as FreezeSession;
    return next();
  };
  steps.readFirstStream = async (next, args) => {
    const bytes = (await next()) as Uint8Array;
    if (args[1] !== 0) return bytes;
    for (;;) {
      // it takes the first place: smaller than the second, which is all that must hold
      const scalar = drawScalar(random);
      const element = commitScalar(scalar);
      if (Buffer.compare(element, at(bytes, 1)) >= 0) continue;
      z.set(scalar);
      return put(bytes, 0, element);
    }
  };
  steps.evaluatePeer = async (next, args) => {
    const units = (await next()) as Uint8Array;
    if (args[1] !== 0 || terms === undefined) return units;
    play.fired += 1;
    // beta's own first chunk may not have been read yet: the element is drawn there
    while (play.sent.every(({ from, frame }) => from !== 'beta' || frame[0] !== 1)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const element = multiplyElement(z, key);
    const { verified, tagContext, tagBytes } = terms;
    units.set(verified ? element : tagElements(element, tagContext, tagBytes), 0);
    return units;
  };
}

const base = { role: 'coalition', setting: 'counts', by: ['beta', 'gamma'] } as const;
const elements = 'elements of `stream/0/1` and `stream/0/2`';
const third = 'The third’s tags are what they want';
const secret = drawScalar(random);

export const coalitionRows: readonly Row[] = [
  {
    ...base,
    id: 'coalition-all-hops',
    message: elements,
    deed: 'all hops of a list substitute elements, each proves what it is asked',
    deviate: all(spoil(beta, substitutes, 'first'), spoil(gamma, substitutes, 'first')),
    outcome: list,
  },
  {
    ...base,
    id: 'coalition-all-hops-light',
    setting: 'counts, light',
    message: elements,
    deed: 'all hops of a list use other scalars',
    deviate: all(spoil(beta, otherScalar, 'every'), spoil(gamma, otherScalar, 'every')),
    outcome: undetected('The light form', 'all counts with that list are wrong'),
  },
  {
    ...base,
    id: 'coalition-one-scalar',
    by: ['beta'],
    message: '`proof` of hop 1',
    deed: 'multiplies a list and its fold by the same other scalar, and proves it',
    deviate: all(
      spoil(beta, (_, got) => engine.evaluate(got, secret), 'every'),
      provesWith('beta', secret),
    ),
    // It proves its turn on gamma's list in the same way.
    outcome: ends('chain.proof', 'the proof of one hop', ['alpha', 'gamma']),
  },
  {
    ...base,
    id: 'coalition-weights-guessed',
    by: ['beta'],
    message: 'weights of the owner',
    deed: 'repairs a substituted element for weights that it guessed',
    deviate: spoil(beta, repairs, 'first'),
    outcome: list,
  },
  {
    ...base,
    id: 'coalition-weights-known',
    setting: 'counts without sentinels',
    by: ['beta'],
    message: 'weights of the owner',
    deed: 'repairs a substituted element for weights that it knows',
    deviate: all(spoil(beta, repairs, 'first'), foldsWithGuessed),
    outcome: undetected('A node whose randomness is foreseen', 'a count is wrong, and the proof holds'),
  },
  {
    ...base,
    id: 'coalition-spoiled-chains',
    setting: 'counts of four',
    by: ['beta', 'coordinator'],
    message: 'elements of the lists of alpha and delta',
    deed: `spoils the chains of two lists to get evaluations of its own. ${third}`,
    deviate: all(spoil(beta, substitutes, 'first', 0), spoil(beta, substitutes, 'first', 2)),
    outcome: ends(
      'chain.proof',
      'no tag before every owner proved its chain',
      ['alpha', 'delta'],
      'the hops of the list',
    ),
    also: noTagLeft,
  },
  {
    ...base,
    id: 'coalition-forged-match',
    role: 'peer',
    // Were beta a receiver, its own software might be the first to see that its own list came back changed.
    setting: 'direct, one receiver',
    by: ['beta'],
    message: 'elements of `returned/0/1`',
    deed: 'forges a match: returns z·K for a name that it does not have, having sent z·B',
    deviate: forgesMatch,
    outcome: list,
  },
  {
    ...base,
    id: 'coalition-forged-match-light',
    role: 'peer',
    setting: 'direct, light',
    by: ['beta'],
    message: 'tags of `returned/0/1`',
    deed: 'forges a match: returns the tag of z·K for a name that it does not have, having sent z·B',
    deviate: forgesMatch,
    outcome: undetected('The light form', 'a name that is not on its list matches'),
  },
];
