/**
 * What bodies say, as a station keeps it, and the desk of a body, each rule alone: no process, no network.
 */
import { fakeClock } from '@tallystick/host/clock';
import { systemRandom } from '@tallystick/host/random';
import { memoryStore, type Store } from '@tallystick/host/store';
import { createVerdictShelf } from '@tallystick/host/verdicts';
import { createRequestBook, Desk, type KnownRequest, type RequestBook } from '@tallystick/oversight/desk';
import { signApproval, signNotice, type Verdict } from '@tallystick/protocol/policy';
import { beforeEach, describe, expect, test } from 'vitest';
import { hashOf, signerOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import { nowMs } from '../../packages/protocol/src/policy/world.testkit.ts';
import { requestUnder } from './kit.ts';
import {
  hourMs,
  sealer,
  terms,
  signed,
  agreement,
  times,
  request,
  asked,
  rotated,
  vetoOf,
  yesOf,
  world,
  audit,
  typesOf,
  codeOf,
  freshWorld,
} from './words.testkit.ts';

type Shelf = ReturnType<typeof createVerdictShelf>;

beforeEach(freshWorld);

describe('kept', () => {
  let store: Store;
  let shelf: Shelf;
  let heard: Verdict[];
  const open = (): Shelf =>
    createVerdictShelf({
      store,
      sealer,
      audit,
      agreementOf: (id) => (id === agreement ? { agreement: terms, replaced: world.keys } : undefined),
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
      expect(world.entries.at(-1)).toMatchObject({ type, by: 'watch', agreement, request, session: null });
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
        world.keys = rotated('watch');
        return vetoOf();
      },
    ],
    ['nonsense', () => ({ kind: 'pardon' })],
    ['nothing', () => undefined],
  ])('not: %s', (_, make) => {
    expect(codeOf(() => shelf.take(make()))).toBe('verdict.invalid');
    expect([world.entries, heard, store.list('verdicts')]).toEqual([[], [], []]);
  });

  test('what the log does not take is not kept, and nobody acts on it', () => {
    world.isLogFull = true;
    expect(codeOf(() => shelf.take(vetoOf()))).toBe('store.write');
    expect([heard, shelf.vetoes(request)]).toEqual([[], []]);
    world.isLogFull = false;
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
    world.keys = rotated('watch');
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
      agreementOf: (of) => (of === agreement ? { agreement: terms, replaced: world.keys } : undefined),
    });
    return new Desk({
      identity: { id, sign: signerOf(id) },
      book: known,
      verdicts: shelf,
      agreements: { get: (of) => (of === agreement ? { id: of, signed: under } : undefined) },
      keys: () => world.keys,
      audit,
      outbox: { post: (item) => void posts.push(item) },
      clock: world.clock,
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
    world.clock.advance(5);
    desk.hear('alba', notice('alba'));
    desk.hear('borea', notice('borea'));
    const [row, ...more] = desk.list();
    expect(more).toEqual([]);
    expect(row?.toldBy.map(({ by, atMs }) => [by, atMs])).toEqual([
      ['borea', nowMs],
      ['alba', nowMs + 5],
    ]);
    expect(typesOf()).toEqual(['notice borea', 'notice alba']);
    expect(world.entries[0]).toMatchObject({ to: 'watch', agreement, request });
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
        world.keys = rotated('alba');
        return notice('alba');
      },
      'notice.invalid',
    ],
    ['nothing', 'alba', () => null, 'wire.message'],
  ])('does not hear of one %s', (_, from, make, code) => {
    expect(codeOf(() => desk.hear(from, make()))).toBe(code);
    expect([desk.list(), world.entries]).toEqual([[], []]);
  });

  test('has room for a thousand open ones of each party; what is over makes room', () => {
    const many = Array.from({ length: 1_000 }, (_, n): KnownRequest => {
      const toldBy = [{ by: 'alba', atMs: nowMs, signature: '' }];
      return { id: hashOf(String(n)), request: { ...asked, expiresAtMs: nowMs + n }, toldBy };
    });
    const full: RequestBook = { get: () => undefined, put: () => undefined, list: () => many };
    const busy = deskOf('watch', full);
    world.clock = fakeClock(nowMs - 1);
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
    world.clock.advance(2 * hourMs);
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
    world.clock.advance(hourMs - 1);
    expect(codeOf(() => deskOf('inspect', book).authorise(request))).toBe('');
    world.clock.advance(1);
    desk = deskOf('watch', book);
    expect(codeOf(() => desk.authorise(request))).toBe('request.over');
    expect(codeOf(() => desk.veto(request, 'order'))).toBe('');
  });

  test('what the log does not take is not said', () => {
    desk.hear('alba', notice('alba'));
    world.isLogFull = true;
    expect(codeOf(() => desk.veto(request, 'order'))).toBe('store.write');
    expect(codeOf(() => desk.hear('borea', notice('borea')))).toBe('store.write');
    expect([posts, desk.find(request).toldBy.length, shelf.about(request)]).toEqual([[], 1, []]);
  });
});
