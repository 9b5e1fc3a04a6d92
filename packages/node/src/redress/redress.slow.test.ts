/**
 * Tickets of redress: what is said does not depend on what was found; partners find their records by tags, and nobody
 * else is told anything.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AuditLog, openAuditLog } from '@tallystick/host/audit';
import { type FakeClock, fakeClock } from '@tallystick/host/clock';
import { createIdentity } from '@tallystick/host/identity';
import { silentLog } from '@tallystick/host/log';
import { systemRandom } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import { memoryStore, type Store } from '@tallystick/host/store';
import { type AuditEntry, parseEntry } from '@tallystick/protocol/audit';
import { TallyError } from '@tallystick/protocol/errors';
import type { SessionDetail } from '../control/api.ts';
import { codeOf, type PlainRecord } from '../vault/vault.testkit.ts';
import { receiversOf } from './outgoing.ts';
import { createRedress, type Redress, tickMs } from './redress.ts';
import {
  enquiryOf,
  identifiersOf,
  openSides,
  recipes,
  resultOf,
  type Side,
  type Sides,
} from './redress.testkit.ts';
import { createRedressShelf } from './shelf.ts';

const day = 86_400_000;

let sides: Sides;
let alpha: Side;
let beta: Side;
beforeAll(async () => {
  sides = await openSides();
  ({ alpha, beta } = sides);
});
afterAll(() => sides.close());

describe('tickets, due dates, partners', () => {
  const session = 'd'.repeat(32);
  const detail = (to: string[]): SessionDetail =>
    ({
      session,
      state: 'done',
      recipes,
      subject: 'person',
      parties: [{ id: 'alpha' }, { id: 'beta' }],
      output: { kind: 'matches', to, predicate: null, which: false },
      marks: { tlp: 'AMBER', pap: 'RED' },
      request: { agreement: 'c'.repeat(64) },
    }) as unknown as SessionDetail;

  type Handler = (from: string, body: unknown) => unknown;
  interface Office {
    readonly redress: Redress;
    readonly store: Store;
    readonly audit: AuditLog;
    readonly named: readonly PlainRecord[];
  }

  let clock: FakeClock;
  let handlers: Map<string, Handler>;
  let isReachable: boolean;
  let to: string[];
  let forbidding: string[];

  const officeOf = async (side: Side, other: Side, mayDisclose: boolean): Promise<Office> => {
    const store = memoryStore();
    const sealer = createSealer(side.key, systemRandom);
    const identity = await createIdentity(side.id, clock, systemRandom);
    const audit = openAuditLog({ store, sealer, clock, random: systemRandom, identity });
    const others = new Set(other.list.flatMap((one) => identifiersOf(one, recipes)));
    const { sealed, named } = await resultOf(side, others);
    const redress = createRedress({
      self: side.id,
      clock,
      random: systemRandom,
      log: silentLog,
      audit,
      vault: side.vault,
      shelf: createRedressShelf(store, sealer),
      mail: {
        async ask(peer, _kind, body) {
          if (!isReachable) throw new TallyError('peer.absent', 'not connected');
          return (handlers.get(peer) as Handler)(side.id, JSON.parse(JSON.stringify(body)));
        },
        serve: (_kind, handler) => void handlers.set(side.id, handler),
      },
      sessions: () => [detail(to)],
      session: (id) => (id === session ? detail(to) : undefined),
      result: (id) =>
        id === session && to.includes(side.id) ? { sealed, listId: side.sealed.meta.listId } : undefined,
      chunks: () => side.sealed.pieces,
      due: () => ({ acknowledgeDays: 2, decideDays: 5 }),
      mayDisclose,
      forbidsDisclosure: (under) => forbidding.find((id) => under.includes(id)),
    });
    return { redress, store, audit, named };
  };

  /** Time passes until it is done. */
  async function settle<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = promise.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(tickMs);
    }
    return done;
  }

  let one: Office;
  let two: Office;
  let onBoth: PlainRecord;
  beforeEach(async () => {
    clock = fakeClock(1_700_000_000_000);
    handlers = new Map();
    isReachable = true;
    to = ['alpha', 'beta'];
    forbidding = [];
    [one, two] = await Promise.all([officeOf(alpha, beta, true), officeOf(beta, alpha, false)]);
    onBoth = one.named[0] as PlainRecord;
  });

  const open = (person: Pick<PlainRecord, 'name' | 'passport'>) =>
    settle(one.redress.open({ text: enquiryOf(person) }));
  const entries = ({ audit }: Office): AuditEntry[] => [...audit.leaves()].map((leaf) => parseEntry(leaf));
  /** Until what was sent is there. */
  const delivered = async (): Promise<void> => settle(one.redress.deliver());

  test('a correction reaches the partner, who finds the same records as the plaintext answer', async () => {
    const { ticket } = await open(onBoth);
    await settle(one.redress.answer({ ticket, outcome: 'corrected', discloseBy: null }));
    await delivered();
    const own = new Set(
      one.named
        .filter((record) =>
          identifiersOf(record, recipes).some((id) => identifiersOf(onBoth, recipes).includes(id)),
        )
        .flatMap((record) => identifiersOf(record, recipes)),
    );
    const wanted = two.named.filter((record) => identifiersOf(record, recipes).some((id) => own.has(id)));
    const [correction, ...more] = two.redress.list().corrections;
    expect(more).toEqual([]);
    expect(correction).toMatchObject({ from: 'alpha', session, action: 'corrected', records: wanted.length });
    expect(wanted.length).toBeGreaterThan(0);
    const out = join(sides.folder, `${ticket}.jsonl`);
    await two.redress.export({ correction: correction?.correction ?? '', out });
    const lines = (await readFile(out, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; handling: unknown });
    expect(lines.map(({ id }) => id).toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());
    expect(lines.every(({ handling }) => JSON.stringify(handling) === '{"tlp":"AMBER","pap":"RED"}')).toBe(
      true,
    );
    // The same correction stands in both logs, and says nothing of the record.
    const [sent, taken] = [one, two].map((office) =>
      entries(office).find(({ type }) => type === 'correction'),
    );
    expect(sent).toMatchObject({ by: 'alpha', to: 'beta', session });
    expect(taken).toMatchObject({ by: 'alpha', to: 'beta', session });
    expect([sent, taken].map((entry) => entry?.type === 'correction' && entry.commitment)).toEqual(
      [sent, sent].map((entry) => entry?.type === 'correction' && entry.commitment),
    );
  });

  test('what is said does not depend on what was found, and no data are kept or logged', async () => {
    const people = [onBoth, { name: 'zqno zqbody', passport: 'Q42' }];
    const said: unknown[] = [];
    for (const person of people) {
      const opened = await open(person);
      const acknowledged = await settle(
        one.redress.answer({ ticket: opened.ticket, outcome: 'acknowledged', discloseBy: null }),
      );
      const decided = await settle(
        one.redress.answer({ ticket: opened.ticket, outcome: 'erased', discloseBy: null }),
      );
      // Random values and times apart, it is the same text.
      said.push(JSON.stringify([opened, acknowledged, decided]).replaceAll(/[0-9a-f]{32,}|\d{10,}/g, '#'));
      expect(
        await codeOf(
          settle(one.redress.answer({ ticket: opened.ticket, outcome: 'rejected', discloseBy: null })),
        ),
      ).toBe('redress.decided');
    }
    expect(said[0]).toBe(said[1]);
    await delivered();
    const kept = JSON.stringify(
      [one, two].map(({ store, redress }) => [store.list('redress'), redress.list()]),
    );
    const logged = JSON.stringify([one, two].map(entries));
    for (const { name, passport } of people) {
      for (const text of [...name.split(' '), passport].filter((word) => word !== '')) {
        expect(kept + logged).not.toContain(text);
      }
    }
  });

  test('an officer discloses only where every agreement and the node allow it, and only with a decision', async () => {
    for (const [person, held] of [
      [onBoth, true],
      [{ name: 'zqno zqbody', passport: '' }, false],
    ] as const) {
      const { ticket } = await open(person);
      const soon = one.redress.answer({ ticket, outcome: 'acknowledged', discloseBy: 'ana' });
      expect(await codeOf(settle(soon))).toBe('argument.invalid');
      // The agreement of the results that were looked at, whether or not the person is in one of them.
      forbidding = ['c'.repeat(64)];
      const agreed = one.redress.answer({ ticket, outcome: 'rejected', discloseBy: 'ana' });
      expect(await codeOf(settle(agreed))).toBe('redress.forbidden');
      forbidding = ['b'.repeat(64)];
      const answered = await settle(one.redress.answer({ ticket, outcome: 'rejected', discloseBy: 'ana' }));
      expect(answered.decided?.disclosed).toEqual({ held, by: 'ana' });
      expect(entries(one).at(-1)).toMatchObject({ type: 'redress-answer', isDisclosed: true });
    }
    const { ticket } = await settle(two.redress.open({ text: enquiryOf(onBoth) }));
    const refused = two.redress.answer({ ticket, outcome: 'rejected', discloseBy: 'ana' });
    expect(await codeOf(settle(refused))).toBe('redress.disclosure');
    expect(
      await codeOf(
        settle(two.redress.answer({ ticket: 'e'.repeat(32), outcome: 'rejected', discloseBy: null })),
      ),
    ).toBe('redress.unknown');
  });

  test('of two answers at a time one decides', async () => {
    const { ticket } = await open(onBoth);
    const answers = ['corrected', 'rejected'].map((outcome) =>
      one.redress.answer({ ticket, outcome: outcome as 'corrected' | 'rejected', discloseBy: null }),
    );
    const ended = await settle(Promise.allSettled(answers));
    expect(ended.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(entries(one).filter(({ type }) => type === 'redress-answer')).toHaveLength(1);
  });

  test('due dates are those of the agreement; what is late is listed and logged as late', async () => {
    const { ticket, openedAtMs, acknowledgeByMs, decideByMs } = await open(onBoth);
    expect([acknowledgeByMs - openedAtMs, decideByMs - openedAtMs]).toEqual([2 * day, 5 * day]);
    const overdue = (): unknown => one.redress.list().enquiries[0]?.overdue;
    clock.advance(acknowledgeByMs - clock.nowMs());
    expect(overdue()).toBeNull();
    clock.advance(1);
    expect(overdue()).toBe('acknowledge');
    await settle(one.redress.answer({ ticket, outcome: 'acknowledged', discloseBy: null }));
    expect(overdue()).toBeNull();
    clock.advance(decideByMs - clock.nowMs() + 1);
    expect(overdue()).toBe('decide');
    await settle(one.redress.answer({ ticket, outcome: 'rejected', discloseBy: null }));
    expect(overdue()).toBeNull();
    const answers = entries(one).flatMap((entry) =>
      entry.type === 'redress-answer' ? [[entry.answer, entry.isLate]] : [],
    );
    expect(answers).toEqual([
      ['acknowledged', true],
      ['rejected', true],
    ]);
    expect(two.redress.list().corrections).toEqual([]);
  });

  test('a partner that is away is told later, once', async () => {
    isReachable = false;
    const { ticket } = await open(onBoth);
    await settle(one.redress.answer({ ticket, outcome: 'corrected', discloseBy: null }));
    await delivered();
    expect(two.redress.list().corrections).toEqual([]);
    isReachable = true;
    await delivered();
    await delivered();
    expect(two.redress.list().corrections).toHaveLength(1);
    one.redress.stop();
    expect(clock.pending).toBe(0);
  });

  test('who received nothing is told nothing', async () => {
    to = ['alpha'];
    const { ticket } = await open(onBoth);
    await settle(one.redress.answer({ ticket, outcome: 'corrected', discloseBy: null }));
    await delivered();
    expect(two.redress.list().corrections).toEqual([]);
    expect(entries(one).some(({ type }) => type === 'correction')).toBe(false);
  });

  test('a correction of a stranger, of another session, or that is none, is refused', async () => {
    const take = async (from: string, body: unknown): Promise<unknown> =>
      (handlers.get('beta') as Handler)(from, body);
    const body = { correction: 'a'.repeat(32), session, action: 'erased', salt: 'b'.repeat(64), tags: [] };
    expect(await codeOf(take('gamma', body))).toBe('session.unknown');
    expect(await codeOf(take('beta', body))).toBe('session.unknown');
    expect(await codeOf(take('alpha', { ...body, session: 'f'.repeat(32) }))).toBe('session.unknown');
    expect(await codeOf(take('alpha', { ...body, name: 'x' }))).toBe('wire.message');
    expect(two.redress.list().corrections).toEqual([]);
    await take('alpha', body);
    await take('alpha', body);
    expect(two.redress.list().corrections).toMatchObject([{ records: null, action: 'erased' }]);
    expect(entries(two).filter(({ type }) => type === 'correction')).toHaveLength(1);
  });
});

test('tags go only to who is certain to hold what matched', () => {
  const three = (output: unknown): SessionDetail =>
    ({ parties: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], output }) as unknown as SessionDetail;
  const matches = { kind: 'matches', to: ['a', 'b', 'c'], which: false };
  expect(receiversOf(three({ ...matches, predicate: { kind: 'all' } }), 'a')).toEqual([
    { id: 'b', tells: 'tags' },
    { id: 'c', tells: 'tags' },
  ]);
  expect(receiversOf(three({ ...matches, predicate: { kind: 'any' } }), 'a')[0]?.tells).toBe('session');
  expect(receiversOf(three({ ...matches, predicate: { kind: 'any' }, which: true }), 'a')[0]?.tells).toBe(
    'which',
  );
  expect(receiversOf(three({ ...matches, to: ['a'], predicate: { kind: 'all' } }), 'a')).toEqual([]);
  expect(receiversOf(three({ kind: 'counts' }), 'a')).toEqual([]);
});
