/**
 * The desk of a node, each rule alone: whom it tells of a request, and what it does with what it hears.
 */
import type { Emergencies } from '@tallystick/host/emergencies';
import { silentLog } from '@tallystick/host/log';
import { memoryStore, type Store } from '@tallystick/host/store';
import { TallyError } from '@tallystick/protocol/errors';
import { signNotice } from '@tallystick/protocol/policy';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { keepOversight } from '../../packages/node/src/daemon/oversight.ts';
import { hashOf, signerOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import * as given from './words.testkit.ts';

beforeEach(given.freshWorld);

describe('the desk of a node', () => {
  let asks: { to: string; kind: string; body: unknown }[];
  let answer: (to: string) => unknown;
  let bring: (from: string, body: unknown) => unknown;
  let attempts: string[];
  let ended: string[];
  let goOnline: () => void;
  const open = (store: Store = memoryStore()) =>
    keepOversight({
      identity: { id: 'borea', sign: signerOf('borea') },
      store,
      sealer: given.sealer,
      agreements: { get: (id) => (id === given.agreement ? { id, signed: given.signed } : undefined) },
      members: {
        facts: () => ({ keys: given.world.keys }) as unknown as ReturnType<Emergencies['facts']> as never,
      },
      audit: given.audit,
      mail: {
        ask: async (to, kind, body) => {
          asks.push({ to, kind, body });
          return answer(to);
        },
        serve: (_, handler) => void (bring = handler),
      },
      link: { onState: (hear) => void (goOnline = () => hear('online', undefined)) },
      clock: given.world.clock,
      log: silentLog,
      attempt: (from, code) => void attempts.push(`${from} ${code}`),
      sessions: () =>
        [given.request, hashOf('other'), undefined].map((one) => ({
          terms: (one && { standing: { agreement: given.agreement, request: one } }) as never,
          cancel: (error: TallyError) => void ended.push(`${one} ${error.code}`),
        })),
    });
  beforeEach(() => {
    [asks, attempts, ended] = [[], [], []];
    answer = () => ({ verdicts: [] });
  });

  test('tells every body of the agreement, signed, once', async () => {
    const desk = open();
    desk.tell(given.asked);
    desk.tell(given.asked);
    await vi.waitFor(() => expect(asks.length).toBe(2));
    expect(asks).toEqual(
      ['watch', 'inspect'].map((to) => ({
        to,
        kind: 'oversight.request',
        body: signNotice(given.asked, 'borea', signerOf('borea')),
      })),
    );
    expect(given.typesOf()).toEqual(['notice borea', 'notice borea']);
    expect(given.codeOf(() => desk.tell({ ...given.asked, agreement: hashOf('x') }))).toBe(
      'agreement.unknown',
    );
    desk.close();
  });

  test('who does not answer is told again, when the link is back and later; who answered is not', async () => {
    let isAway = true;
    answer = (to) => {
      if (to === 'inspect' && isAway) throw new TallyError('peer.absent', 'away');
      return { verdicts: [] };
    };
    const desk = open();
    desk.tell(given.asked);
    const toldOf = (id: string) => asks.filter(({ to }) => to === id).length;
    await vi.waitFor(() => expect([toldOf('watch'), toldOf('inspect')]).toEqual([1, 1]));
    await vi.waitFor(() => {
      goOnline();
      expect(toldOf('inspect')).toBeGreaterThan(1);
    });
    isAway = false;
    const before = toldOf('inspect');
    await vi.waitFor(() => {
      given.world.clock.advance(60_000);
      expect(toldOf('inspect')).toBeGreaterThan(before);
    });
    await vi.waitFor(() => expect(given.world.clock.pending).toBe(0));
    expect(toldOf('watch')).toBe(1);
    desk.close();
  });

  test('takes what a body answers, whatever stands beside it, and asks no more', async () => {
    answer = (to) =>
      to === 'watch'
        ? { verdicts: [null, given.vetoOf('alba'), given.yesOf('inspect'), given.vetoOf()] }
        : 'what?';
    const desk = open();
    desk.tell(given.asked);
    await vi.waitFor(() =>
      expect(desk.vetoes(given.request)).toEqual([{ by: 'watch', request: given.request }]),
    );
    expect(desk.authorisations(given.request).map(({ of }) => of)).toEqual(['inspect']);
    expect(ended).toEqual([`${given.request} agreement.denied`]);
    await vi.waitFor(() => expect(given.world.clock.pending).toBe(0));
    goOnline();
    expect(asks.length).toBe(2);
    // What does not belong, of a pinned peer.
    expect(attempts).toEqual(['watch verdict.invalid', 'watch verdict.invalid']);
    desk.close();
  });

  test('a veto ends the sessions of its request and of no other, once; a yes ends none', () => {
    const desk = open();
    bring('alba', { verdict: given.yesOf() });
    expect(ended).toEqual([]);
    for (const from of ['alba', 'cedra', 'watch']) bring(from, { verdict: given.vetoOf() });
    expect(ended).toEqual([`${given.request} agreement.denied`]);
    bring('alba', { verdict: given.vetoOf('inspect') });
    expect(ended.length).toBe(2);
    desk.close();
  });

  test('a word that is none is refused, changes nothing, and is noted with who brought it', () => {
    const desk = open();
    for (const body of [
      { verdict: given.vetoOf('watch', given.request, 'alba') },
      { verdict: null },
      null,
      {},
    ]) {
      expect(given.codeOf(() => bring('alba', body))).toBe('verdict.invalid');
    }
    given.world.keys = given.rotated('watch');
    expect(given.codeOf(() => bring('cedra', { verdict: given.vetoOf() }))).toBe('verdict.invalid');
    expect([desk.vetoes(given.request), ended, given.world.entries]).toEqual([[], [], []]);
    expect(attempts).toEqual([...new Array<string>(4).fill('alba verdict.invalid'), 'cedra verdict.invalid']);
    // What the disk does not take is no attempt.
    given.world.keys = [];
    given.world.isLogFull = true;
    expect(given.codeOf(() => bring('watch', { verdict: given.vetoOf() }))).toBe('store.write');
    expect([attempts.length, ended]).toEqual([5, []]);
    desk.close();
  });

  test('what a body said stands after a start, and what was not told yet is told', async () => {
    const store = memoryStore();
    answer = () => {
      throw new TallyError('peer.absent', 'away');
    };
    const first = open(store);
    first.tell(given.asked);
    bring('alba', { verdict: given.vetoOf() });
    await vi.waitFor(() => expect(asks.length).toBeGreaterThanOrEqual(2));
    first.close();
    asks = [];
    answer = () => ({ verdicts: [] });
    const again = open(store);
    expect(again.vetoes(given.request)).toEqual([{ by: 'watch', request: given.request }]);
    await vi.waitFor(() => expect(asks.map(({ to }) => to).toSorted()).toEqual(['inspect', 'watch']));
    again.close();
  });
});
