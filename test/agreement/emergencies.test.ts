/** Emergencies at several stations: heard by all, kept, logged before they bind, and refused without a trace but one. */
import { randomBytes } from 'node:crypto';
import type { EntryBody } from '@tallystick/protocol/audit';
import { standingId } from '@tallystick/protocol/agreement';
import { parseHex } from '@tallystick/protocol/bytes';
import { TallyError } from '@tallystick/protocol/errors';
import { type EmergencyMessage, signEmergency } from '@tallystick/protocol/policy';
import { describe, expect, test } from 'vitest';
import { agreementOf, keyOf, signerOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import { hour, nowMs, signAll } from '../../packages/protocol/src/policy/world.testkit.ts';
import { createAgreementShelf } from '@tallystick/host/agreements';
import { type FakeClock, fakeClock } from '@tallystick/host/clock';
import { silentLog } from '@tallystick/host/log';
import type { Mail, MailHandler } from '@tallystick/host/mail';
import { systemRandom } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import { memoryStore, type Store } from '@tallystick/host/store';
import { Emergencies } from '@tallystick/host/emergencies';

const signed = signAll(agreementOf());
const agreement = standingId(signed.agreement);
const dataKey = new Uint8Array(randomBytes(32));

/** Stations whose mail is a call; who is away answers nobody. */
class World {
  readonly clock: FakeClock = fakeClock(nowMs);
  readonly away = new Set<string>();
  readonly handlers = new Map<string, MailHandler>();
  readonly stations = new Map<string, Station>();
  readonly attempts: string[] = [];

  constructor(...ids: string[]) {
    for (const id of ids) this.start(id);
  }

  start(id: string): Station {
    const station = new Station(this, id, this.stations.get(id)?.store ?? memoryStore());
    this.stations.set(id, station);
    return station;
  }

  at(id: string): Station {
    const station = this.stations.get(id);
    if (station === undefined) throw new Error(id);
    return station;
  }

  mail(self: string): Mail {
    return {
      ask: async (peer, kind, body) => {
        const handler = this.handlers.get(peer);
        if (handler === undefined || this.away.has(peer) || this.away.has(self))
          throw new TallyError('peer.absent', `${peer}: away`);
        expect(kind).toBe('emergency.messages');
        return JSON.parse(JSON.stringify(await handler(self, JSON.parse(JSON.stringify(body))))) as unknown;
      },
      serve: (_, handler) => void this.handlers.set(self, handler),
      accept: () => undefined,
      close: async () => undefined,
    };
  }
}

class Station {
  readonly entries: EntryBody[] = [];
  readonly emergencies: Emergencies;
  readonly store: Store;
  logFails = false;

  constructor(world: World, id: string, store: Store) {
    this.store = store;
    const sealer = createSealer(dataKey, systemRandom);
    const self = { id, publicKey: parseHex(keyOf(id)) };
    const agreements = createAgreementShelf(store, sealer, self, { append: () => undefined as never });
    agreements.install(signed, nowMs);
    this.emergencies = new Emergencies({
      store,
      sealer,
      self: id,
      agreements,
      keys: () => [],
      audit: {
        append: (body) => {
          if (this.logFails) throw new TallyError('store.write', 'no room');
          this.entries.push(body);
          return { ...body, index: 0, before: '', atMs: 0 } as never;
        },
      },
      mail: world.mail(id),
      clock: world.clock,
      log: silentLog,
      attempt: (from, code) => void world.attempts.push(`${id}: ${from} ${code}`),
    });
  }

  get known() {
    return this.emergencies.facts(agreement);
  }
}

const declare = (by = 'alba', atMs = nowMs): EmergencyMessage =>
  signEmergency(
    { type: 'declare', agreement, of: by, officer: 'approver-1', grounds: 'danger-to-life', atMs },
    signerOf(`${by}/approver-1`),
  );
const review = (emergency: string, finding: 'justified' | 'not-justified' = 'justified'): EmergencyMessage =>
  signEmergency(
    { type: 'review', agreement, by: 'watch', emergency, finding, atMs: nowMs },
    signerOf('watch'),
  );

const everybody = ['alba', 'borea', 'cedra', 'watch', 'inspect'];

test('declared at one, heard by all, reviewed at oversight, heard by all', async () => {
  const world = new World(...everybody);
  expect(world.at('alba').emergencies.take(declare())).toEqual({ agreement, isNew: true });
  expect(await world.at('alba').emergencies.tell(agreement)).toEqual({
    told: ['borea', 'cedra', 'watch', 'inspect'],
    missed: [],
  });
  const [first] = world.at('alba').known;
  world.at('watch').emergencies.take(review(first?.id ?? ''));
  await world.at('watch').emergencies.tell(agreement);
  for (const id of everybody) {
    expect(world.at(id).known, id).toEqual([
      { id: first?.id, declaredAtMs: nowMs, review: { atMs: nowMs, finding: 'justified' } },
    ]);
    expect(world.at(id).entries, id).toEqual([
      expect.objectContaining({
        type: 'emergency',
        by: 'alba',
        agreement,
        emergency: first?.id,
        declaredAtMs: nowMs,
        lapsesAtMs: nowMs + 24 * hour,
        reviewByMs: nowMs + 72 * hour,
      }),
      expect.objectContaining({ type: 'review', by: 'watch', emergency: first?.id, finding: 'justified' }),
    ]);
  }
  expect(world.attempts).toEqual([]);
});

test('who was away hears of it on the schedule, from whom it is, also from a third', async () => {
  const world = new World(...everybody);
  world.away.add('cedra');
  world.at('alba').emergencies.take(declare());
  expect((await world.at('alba').emergencies.tell(agreement)).missed).toEqual(['cedra']);
  world.away.delete('cedra');
  world.away.add('alba');
  world.at('cedra').emergencies.wake();
  await expect.poll(() => world.at('cedra').known.length).toBe(1);
  world.at('cedra').emergencies.close();
  expect(world.clock.pending).toBe(0);
});

test('a restart keeps it, and neither the message nor the entry comes twice', async () => {
  const world = new World('alba', 'borea');
  world.at('alba').emergencies.take(declare());
  const before = world.at('alba').known;
  const again = world.start('alba');
  expect(again.known).toEqual(before);
  expect(again.emergencies.take(declare())).toEqual({ agreement, isNew: false });
  await again.emergencies.tell(agreement);
  await again.emergencies.tell(agreement);
  expect(again.entries).toEqual([]);
  expect(world.at('borea').entries.length).toBe(1);
});

test('what the log does not take is not believed, and not told', async () => {
  const world = new World('alba', 'borea');
  world.at('alba').logFails = true;
  expect(() => world.at('alba').emergencies.take(declare())).toThrow('no room');
  expect(world.at('alba').known).toEqual([]);
  await world.at('alba').emergencies.tell(agreement);
  expect(world.at('borea').known).toEqual([]);
});

describe('refused', () => {
  test('by the operator: with the reason, and noted where an agreement is meant', () => {
    const world = new World('alba');
    const { emergencies } = world.at('alba');
    for (const [message, code, word] of [
      [review('00'.repeat(32)), 'emergency.refused', 'emergency.unknown'],
      [{ ...declare(), atMs: nowMs - 1 }, 'emergency.refused', 'message.signature'],
      [{ ...declare(), agreement: '00'.repeat(32) }, 'agreement.unknown', 'no agreement'],
      [null, 'agreement.unknown', 'no agreement'],
    ] as const) {
      expect(() => emergencies.take(message)).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(word) as string }),
      );
    }
    expect(emergencies.list()).toEqual([]);
    expect(world.attempts).toEqual(['alba: alba emergency.refused', 'alba: alba emergency.refused']);
  });

  test("a peer's: noted, each for itself, and what is good beside it is taken", async () => {
    const world = new World('alba', 'borea');
    const handler = world.handlers.get('alba') as MailHandler;
    const forged = { ...declare('borea', nowMs - hour), atMs: nowMs };
    await handler('borea', { agreement, messages: [forged, declare('borea'), 7] });
    expect(world.at('alba').known.length).toBe(1);
    expect(world.attempts).toEqual(['alba: borea emergency.refused', 'alba: borea emergency.refused']);
  });

  test('who is no member, and letters of another form', async () => {
    const world = new World('alba');
    const handler = world.handlers.get('alba') as MailHandler;
    for (const [from, body, code] of [
      ['hub', { agreement, messages: [declare()] }, 'agreement.unknown'],
      ['stranger', { agreement, messages: [] }, 'agreement.unknown'],
      ['borea', { agreement: '00'.repeat(32), messages: [] }, 'agreement.unknown'],
      ['borea', { agreement, messages: [], more: 1 }, 'wire.message'],
      ['borea', null, 'wire.message'],
    ] as const) {
      expect(() => handler(from, body)).toThrow(expect.objectContaining({ code }));
    }
    expect(world.at('alba').known).toEqual([]);
  });
});

test('list says where each stands, by the clock', () => {
  const world = new World('alba');
  const { emergencies } = world.at('alba');
  emergencies.take(declare());
  expect(emergencies.list()).toEqual([
    expect.objectContaining({
      of: 'alba',
      officer: 'approver-1',
      isInForce: true,
      isLocking: false,
      reviewedBy: [],
    }),
  ]);
  world.clock.advance(72 * hour + 1);
  expect(emergencies.list()[0]).toMatchObject({ isInForce: false, isLocking: true });
  emergencies.take(review(emergencies.list()[0]?.id ?? '', 'not-justified'));
  expect(emergencies.list()[0]).toMatchObject({ isInForce: false, isLocking: false, reviewedBy: ['watch'] });
});
