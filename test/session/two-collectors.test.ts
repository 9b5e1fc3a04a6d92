/** Two collectors on the real stack: they merge for themselves and agree, or nobody has a result. */
import type { CollectorOptions } from '@tallystick/coordinator/collector';
import { type Channel, connectCoordinator, type CoordinatorLink } from '@tallystick/host/channel';
import type { SigningIdentity } from '@tallystick/host/identity';
import type { ProposeParams } from '@tallystick/node/control';
import {
  encodeMessage,
  isJsonFrame,
  type Message,
  parseMessage,
  signMessage,
} from '@tallystick/protocol/wire';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  countsOf,
  endAt,
  expectSameEnd,
  matchesAmong,
  nothingLeft,
  passports,
  startWorld,
  type World,
} from './world.ts';

const [all, some, own] = [passports(7), passports(5), passports(9)];
const lists = { alpha: [...all, ...some], beta: [...all, ...own], gamma: [...all, ...some] };
const parties = Object.keys(lists);
const both = { collectors: ['notary', 'coordinator'] };

/** What the notary says instead, or undefined: nothing. Absent: what it has to say. */
let lie: ((message: Message) => Message | undefined) | undefined;
/** Called when the notary is about to tell its view. */
let onView: (() => void) | undefined;

/** A collector that lies under its own signature. */
function deviating(options: CollectorOptions): CollectorOptions {
  return {
    ...options,
    connect: async (identity) => {
      const link = await connectCoordinator({ url: options.url, identity });
      const wrap = (channel: Channel): Channel => lying(channel, identity);
      return {
        ...boundTo(link),
        dial: async (...args) => wrap(await link.dial(...args)),
        onRing: (handler) =>
          link.onRing((ring) =>
            handler({
              from: ring.from,
              tag: ring.tag,
              accept: async (expected) => wrap(await ring.accept(expected)),
              reject: (code) => ring.reject(code),
            }),
          ),
      };
    },
  };
}

function boundTo(link: CoordinatorLink): CoordinatorLink {
  return {
    get state() {
      return link.state;
    },
    closed: link.closed,
    dial: (...args) => link.dial(...args),
    onRing: (handler) => link.onRing(handler),
    onState: (handler) => link.onState(handler),
    directory: () => link.directory(),
    close: () => link.close(),
  };
}

function lying(channel: Channel, identity: SigningIdentity): Channel {
  let hasGreeted = false;
  return {
    facts: channel.facts,
    counters: channel.counters,
    closed: channel.closed,
    receive: () => channel.receive(),
    close: (code) => channel.close(code),
    [Symbol.asyncIterator]: () => channel[Symbol.asyncIterator](),
    send: async (frame) => {
      // A channel's first frame is its hello, which no session reads.
      const isHello = !hasGreeted;
      hasGreeted = true;
      if (isHello || !isJsonFrame(frame)) return channel.send(frame);
      const message = parseMessage(frame, 1 << 20);
      if (message.type === 'view') onView?.();
      if (lie === undefined) return channel.send(frame);
      const said = lie(message);
      if (said === undefined) return;
      if (said === message || !('signature' in said)) return channel.send(frame);
      const { signature: _, ...body } = said;
      await channel.send(encodeMessage(signMessage(body as never, (bytes) => identity.sign(bytes))));
    },
  };
}

let world: World;
beforeAll(async () => {
  world = await startWorld({ lists, collectors: ['notary'], adjustCollector: deviating });
});
afterAll(() => world.close());
afterEach(() => {
  lie = undefined;
  onView = undefined;
});

/** Each is another question, so that no ledger returns the answer of the one before. */
let sentinels = 20;
const propose = async (params: ProposeParams): Promise<string> =>
  (await world.node('alpha').call('session.propose', { ...params, sentinels: sentinels++ })).session;

describe('two collectors', () => {
  test('tell all parties the same true counts', async () => {
    const session = await propose(countsOf(['beta', 'gamma'], both));
    const details = await Promise.all(parties.map((id) => endAt(world.node(id), session)));
    for (const detail of details) {
      expect(detail).toMatchObject({ state: 'done', collectors: ['coordinator', 'notary'] });
      const exactly = new Map(detail.counts?.map((row) => [row.in.join(), row.exactly]));
      expect(exactly.get('alpha,beta,gamma')).toBe(all.length);
      expect(exactly.get('alpha,gamma')).toBe(some.length);
      expect(exactly.get('beta')).toBe(own.length);
    }
    await nothingLeft(world);
  });

  test('draw one noise', async () => {
    const privacy = { epsilon: '0.1', identifiersPerRecord: 1 };
    const session = await propose(countsOf(['beta', 'gamma'], { ...both, privacy }));
    const [mine, ...others] = await Promise.all(parties.map((id) => endAt(world.node(id), session)));
    expect(mine).toMatchObject({ state: 'done', release: { noise: { mechanism: 'laplace' } } });
    for (const other of others) expect(other.counts).toEqual(mine?.counts);
    await nothingLeft(world);
  });

  test('return the same matches', async () => {
    const session = await propose(matchesAmong(['beta', 'gamma'], ['alpha', 'beta'], both));
    const details = await Promise.all(parties.map((id) => endAt(world.node(id), session)));
    expect(details.map((detail) => detail.matches?.identifiers)).toEqual([all.length, all.length, undefined]);
    await nothingLeft(world);
  });
});

/** An identifier of all three lists counted once on each list alone: every list is as long as announced. */
const wrong = (exactly: readonly number[]): number[] =>
  exactly.map((count, i) => count + (i === 6 ? -1 : [0, 1, 3].includes(i) ? 1 : 0));

describe('a collector that deviates', () => {
  test('and counts wrongly is believed where it is the only one', async () => {
    lie = (message) =>
      message.type === 'view' && message.exactly ? { ...message, exactly: wrong(message.exactly) } : message;
    const session = await propose(countsOf(['beta', 'gamma'], { collectors: ['notary'] }));
    const details = await Promise.all(parties.map((id) => endAt(world.node(id), session)));
    for (const detail of details) {
      expect(detail.state).toBe('done');
      expect(detail.counts?.at(-1)?.exactly).toBe(all.length - 1);
    }
    await nothingLeft(world);
  });

  test('and counts wrongly leaves nobody a result where there are two', async () => {
    lie = (message) =>
      message.type === 'view' && message.exactly ? { ...message, exactly: wrong(message.exactly) } : message;
    const session = await propose(countsOf(['beta', 'gamma'], both));
    await expectSameEnd(world, session, parties, 'chain.collectors');
  });

  test('and opens another share than it committed to leaves nobody a result', async () => {
    lie = (message) => (message.type === 'share' ? { ...message, share: '01'.repeat(32) } : message);
    const session = await propose(countsOf(['beta', 'gamma'], both));
    await expectSameEnd(world, session, parties, 'privacy.seed');
  });

  test('and stops before it tells leaves nobody a result', async () => {
    lie = (message) => (message.type === 'view' ? undefined : message);
    onView = () => void world.collectors.get('notary')?.close();
    const session = await propose(countsOf(['beta', 'gamma'], both));
    await expectSameEnd(world, session, parties, 'peer.left');
  });
});
