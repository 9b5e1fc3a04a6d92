/**
 * What bodies say, as a station keeps it, and the desks at both ends, each rule alone: no process, no network.
 */
import { type FakeClock, fakeClock } from '@tallystick/host/clock';
import type { Emergencies } from '@tallystick/host/emergencies';
import { silentLog } from '@tallystick/host/log';
import { createSealer } from '@tallystick/host/seal';
import { systemRandom } from '@tallystick/host/random';
import { memoryStore, type Store } from '@tallystick/host/store';
import { createVerdictShelf } from '@tallystick/host/verdicts';
import { createRequestBook, Desk, type KnownRequest, type RequestBook } from '@tallystick/oversight/desk';
import type { EntryBody } from '@tallystick/protocol/audit';
import { standingId } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import {
  type PolicyState,
  signApproval,
  signNotice,
  signVeto,
  type Verdict,
  type Veto,
} from '@tallystick/protocol/policy';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { keepOversight } from '../../packages/node/src/daemon/oversight.ts';
import {
  agreementOf,
  hashOf,
  keyOf,
  signerOf,
} from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import { nowMs, signAll } from '../../packages/protocol/src/policy/world.testkit.ts';
import { requestUnder } from './kit.ts';

type Keys = PolicyState['membership']['keys'];
type Shelf = ReturnType<typeof createVerdictShelf>;

const hourMs = 3_600_000;
const sealer = createSealer(new Uint8Array(32).fill(4), systemRandom);
const terms = agreementOf();
// Two bodies with every power.
for (const body of terms.oversight) body.powers = ['authorise', 'veto', 'suspend'];
const signed = signAll(terms);
const agreement = standingId(terms);
const times = { createdAtMs: nowMs, expiresAtMs: nowMs + hourMs };
const { id: request, request: asked } = requestUnder(agreement, 'one', times);
const rotated = (of: string): Keys => [{ of, officer: null, publicKey: keyOf(`${of}-2`) }];

const vetoOf = (by = 'watch', about = request, key = by, change: Partial<Veto> = {}): Verdict => {
  const body = { agreement, request: about, by, reason: 'unclear', atMs: nowMs, ...change } as const;
  return { kind: 'veto', veto: signVeto(body, signerOf(key)) };
};
const yesOf = (by = 'watch', n = 1, about = request, key = by): Verdict => {
  const body = { id: hashOf(`${by} ${n}`).slice(0, 32), of: by, officer: null, request: about };
  return {
    kind: 'authorise',
    agreement,
    approval: signApproval({ ...body, expiresAtMs: nowMs + hourMs }, signerOf(key)),
  };
};

let clock: FakeClock;
let entries: EntryBody[];
let isLogFull: boolean;
let keys: Keys;
const audit = {
  append(body: EntryBody): never {
    if (isLogFull) throw new TallyError('store.write', 'no room');
    entries.push(body);
    return undefined as never;
  },
};
const typesOf = (): string[] => entries.map(({ type, by }) => `${type} ${by}`);
beforeEach(() => {
  clock = fakeClock(nowMs);
  entries = [];
  isLogFull = false;
  keys = [];
});

const codeOf = (act: () => unknown): string => {
  try {
    act();
    return '';
  } catch (thrown) {
    return (thrown as TallyError).code;
  }
};

describe('kept', () => {
  let store: Store;
  let shelf: Shelf;
  let heard: Verdict[];
  const open = (): Shelf =>
    createVerdictShelf({
      store,
      sealer,
      audit,
      agreementOf: (id) => (id === agreement ? { agreement: terms, replaced: keys } : undefined),
    });
  beforeEach(() => {
    store = memoryStore();
    shelf = open();
    heard = [];
    shelf.onNew((verdict) => void heard.push(verdict));
  });

  test('once, logged once, told once, and there after a start', () => {
    for (const [verdict, type] of [
      [yesOf(), 'authorise'],
      [vetoOf(), 'veto'],
    ] as const) {
      expect(shelf.take(verdict)).toEqual({ verdict, isNew: true });
      expect(shelf.take(structuredClone(verdict))).toMatchObject({ isNew: false });
      expect(entries.at(-1)).toMatchObject({ type, by: 'watch', agreement, request, session: null });
    }
    expect(typesOf()).toEqual(['authorise watch', 'veto watch']);
    expect(heard).toEqual([yesOf(), vetoOf()]);
    const later = open();
    expect(later.vetoes(request)).toEqual([{ by: 'watch', request }]);
    expect(later.authorisations(request)).toEqual([(yesOf() as { approval?: unknown }).approval]);
    expect(later.take(vetoOf())).toMatchObject({ isNew: false });
    expect(later.about(request).length).toBe(2);
    expect(JSON.stringify(store.list('verdicts'))).not.toContain('unclear');
  });

  test.each<[string, () => unknown]>([
    ["a veto in another's hand", () => vetoOf('watch', request, 'inspect')],
    ["a yes in another's hand", () => yesOf('watch', 1, request, 'alba')],
    ['the word of a party', () => vetoOf('alba')],
    [
      'a yes of an officer',
      () => {
        const one = yesOf() as Extract<Verdict, { kind: 'authorise' }>;
        const { signature: _, ...body } = { ...one.approval, of: 'alba', officer: 'approver-1' };
        return { ...one, approval: signApproval(body, signerOf('alba/approver-1')) };
      },
    ],
    [
      'a veto that was given for another request',
      () => {
        const { veto } = vetoOf('watch', hashOf('other')) as Extract<Verdict, { kind: 'veto' }>;
        return { kind: 'veto', veto: { ...veto, request } };
      },
    ],
    [
      'of an agreement that is not here',
      () => vetoOf('watch', request, 'watch', { agreement: hashOf('other') }),
    ],
    [
      'with the key before the last',
      () => {
        keys = rotated('watch');
        return vetoOf();
      },
    ],
    ['nonsense', () => ({ kind: 'pardon' })],
    ['nothing', () => undefined],
  ])('not: %s', (_, make) => {
    expect(codeOf(() => shelf.take(make()))).toBe('verdict.invalid');
    expect([entries, heard, store.list('verdicts')]).toEqual([[], [], []]);
  });

  test('what the log does not take is not kept, and nobody acts on it', () => {
    isLogFull = true;
    expect(codeOf(() => shelf.take(vetoOf()))).toBe('store.write');
    expect([heard, shelf.vetoes(request)]).toEqual([[], []]);
    isLogFull = false;
    expect(shelf.take(vetoOf())).toMatchObject({ isNew: true });
  });

  test('after its veto a body says yes no more; another body is another', () => {
    shelf.take(vetoOf());
    expect(shelf.take(yesOf())).toMatchObject({ isNew: false });
    expect(shelf.authorisations(request)).toEqual([]);
    expect(shelf.take(yesOf('inspect'))).toMatchObject({ isNew: true });
    expect(shelf.take(vetoOf('inspect'))).toMatchObject({ isNew: true });
    expect(
      shelf
        .vetoes(request)
        .map(({ by }) => by)
        .toSorted(),
    ).toEqual(['inspect', 'watch']);
    expect(typesOf()).toEqual(['veto watch', 'authorise inspect', 'veto inspect']);
  });

  test('of one request it says nothing about another', () => {
    // Two that begin alike.
    const digits = Array.from({ length: 40 }, (_, n) => hashOf(`request ${n}`));
    const other = digits.find((one) => one.startsWith(request.slice(0, 1))) ?? '';
    shelf.take(vetoOf('watch', other));
    expect([shelf.vetoes(request), shelf.about(request)]).toEqual([[], []]);
    expect(shelf.vetoes(other)).toEqual([{ by: 'watch', request: other }]);
  });

  test('a key that signs without end is not in the right hands; its veto still counts', () => {
    for (let n = 0; n < 16; n++) expect(shelf.take(yesOf('watch', n)).isNew).toBe(true);
    expect(codeOf(() => shelf.take(yesOf('watch', 16)))).toBe('verdict.invalid');
    expect(shelf.authorisations(request).length).toBe(16);
    expect(shelf.take(yesOf('inspect')).isNew).toBe(true);
    expect(shelf.take(vetoOf()).isNew).toBe(true);
  });

  test('what a replaced key has said: a yes counts no more, a veto stays', () => {
    shelf.take(yesOf());
    shelf.take(vetoOf());
    keys = rotated('watch');
    expect(shelf.authorisations(request)).toEqual([]);
    expect(shelf.vetoes(request)).toEqual([{ by: 'watch', request }]);
  });
});

describe('the desk of a body', () => {
  let book: RequestBook;
  let posts: { to: string; about: string; untilMs: number; body: unknown }[];
  let desk: Desk;
  let shelf: Shelf;
  const deskOf = (id: string, known: RequestBook, under = signed): Desk => {
    const store = memoryStore();
    shelf = createVerdictShelf({
      store,
      sealer,
      audit,
      agreementOf: (of) => (of === agreement ? { agreement: terms, replaced: keys } : undefined),
    });
    return new Desk({
      identity: { id, sign: signerOf(id) },
      book: known,
      verdicts: shelf,
      agreements: { get: (of) => (of === agreement ? { id: of, signed: under } : undefined) },
      keys: () => keys,
      audit,
      outbox: { post: (item) => void posts.push(item) },
      clock,
      random: systemRandom,
    });
  };
  const notice = (by: string, one = asked, key = by) => signNotice(one, by, signerOf(key));
  beforeEach(() => {
    posts = [];
    book = createRequestBook(memoryStore(), sealer);
    desk = deskOf('watch', book);
  });

  test('hears of a request from each party once, in their order, and answers with what was said', () => {
    expect(desk.hear('borea', notice('borea'))).toEqual({ verdicts: [] });
    clock.advance(5);
    desk.hear('alba', notice('alba'));
    desk.hear('borea', notice('borea'));
    const [row, ...more] = desk.list();
    expect(more).toEqual([]);
    expect(row?.toldBy.map(({ by, atMs }) => [by, atMs])).toEqual([
      ['borea', nowMs],
      ['alba', nowMs + 5],
    ]);
    expect(typesOf()).toEqual(['notice borea', 'notice alba']);
    expect(entries[0]).toMatchObject({ to: 'watch', agreement, request });
    shelf.take(vetoOf('inspect'));
    expect(desk.hear('alba', notice('alba')).verdicts).toEqual([vetoOf('inspect')]);
  });

  test.each<[string, string, () => unknown, string]>([
    ["in another's hand", 'alba', () => notice('alba', asked, 'borea'), 'notice.invalid'],
    ["brought under another's name", 'borea', () => notice('alba'), 'notice.invalid'],
    ['not signed', 'alba', () => ({ request: asked }), 'notice.invalid'],
    [
      'signed for another request',
      'alba',
      () => ({ ...notice('alba', { ...asked, purpose: 'measure' }), request: asked }),
      'notice.invalid',
    ],
    ['by a party that is not asked', 'cedra', () => notice('cedra'), 'wire.message'],
    [
      'by a proposer who is no party',
      'hub',
      () => notice('hub', { ...asked, proposer: 'hub' }),
      'notice.invalid',
    ],
    [
      'of another agreement',
      'alba',
      () => notice('alba', { ...asked, agreement: hashOf('x') }),
      'agreement.unknown',
    ],
    [
      'with the key before the last',
      'alba',
      () => {
        keys = rotated('alba');
        return notice('alba');
      },
      'notice.invalid',
    ],
    ['nothing', 'alba', () => null, 'wire.message'],
  ])('does not hear of one %s', (_, from, make, code) => {
    expect(codeOf(() => desk.hear(from, make()))).toBe(code);
    expect([desk.list(), entries]).toEqual([[], []]);
  });

  test('has room for a thousand open ones of each party; what is over makes room', () => {
    const many = Array.from({ length: 1_000 }, (_, n): KnownRequest => {
      const toldBy = [{ by: 'alba', atMs: nowMs, signature: '' }];
      return { id: hashOf(String(n)), request: { ...asked, expiresAtMs: nowMs + n }, toldBy };
    });
    const full: RequestBook = { get: () => undefined, put: () => undefined, list: () => many };
    const busy = deskOf('watch', full);
    clock = fakeClock(nowMs - 1);
    const crowded = deskOf('watch', full);
    expect(codeOf(() => crowded.hear('alba', notice('alba')))).toBe('session.busy');
    expect(codeOf(() => crowded.hear('borea', notice('borea')))).toBe('');
    // One has expired.
    expect(codeOf(() => busy.hear('alba', notice('alba')))).toBe('');
  });

  test('finds by a beginning that fits one only', () => {
    const ids = Array.from({ length: 40 }, (_, n) => requestUnder(agreement, `n ${n}`, times));
    const twins = ids.filter(({ id }) => id.startsWith(ids[0]?.id.slice(0, 1) ?? ''));
    expect(twins.length).toBeGreaterThan(1);
    for (const one of twins.slice(0, 2)) desk.hear('alba', notice('alba', one.request));
    expect(codeOf(() => desk.find(twins[0]?.id.slice(0, 1) ?? ''))).toBe('request.unknown');
    expect(desk.find(twins[1]?.id ?? '').id).toBe(twins[1]?.id);
  });

  test('its yes and its no go to everybody but itself, for as long as the request and a day', () => {
    desk.hear('alba', notice('alba'));
    desk.authorise(request);
    const everybody = ['alba', 'borea', 'cedra', 'inspect'];
    expect(posts.map(({ to }) => to)).toEqual(everybody);
    expect(new Set(posts.map(({ untilMs }) => untilMs))).toEqual(new Set([times.expiresAtMs + 24 * hourMs]));
    expect(posts[0]?.body).toEqual({ verdict: shelf.about(request)[0] });
    posts = [];
    clock.advance(2 * hourMs);
    desk.veto(request, 'order');
    expect(posts.map(({ to }) => to)).toEqual(everybody);
    expect(posts[0]?.untilMs).toBe(nowMs + 26 * hourMs);
    // Another thing to say than the yes: it does not take its place on the way.
    expect(posts[0]?.about).not.toBe(`${request}/authorise`);
  });

  test('says each thing once; after its no it says no yes; what another body says does not bind it', () => {
    desk.hear('alba', notice('alba'));
    shelf.take(vetoOf('inspect'));
    shelf.take(yesOf('inspect', 2));
    desk.authorise(request);
    const [one] = shelf.authorisations(request);
    expect(one?.of).toBe('watch');
    desk.authorise(request);
    expect(shelf.authorisations(request)).toEqual([one]);
    desk.veto(request, 'order');
    posts = [];
    desk.veto(request, 'unclear');
    expect([posts, shelf.vetoes(request).length]).toEqual([[], 2]);
    expect(codeOf(() => desk.authorise(request))).toBe('request.over');
    expect(typesOf().filter((one_) => one_.endsWith('watch'))).toEqual(['authorise watch', 'veto watch']);
  });

  test('says nothing that it has not the power to say, whatever the other body may', () => {
    desk.hear('alba', notice('alba'));
    const weak = structuredClone(signed);
    for (const one of weak.agreement.oversight) if (one.id === 'inspect') one.powers = ['suspend'];
    const other = deskOf('inspect', book, weak);
    for (const act of [() => other.authorise(request), () => other.veto(request, 'order')])
      expect(codeOf(act)).toBe('verdict.power');
    expect([posts, shelf.about(request)]).toEqual([[], []]);
  });

  test('at the instant a request ends it is authorised no more, and may still be vetoed', () => {
    desk.hear('alba', notice('alba'));
    clock.advance(hourMs - 1);
    expect(codeOf(() => deskOf('inspect', book).authorise(request))).toBe('');
    clock.advance(1);
    desk = deskOf('watch', book);
    expect(codeOf(() => desk.authorise(request))).toBe('request.over');
    expect(codeOf(() => desk.veto(request, 'order'))).toBe('');
  });

  test('what the log does not take is not said', () => {
    desk.hear('alba', notice('alba'));
    isLogFull = true;
    expect(codeOf(() => desk.veto(request, 'order'))).toBe('store.write');
    expect(codeOf(() => desk.hear('borea', notice('borea')))).toBe('store.write');
    expect([posts, desk.find(request).toldBy.length, shelf.about(request)]).toEqual([[], 1, []]);
  });
});

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
      sealer,
      agreements: { get: (id) => (id === agreement ? { id, signed } : undefined) },
      members: { facts: () => ({ keys }) as unknown as ReturnType<Emergencies['facts']> as never },
      audit,
      mail: {
        ask: async (to, kind, body) => {
          asks.push({ to, kind, body });
          return answer(to);
        },
        serve: (_, handler) => void (bring = handler),
      },
      link: { onState: (hear) => void (goOnline = () => hear('online', undefined)) },
      clock,
      log: silentLog,
      attempt: (from, code) => void attempts.push(`${from} ${code}`),
      sessions: () =>
        [request, hashOf('other'), undefined].map((one) => ({
          terms: (one && { standing: { agreement, request: one } }) as never,
          cancel: (error: TallyError) => void ended.push(`${one} ${error.code}`),
        })),
    });
  beforeEach(() => {
    [asks, attempts, ended] = [[], [], []];
    answer = () => ({ verdicts: [] });
  });

  test('tells every body of the agreement, signed, once', async () => {
    const desk = open();
    desk.tell(asked);
    desk.tell(asked);
    await vi.waitFor(() => expect(asks.length).toBe(2));
    expect(asks).toEqual(
      ['watch', 'inspect'].map((to) => ({
        to,
        kind: 'oversight.request',
        body: signNotice(asked, 'borea', signerOf('borea')),
      })),
    );
    expect(typesOf()).toEqual(['notice borea', 'notice borea']);
    expect(codeOf(() => desk.tell({ ...asked, agreement: hashOf('x') }))).toBe('agreement.unknown');
    desk.close();
  });

  test('who does not answer is told again, when the link is back and later; who answered is not', async () => {
    let isAway = true;
    answer = (to) => {
      if (to === 'inspect' && isAway) throw new TallyError('peer.absent', 'away');
      return { verdicts: [] };
    };
    const desk = open();
    desk.tell(asked);
    const toldOf = (id: string) => asks.filter(({ to }) => to === id).length;
    await vi.waitFor(() => expect([toldOf('watch'), toldOf('inspect')]).toEqual([1, 1]));
    await vi.waitFor(() => {
      goOnline();
      expect(toldOf('inspect')).toBeGreaterThan(1);
    });
    isAway = false;
    const before = toldOf('inspect');
    await vi.waitFor(() => {
      clock.advance(60_000);
      expect(toldOf('inspect')).toBeGreaterThan(before);
    });
    await vi.waitFor(() => expect(clock.pending).toBe(0));
    expect(toldOf('watch')).toBe(1);
    desk.close();
  });

  test('takes what a body answers, whatever stands beside it, and asks no more', async () => {
    answer = (to) =>
      to === 'watch' ? { verdicts: [null, vetoOf('alba'), yesOf('inspect'), vetoOf()] } : 'what?';
    const desk = open();
    desk.tell(asked);
    await vi.waitFor(() => expect(desk.vetoes(request)).toEqual([{ by: 'watch', request }]));
    expect(desk.authorisations(request).map(({ of }) => of)).toEqual(['inspect']);
    expect(ended).toEqual([`${request} agreement.denied`]);
    await vi.waitFor(() => expect(clock.pending).toBe(0));
    goOnline();
    expect(asks.length).toBe(2);
    // What does not belong, of a pinned peer.
    expect(attempts).toEqual(['watch verdict.invalid', 'watch verdict.invalid']);
    desk.close();
  });

  test('a veto ends the sessions of its request and of no other, once; a yes ends none', () => {
    const desk = open();
    bring('alba', { verdict: yesOf() });
    expect(ended).toEqual([]);
    for (const from of ['alba', 'cedra', 'watch']) bring(from, { verdict: vetoOf() });
    expect(ended).toEqual([`${request} agreement.denied`]);
    bring('alba', { verdict: vetoOf('inspect') });
    expect(ended.length).toBe(2);
    desk.close();
  });

  test('a word that is none is refused, changes nothing, and is noted with who brought it', () => {
    const desk = open();
    for (const body of [{ verdict: vetoOf('watch', request, 'alba') }, { verdict: null }, null, {}]) {
      expect(codeOf(() => bring('alba', body))).toBe('verdict.invalid');
    }
    keys = rotated('watch');
    expect(codeOf(() => bring('cedra', { verdict: vetoOf() }))).toBe('verdict.invalid');
    expect([desk.vetoes(request), ended, entries]).toEqual([[], [], []]);
    expect(attempts).toEqual([...new Array<string>(4).fill('alba verdict.invalid'), 'cedra verdict.invalid']);
    // What the disk does not take is no attempt.
    keys = [];
    isLogFull = true;
    expect(codeOf(() => bring('watch', { verdict: vetoOf() }))).toBe('store.write');
    expect([attempts.length, ended]).toEqual([5, []]);
    desk.close();
  });

  test('what a body said stands after a start, and what was not told yet is told', async () => {
    const store = memoryStore();
    answer = () => {
      throw new TallyError('peer.absent', 'away');
    };
    const first = open(store);
    first.tell(asked);
    bring('alba', { verdict: vetoOf() });
    await vi.waitFor(() => expect(asks.length).toBeGreaterThanOrEqual(2));
    first.close();
    asks = [];
    answer = () => ({ verdicts: [] });
    const again = open(store);
    expect(again.vetoes(request)).toEqual([{ by: 'watch', request }]);
    await vi.waitFor(() => expect(asks.map(({ to }) => to).toSorted()).toEqual(['inspect', 'watch']));
    again.close();
  });
});
