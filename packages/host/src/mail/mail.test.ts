/** Mail: answers and codes, many at once, strict letters, floods, pins, ends. */
import { TallyError } from '@tallystick/protocol/errors';
import { encodeHello, encodeLetter, maxLetterBytes, parseLetter } from '@tallystick/protocol/wire';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Channel, type CoordinatorLink, memoryCoordinator } from '../channel/index.ts';
import { type FakeClock, fakeClock, systemClock } from '../clock/index.ts';
import { createIdentity, type Fingerprint, type SigningIdentity } from '../identity/index.ts';
import { silentLog } from '../log/index.ts';
import { systemRandom } from '../random/index.ts';
import { createMail, type Mail } from './index.ts';

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'answered',
    (error: TallyError) => error.code,
  );

const [a, b] = (await Promise.all(['a', 'b'].map((id) => createIdentity(id, systemClock, systemRandom)))) as [
  SigningIdentity,
  SigningIdentity,
];

interface End {
  readonly mail: Mail;
  readonly link: CoordinatorLink;
  readonly pins: Map<string, Fingerprint>;
}

let clock: FakeClock;
let north: End;
let south: End;

beforeEach(async () => {
  clock = fakeClock();
  const place = memoryCoordinator();
  const end = async (self: SigningIdentity, other: SigningIdentity): Promise<End> => {
    const link = await place.connect(self);
    const pins = new Map([[other.id, other.fingerprint]]);
    const mail = createMail({ link, peers: () => pins, clock, log: silentLog });
    link.onRing((ring) => mail.accept(ring));
    return { mail, link, pins };
  };
  [north, south] = [await end(a, b), await end(b, a)];
});

afterEach(async () => {
  await Promise.all([north.mail.close(), south.mail.close()]);
  await Promise.all([north.link.close(), south.link.close()]);
});

/** A channel of a, which says what it likes. */
async function rawChannel(): Promise<Channel> {
  const channel = await north.link.dial('b', b.fingerprint, 'mail');
  await channel.send(encodeHello('test', Date.now()));
  await channel.receive();
  return channel;
}

describe('questions', () => {
  test('are answered, both ways, with whom they are from', async () => {
    south.mail.serve('test.echo', (from, body) => ({ from, body }));
    north.mail.serve('test.echo', (from, body) => ({ from, body }));
    const body = { list: [1, null, 'ä'], deep: { yes: true } };
    expect(await north.mail.ask('b', 'test.echo', body)).toEqual({ from: 'a', body });
    expect(await south.mail.ask('a', 'test.echo', body)).toEqual({ from: 'b', body });
  });

  test('many at once share a channel, and never more than eight are under way', async () => {
    let running = 0;
    let most = 0;
    let rings = 0;
    south.link.onRing((ring) => {
      rings += 1;
      south.mail.accept(ring);
    });
    south.mail.serve('test.slow', async (_, body) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return body;
    });
    const asked = Array.from({ length: 100 }, (_, i) => north.mail.ask('b', 'test.slow', i));
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect([most, rings]).toEqual([8, 1]);
  });

  test('fail with the code alone', async () => {
    south.mail.serve('test.coded', () => {
      throw new TallyError('list.unknown', 'a secret text');
    });
    south.mail.serve('test.raw', async () => {
      throw new Error('a secret text');
    });
    south.mail.serve('test.bigint', () => 1n);
    south.mail.serve('test.long', () => 'x'.repeat(maxLetterBytes));
    const failed = await north.mail.ask('b', 'test.coded', null).catch((error: TallyError) => error);
    expect(failed).toMatchObject({ code: 'list.unknown' });
    expect(String(failed)).not.toContain('secret');
    expect(await codeOf(north.mail.ask('b', 'test.raw', null))).toBe('internal.bug');
    expect(await codeOf(north.mail.ask('b', 'test.bigint', null))).toBe('argument.invalid');
    expect(await codeOf(north.mail.ask('b', 'test.long', null))).toBe('wire.length');
    expect(await codeOf(north.mail.ask('b', 'test.nobody', null))).toBe('mail.kind');
    expect(await codeOf(north.mail.ask('b', 'test.coded', 'x'.repeat(maxLetterBytes)))).toBe('wire.length');
    expect(await codeOf(north.mail.ask('b', 'No Kind', null))).toBe('argument.invalid');
  });

  test('that are not answered in time end, and the channel with them once nothing comes back', async () => {
    let release: () => void = () => undefined;
    const hang = new Promise<void>((resolve) => {
      release = resolve;
    });
    let heard = 0;
    let told: () => void = () => undefined;
    const eight = new Promise<void>((resolve) => {
      told = resolve;
    });
    south.mail.serve('test.hang', () => {
      if (++heard === 8) told();
      return hang;
    });
    south.mail.serve('test.echo', (_, body) => body);
    const asked = Array.from({ length: 9 }, () =>
      codeOf(north.mail.ask('b', 'test.hang', 1, { timeoutMs: 5 })),
    );
    await eight;
    clock.advance(5);
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 9 }, () => 'session.deadline'));
    expect(await north.mail.ask('b', 'test.echo', 2)).toBe(2);
    release();
  });
});

describe('who', () => {
  test('is not pinned is neither asked nor answered', async () => {
    south.mail.serve('test.echo', (_, body) => body);
    expect(await codeOf(north.mail.ask('c', 'test.echo', 1))).toBe('peer.unknown');
    south.pins.clear();
    expect(await codeOf(north.mail.ask('b', 'test.echo', 1))).toBe('peer.unknown');
  });

  test('is pinned otherwise is not asked', async () => {
    north.pins.set('b', a.fingerprint);
    expect(await codeOf(north.mail.ask('b', 'test.echo', 1))).toBe('channel.pin');
  });

  test('is unpinned meanwhile hears nothing more', async () => {
    south.mail.serve('test.echo', (_, body) => body);
    expect(await north.mail.ask('b', 'test.echo', 1)).toBe(1);
    north.pins.clear();
    expect(await codeOf(north.mail.ask('b', 'test.echo', 1))).toBe('peer.unknown');
  });

  test('is pinned no more is answered no more on the channel that stands', async () => {
    south.mail.serve('test.echo', (_, body) => body);
    expect(await north.mail.ask('b', 'test.echo', 1)).toBe(1);
    south.pins.clear();
    expect(await codeOf(north.mail.ask('b', 'test.echo', 1))).toBe('peer.unknown');
  });

  test('keeps more channels than four open is not answered on a fifth', async () => {
    for (let i = 0; i < 4; i++) await rawChannel();
    expect(await codeOf(rawChannel())).toBe('session.busy');
  });
});

describe('a peer that does not keep to it', () => {
  const ask = (number: number): Uint8Array =>
    encodeLetter({ type: 'ask', number, kind: 'test.echo', body: null });
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  test.each([
    ['a letter that is no JSON', text('{'), 'wire.frame'],
    [
      'a key that stands twice',
      text('{"body":1,"body":2,"kind":"test.echo","number":1,"type":"ask"}'),
      'wire.frame',
    ],
    ['another spelling', text('{"kind":"test.echo","body":1,"number":1,"type":"ask"}'), 'wire.frame'],
    ['a nest without end', text(`${'['.repeat(65)}${']'.repeat(65)}`), 'wire.frame'],
    [
      'a field too many',
      text('{"body":1,"kind":"test.echo","more":1,"number":1,"type":"ask"}'),
      'wire.message',
    ],
    ['an answer to nothing', encodeLetter({ type: 'answer', number: 1, body: 1 }), 'wire.order'],
    ['a number left out', ask(2), 'wire.order'],
  ])('%s ends the channel', async (_, frame, code) => {
    const channel = await rawChannel();
    await channel.send(frame);
    expect(await codeOf(channel.receive())).toBe(code);
  });

  test('floods: cut off, and not answered again for a while', async () => {
    south.mail.serve('test.echo', () => new Promise(() => undefined));
    const channel = await rawChannel();
    for (let number = 1; number <= 9; number++) await channel.send(ask(number)).catch(() => undefined);
    expect((await channel.closed).code).toBe('channel.overflow');
    expect(await codeOf(rawChannel())).toBe('session.busy');
    clock.advance(60_000);
    await rawChannel();
  });

  test('asks more often than anybody needs to: cut off, whatever the channel', async () => {
    south.mail.serve('test.echo', () => 1);
    const codes: string[] = [];
    for (let i = 0; i < 510; i++) codes.push(await codeOf(north.mail.ask('b', 'test.echo', i)));
    expect(codes.filter((code) => code === 'answered')).toHaveLength(500);
    expect(codes[500]).toBe('channel.overflow');
    expect(new Set(codes.slice(501))).toEqual(new Set(['session.busy']));
  });

  test('answers what was not asked: the channel ends, the question with it', async () => {
    south.link.onRing((ring) => {
      void ring.accept(a.fingerprint).then(async (channel) => {
        await channel.send(encodeHello('test', Date.now()));
        await channel.receive();
        await channel.receive();
        await channel.send(encodeLetter({ type: 'answer', number: 7, body: 1 }));
      });
    });
    expect(await codeOf(north.mail.ask('b', 'test.echo', 1))).toBe('wire.order');
  });
});

test('a channel on which nothing is asked is closed, and the next question opens another', async () => {
  let last: Channel | undefined;
  south.link.onRing((ring) => {
    south.mail.accept({ ...ring, accept: async (pin) => (last = await ring.accept(pin)) });
  });
  south.mail.serve('test.echo', (_, body) => body);
  expect(await north.mail.ask('b', 'test.echo', 1)).toBe(1);
  const first = last;
  clock.advance(30_000);
  expect(await first?.closed).toEqual({ by: 'peer', code: undefined });
  expect(await north.mail.ask('b', 'test.echo', 2)).toBe(2);
  expect(last).not.toBe(first);
});

test('when a station stops, what it asked and what it is asked ends with a code', async () => {
  let asked: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    asked = resolve;
  });
  south.mail.serve('test.hang', () => {
    asked();
    return new Promise(() => undefined);
  });
  const question = codeOf(north.mail.ask('b', 'test.hang', 1));
  await arrived;
  await south.mail.close();
  expect(await question).toBe('peer.left');
  expect(await codeOf(south.mail.ask('a', 'test.echo', 1))).toBe('peer.left');
  expect(await codeOf(north.mail.ask('b', 'test.hang', 1))).toBe('session.busy');
  await north.mail.close();
  expect(clock.pending).toBe(0);
});

describe('a letter', () => {
  test('is what it says, whatever its body', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 1_000_000 }), (body, number) => {
        const letter = { type: 'answer', number, body } as const;
        expect(parseLetter(encodeLetter(letter))).toEqual(JSON.parse(JSON.stringify(letter)));
      }),
      { endOnFailure: true },
    );
  });

  test('of any bytes is a letter or a coded error', () => {
    const good = encodeLetter({ type: 'ask', number: 1, kind: 'test.echo', body: { a: [1, 'b'] } });
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, length) => {
        const bytes = good.slice();
        bytes[at] = byte;
        try {
          parseLetter(bytes.subarray(0, length));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(TallyError);
          expect((thrown as TallyError).code).toMatch(/^wire\.(?:frame|message)$/);
        }
      }),
      { endOnFailure: true },
    );
  });
});
