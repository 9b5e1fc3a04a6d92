/**
 * How a session opens, and how it does not: pins, rules, consent, refusals, deadlines, room, strangers' frames.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectCoordinator, type CoordinatorLink } from '@tallystick/host/channel';
import { systemClock } from '@tallystick/host/clock';
import { createIdentity } from '@tallystick/host/identity';
import { systemRandom } from '@tallystick/host/random';
import type { SessionDetail } from '@tallystick/node/control';
import { defaultLimits } from '@tallystick/protocol/wire';
import { encodeHello, utf8Message } from './rogue.ts';
import {
  clearSteps,
  countsOf,
  endAt,
  endEverywhere,
  holdAt,
  matchesOf,
  nothingLeft,
  passports,
  startWorld,
  until,
  type World,
} from './world.ts';

const ids = ['alpha', 'beta', 'gamma'];
const listsFor = (parties: readonly string[]): Record<string, string[]> =>
  Object.fromEntries(parties.map((id) => [id, passports(40)]));

/** Waits until the node shows the session in this state. */
function reaches(world: World, id: string, session: string, state: SessionDetail['state']): Promise<true> {
  return until(async () => {
    const known = await world.node(id).call('session.list', {});
    return known.some((one) => one.session === session && one.state === state) ? true : undefined;
  }, `${id} in ${state}`);
}

const codes = (details: readonly SessionDetail[]): (string | undefined)[] =>
  details.map((detail) => detail.error?.code);

describe('a node that asks', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      lists: listsFor(ids),
      consent: 'ask',
      adjust: (id, options) => {
        const rules = id === 'gamma' ? { purposes: ['test of sessions'] } : {};
        return { ...options, maxSessions: 2, rules };
      },
    });
  });
  afterEach(() => {
    for (const id of ids) clearSteps(world.inside(id));
  });
  afterAll(() => world.close());

  const pin = (who: string, whom: string) =>
    world.node(who).call('peer.add', { id: whom, fingerprint: world.node(whom).identity.fingerprint });

  test('a refusal ends it for everybody; who asked and who refused have logged the reasons', async () => {
    const { session } = await world.node('alpha').call('session.propose', countsOf(['beta', 'gamma']));
    await reaches(world, 'beta', session, 'offered');
    await reaches(world, 'gamma', session, 'offered');
    await world.node('gamma').call('session.refuse', { session, reasons: ['purpose.unclear'] });
    const details = await endEverywhere(world, session);
    expect(codes(details)).toEqual(ids.map(() => 'consent.refused'));
    expect(details[2]?.error).toMatchObject({ by: 'gamma' });
    expect(details[0]?.error?.message).toContain('purpose.unclear');
    // beta may have had no channel to gamma yet: then it heard the code from alpha.
    for (const id of ['alpha', 'gamma']) {
      const { entries } = await world.node(id).call('audit.show', { limit: 100 });
      const told = entries.filter((entry) => entry.session === session && entry.type === 'refuse');
      expect(told, id).toMatchObject([{ by: 'gamma', reasons: ['purpose.unclear'] }]);
    }
    await nothingLeft(world);
  });

  test('a rule of one node refuses for everybody', async () => {
    const params = { ...countsOf(['beta', 'gamma']), purpose: 'something else' };
    const { session } = await world.node('alpha').call('session.propose', params);
    const details = await endEverywhere(world, session);
    expect(codes(details)).toEqual(ids.map(() => 'consent.refused'));
    expect(details[0]?.error?.message).toContain('rule.purpose');
    await nothingLeft(world);
  });

  test('our own rule stops our own proposal before anybody hears of it', async () => {
    const params = { ...countsOf(['alpha', 'beta']), purpose: 'something else' };
    await expect(world.node('gamma').call('session.propose', params)).rejects.toMatchObject({
      code: 'agreement.denied',
      message: expect.stringContaining('agreement.purpose'),
    });
    await nothingLeft(world);
  });

  test('a station that one party has not pinned: refused, and nothing was sent', async () => {
    await world.node('gamma').call('peer.remove', { id: 'beta' });
    const { session } = await world.node('alpha').call('session.propose', countsOf(['beta', 'gamma']));
    const details = await Promise.all(['alpha', 'gamma'].map((id) => endAt(world.node(id), session)));
    expect(codes(details)).toEqual(['consent.refused', 'consent.refused']);
    expect(details[0]?.error?.message).toContain('peer.unknown');
    expect(codes([await endAt(world.node('beta'), session)])).toEqual(['consent.refused']);
    await pin('gamma', 'beta');
    await nothingLeft(world);
  });

  test('another key under a pinned name is refused by both', async () => {
    // A pin is not replaced in passing: it is removed first, before and after.
    const wrong = { id: 'beta', fingerprint: world.node('alpha').identity.fingerprint };
    await world.node('gamma').call('peer.remove', { id: 'beta' });
    await world.node('gamma').call('peer.add', wrong);
    await expect(
      world.node('gamma').call('session.propose', matchesOf('beta', ['gamma'])),
    ).rejects.toMatchObject({
      code: 'channel.pin',
    });
    await world.node('gamma').call('peer.remove', { id: 'beta' });
    await pin('gamma', 'beta');
    await nothingLeft(world);
  });

  test('who has not pinned us does not answer; whom we have not pinned we do not call', async () => {
    await world.node('beta').call('peer.remove', { id: 'alpha' });
    const propose = (from: string, to: string) =>
      world.node(from).call('session.propose', matchesOf(to, [from]));
    await expect(propose('alpha', 'beta')).rejects.toMatchObject({ code: 'peer.unknown' });
    await expect(propose('beta', 'alpha')).rejects.toMatchObject({ code: 'peer.unknown' });
    await expect(propose('alpha', 'nobody')).rejects.toMatchObject({ code: 'peer.unknown' });
    await pin('beta', 'alpha');
    await nothingLeft(world);
  });

  test('nobody consents in time', async () => {
    const params = { ...matchesOf('beta', ['alpha']), expiresInMs: 1_000 };
    const { session } = await world.node('alpha').call('session.propose', params);
    const details = await Promise.all(['alpha', 'beta'].map((id) => endAt(world.node(id), session)));
    expect(codes(details)).toEqual(['consent.expired', 'consent.expired']);
    await nothingLeft(world);
  });

  test('consent, refusal and cancel are possible once and in time', async () => {
    const { session } = await world.node('alpha').call('session.propose', matchesOf('beta', ['alpha']));
    await reaches(world, 'beta', session, 'offered');
    const beta = world.node('beta');
    const reached = holdAt(world.inside('beta'), 'openSession');
    const first = beta.call('session.consent', { session, list: 'watch' });
    first.catch(() => undefined);
    await reached;
    const late = { code: 'session.state' };
    await expect(beta.call('session.consent', { session, list: 'watch' })).rejects.toMatchObject(late);
    await expect(beta.call('session.refuse', { session, reasons: ['late'] })).rejects.toMatchObject(late);
    await beta.call('session.cancel', { session });
    await expect(first).rejects.toMatchObject(late);
    await endAt(beta, session);
    await nothingLeft(world);
    await expect(beta.call('session.cancel', { session })).rejects.toMatchObject(late);
    await expect(beta.call('session.cancel', { session: '0'.repeat(32) })).rejects.toMatchObject({
      code: 'session.unknown',
    });
  });

  test('a node with as many sessions as it may have is busy', async () => {
    const sessions: string[] = [];
    for (let i = 0; i < 2; i++) {
      const { session } = await world.node('alpha').call('session.propose', matchesOf('beta', ['alpha']));
      sessions.push(session);
    }
    const busy = { code: 'session.busy' };
    await expect(
      world.node('alpha').call('session.propose', matchesOf('gamma', ['alpha'])),
    ).rejects.toMatchObject(busy);
    await expect(
      world.node('gamma').call('session.propose', matchesOf('beta', ['gamma'])),
    ).rejects.toMatchObject(busy);
    for (const session of sessions) await world.node('alpha').call('session.cancel', { session });
    await nothingLeft(world);
  });

  test.each([
    [{ with: ['beta', 'beta'] }, 'argument.invalid'],
    [{ predicate: { kind: 'any' } }, 'agreement.invalid'],
    [{ with: ['alpha'] }, 'argument.invalid'],
    [{ list: 'other' }, 'list.unknown'],
    [{ collectors: ['coordinator'] }, 'agreement.invalid'],
    [{ output: { kind: 'matches', to: ['gamma'] } }, 'agreement.invalid'],
    [{ output: { kind: 'everything' } }, 'control.request'],
    [{ recipes: ['shoe-size'] }, 'control.request'],
  ])('a proposal with %j is refused here', async (change, code) => {
    const params = { ...matchesOf('beta', ['alpha']), ...change } as ReturnType<typeof matchesOf>;
    await expect(world.node('alpha').call('session.propose', params)).rejects.toMatchObject({ code });
    await nothingLeft(world);
  });

  describe('somebody who is pinned and says anything', () => {
    let link: CoordinatorLink;
    let fingerprint: string;
    beforeAll(async () => {
      const mallory = await createIdentity('mallory', systemClock, systemRandom);
      fingerprint = mallory.fingerprint;
      link = await connectCoordinator({ url: world.coordinator.url, identity: mallory });
      await world.node('beta').call('peer.add', { id: 'mallory', fingerprint: mallory.fingerprint });
    });
    afterAll(() => link.close());

    const dial = (tag = Buffer.from(systemRandom(16)).toString('hex')) =>
      link.dial('beta', world.node('beta').identity.fingerprint, tag);

    test.each([
      ['another version only', [encodeHello('rogue', [99])], 'wire.version'],
      ['no hello', [utf8Message({ type: 'alive' })], 'wire.message'],
      ['no JSON', [encodeHello('rogue'), utf8Message('{')], 'wire.frame'],
      ['an unknown type', [encodeHello('rogue'), utf8Message({ type: 'gossip' })], 'wire.type'],
      [
        'a message with unknown fields',
        [encodeHello('rogue'), utf8Message({ type: 'alive', more: 1 })],
        'wire.message',
      ],
      [
        'a message that is too long',
        [encodeHello('rogue'), utf8Message('{'.padEnd(defaultLimits.maxMessageBytes + 1, ' '))],
        'wire.length',
      ],
      ['a chunk before anything', [encodeHello('rogue'), new Uint8Array(48).fill(1)], 'wire.order'],
    ] as const)('%s', async (_, frames, code) => {
      const channel = await dial();
      for (const frame of frames) await channel.send(frame).catch(() => undefined);
      expect(await channel.closed).toEqual({ by: 'peer', code });
      await nothingLeft(world);
    });

    test('no version in common: refused with that reason, and in the log of who called and of who was called', async () => {
      const [alpha, beta] = [world.node('alpha'), world.node('beta')];
      const channel = await dial();
      await channel.send(encodeHello('rogue', [99]));
      expect(await channel.closed).toEqual({ by: 'peer', code: 'wire.version' });
      link.onRing((ring) => {
        void ring
          .accept(alpha.identity.fingerprint)
          .then((answered) => answered.send(encodeHello('rogue', [99])))
          .catch(() => undefined);
      });
      await alpha.call('peer.add', { id: 'mallory', fingerprint });
      await expect(alpha.call('session.propose', matchesOf('mallory', ['alpha']))).rejects.toMatchObject({
        code: 'wire.version',
      });
      for (const node of [alpha, beta]) {
        const { entries } = await node.call('audit.show', { limit: 1000 });
        const attempts = entries.filter(
          (entry) => entry.type === 'attempt' && entry.from === 'mallory' && entry.code === 'wire.version',
        );
        expect(attempts.length).toBe(1);
      }
      await nothingLeft(world);
    });

    test('a call for no session is not answered', async () => {
      await expect(dial('not a session')).rejects.toMatchObject({ code: 'wire.message' });
    });

    test('a second channel for one session is closed', async () => {
      const tag = Buffer.from(systemRandom(16)).toString('hex');
      const [first, second] = [await dial(tag), await dial(tag)];
      for (const channel of [first, second]) await channel.send(encodeHello('rogue'));
      await Promise.race([first.closed, second.closed]);
      const ends = [first, second].map((channel) => channel.closed);
      await Promise.all([first.close(), second.close()]);
      expect(await Promise.all(ends)).toContainEqual({ by: 'peer', code: 'wire.order' });
      await nothingLeft(world);
    });
  });
});

describe('deadlines', () => {
  const limits = { silentMs: 2_500, heartbeatMs: 300, stallMs: 5_000 };
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ lists: listsFor(['alpha', 'beta']), limits, openMs: 2_500 });
  });
  afterEach(() => {
    for (const id of ['alpha', 'beta']) {
      clearSteps(world.inside(id));
      world.inside(id).isMute = false;
    }
  });
  afterAll(() => world.close());

  test('a station from which nothing is heard ends the session for both', async () => {
    const reached = holdAt(world.inside('beta'), 'blindList');
    const { session } = await world.node('alpha').call('session.propose', matchesOf('beta', ['alpha']));
    await reached;
    world.inside('beta').isMute = true;
    const details = await endEverywhere(world, session);
    expect(codes(details)).toEqual(['session.deadline', 'session.deadline']);
    await nothingLeft(world);
  });

  test('a session in which nothing moves ends, heartbeats or not', async () => {
    const reached = holdAt(world.inside('beta'), 'blindList');
    const { session } = await world.node('alpha').call('session.propose', matchesOf('beta', ['alpha']));
    await reached;
    const details = await endEverywhere(world, session);
    expect(codes(details)).toEqual(['session.deadline', 'session.deadline']);
    expect(details[0]?.elapsedMs).toBeGreaterThan(limits.silentMs);
    await nothingLeft(world);
  });

  test('a channel without a proposal is closed in time', async () => {
    const mallory = await createIdentity('mallory', systemClock, systemRandom);
    const link = await connectCoordinator({ url: world.coordinator.url, identity: mallory });
    await world.node('beta').call('peer.add', { id: 'mallory', fingerprint: mallory.fingerprint });
    const { fingerprint } = world.node('beta').identity;
    const channel = await link.dial('beta', fingerprint, '0'.repeat(32));
    await channel.send(encodeHello('rogue'));
    expect(await channel.closed).toEqual({ by: 'peer', code: 'session.deadline' });
    const silent = await link.dial('beta', fingerprint, '1'.repeat(32));
    expect(await silent.closed).toEqual({ by: 'peer', code: 'session.deadline' });
    await link.close();
    await nothingLeft(world);
  });

  test('a node that stops, or loses its coordinator, tells the others', async () => {
    const reached = holdAt(world.inside('beta'), 'blindList');
    const { session } = await world.node('alpha').call('session.propose', matchesOf('beta', ['alpha']));
    await reached;
    await world.node('beta').close();
    expect(codes([await endAt(world.node('alpha'), session)])).toEqual(['peer.left']);
    await expect(
      world.node('alpha').call('session.propose', matchesOf('beta', ['alpha'])),
    ).rejects.toMatchObject({ code: 'peer.absent' });
  });
});
