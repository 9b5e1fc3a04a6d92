/** The list of members: who must sign what, replays, gaps, forks, and that every order gives one list. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agreementOf, hashOf, keyOf, signerOf } from '../policy/world-agreement.testkit.ts';
import { nowMs, signAll } from '../policy/world.testkit.ts';
import { applyMembership } from './fold.ts';
import {
  affirm,
  agreement,
  everybody,
  fold,
  lift,
  reasons,
  renew,
  rotation,
  say,
  signed,
  suspend,
  withdraw,
} from './membership.testkit.ts';
import { type MembershipMessage, signMembership } from './messages.ts';
import { emptyMembership, type Membership, membersHash, policyMembership, renewalsOf } from './state.ts';

describe('suspension', () => {
  test.each(everybody)('%s suspends alone, at once', (id) => {
    expect(policyMembership(fold([say(id, 1, suspend)]), 'borea').suspendedBy).toEqual([id]);
  });

  test('is lifted by all, and by all only', () => {
    let membership = fold([say('alba', 1, suspend)]);
    for (const id of everybody) {
      expect(policyMembership(membership, 'borea').suspendedBy).toEqual(['alba']);
      membership = fold([say(id, id === 'alba' ? 2 : 1, lift('alba', 1))], membership);
    }
    expect(policyMembership(membership, 'borea').suspendedBy).toEqual([]);
  });

  test('one voice twice is one voice', () => {
    const voices = ['alba', 'borea', 'cedra', 'watch'].map((id) =>
      say(id, id === 'alba' ? 2 : 1, lift('alba', 1)),
    );
    const membership = fold([say('alba', 1, suspend), ...voices, say('watch', 2, lift('alba', 1))]);
    expect(policyMembership(membership, 'borea').suspendedBy).toEqual(['alba']);
  });

  test('of two suspensions, lifting one leaves the other', () => {
    const membership = fold([say('alba', 1, suspend), say('watch', 1, suspend)]);
    const lifted = fold(
      everybody.map((id) => say(id, ['alba', 'watch'].includes(id) ? 2 : 1, lift('alba', 1))),
      membership,
    );
    expect(policyMembership(lifted, 'borea').suspendedBy).toEqual(['watch']);
  });

  test('who has withdrawn is not asked to lift', () => {
    const rest = ['alba', 'borea', 'watch', 'inspect'];
    const membership = fold([
      say('alba', 1, suspend),
      ...rest.map((id) => say(id, id === 'alba' ? 2 : 1, lift('alba', 1))),
    ]);
    expect(policyMembership(membership, 'borea').suspendedBy).toEqual(['alba']);
    expect(policyMembership(fold([say('cedra', 1, withdraw)], membership), 'borea').suspendedBy).toEqual([]);
  });

  test('a body without the power cannot', () => {
    const other = agreementOf();
    other.oversight[1] = { ...(other.oversight[1] as (typeof other.oversight)[number]), powers: ['veto'] };
    const membership = emptyMembership(signAll(other));
    const message = signMembership(
      { agreement: membership.agreement, from: 'inspect', sequence: 1, atMs: nowMs, ...suspend },
      signerOf('inspect'),
    );
    expect(reasons(applyMembership(membership, message))).toEqual(['suspension.no-power']);
  });

  test('of its own, nobody affirms the contrary', () => {
    const membership = fold([say('alba', 1, suspend)]);
    expect(reasons(applyMembership(membership, say('alba', 1, affirm(membership))))).toEqual([
      'suspension.own',
    ]);
  });

  test('that is lifted may be lifted again: voices come in any order', () => {
    const voices = everybody.map((id) => say(id, id === 'alba' ? 2 : 1, lift('alba', 1)));
    const membership = fold([say('alba', 1, suspend), ...voices, say('watch', 2, lift('alba', 1))]);
    expect(policyMembership(membership, 'borea').suspendedBy).toEqual([]);
  });

  test('that is not there is not lifted', () => {
    expect(reasons(applyMembership(fold([]), say('alba', 1, lift('borea', 1))))).toEqual([
      'suspension.unknown',
    ]);
  });
});

describe('what a node may rely upon', () => {
  test('nothing, until everybody else has spoken', () => {
    const empty = fold([]);
    expect(policyMembership(empty, 'borea')).toMatchObject({ heardAtMs: null, notSuspended: [] });
    const some = fold(['alba', 'cedra', 'watch'].map((id) => say(id, 0, affirm(empty))));
    expect(policyMembership(some, 'borea').heardAtMs).toBeNull();
    expect(policyMembership(some, 'borea').notSuspended.map(({ from }) => from)).toEqual([
      'alba',
      'cedra',
      'watch',
    ]);
    const all = fold([say('inspect', 0, affirm(empty))], some);
    expect(policyMembership(all, 'borea').heardAtMs).toBe(nowMs);
  });

  test('the oldest of the newest words, and only those about the same list', () => {
    const empty = fold([]);
    const words = ['alba', 'cedra', 'watch', 'inspect'].map((id) =>
      say(id, id === 'alba' ? 1 : 0, affirm(empty)),
    );
    const renewed = fold([say('alba', 1, renew('next')), ...words]);
    expect(policyMembership(renewed, 'borea').heardAtMs).toBe(nowMs);
    // Another list: the word still says 'not suspended', and confirms nothing.
    const word = (from: string, afterMs: number, members: string): MembershipMessage =>
      signMembership(
        { agreement, from, sequence: 0, atMs: nowMs + afterMs, type: 'affirm', members },
        signerOf(from),
      );
    const other = fold([word('watch', 2, hashOf('another list'))], renewed);
    expect(policyMembership(other, 'borea').notSuspended).toContainEqual({ from: 'watch', atMs: nowMs + 2 });
    expect(policyMembership(other, 'borea').heardAtMs).toBe(nowMs);
    // A word about the list as it will be counts once it is so.
    const rotated = rotation('alba', 2, 'keeper', 'alba/new');
    const after = membersHash(fold([rotated], renewed));
    const early = fold([word('watch', 9, after)], renewed);
    const confirmed = ({ members }: Membership): unknown =>
      members.find(({ id }) => id === 'watch')?.confirmedAtMs;
    expect(confirmed(early)).toBe(nowMs);
    expect(confirmed(fold([rotated], early))).toBe(nowMs + 9);
  });

  test('no word that is older than another, or that leaves out what its sender said', () => {
    const membership = fold([say('alba', 1, renew('next'))]);
    expect(reasons(applyMembership(membership, say('alba', 2, affirm(membership))))).toEqual(['message.gap']);
    const old = signMembership(
      { agreement, from: 'alba', sequence: 0, atMs: nowMs + 5, ...affirm(membership) },
      signerOf('alba'),
    );
    expect(reasons(applyMembership(membership, old))).toEqual(['message.replayed']);
    const said = fold([say('alba', 1, affirm(membership))], membership);
    expect(reasons(applyMembership(said, say('alba', 1, affirm(membership))))).toEqual(['message.replayed']);
  });

  test('a party that has withdrawn is gone for good', () => {
    const membership = fold([say('cedra', 1, withdraw)]);
    expect(policyMembership(membership, 'borea').withdrawn).toEqual(['cedra']);
    expect(reasons(applyMembership(membership, say('cedra', 1, affirm(membership))))).toEqual([
      'member.withdrawn',
    ]);
    expect(reasons(applyMembership(membership, say('watch', 1, withdraw)))).toEqual(['member.not-a-party']);
  });

  test('a renewal once everybody has signed it', () => {
    const most = fold(everybody.slice(1).map((id) => say(id, 1, renew('next'))));
    const next = { next: hashOf('next'), fromMs: nowMs + 1000 };
    expect(renewalsOf(most)).toEqual([]);
    expect(renewalsOf(fold([say('alba', 1, renew('another'))], most))).toEqual([]);
    const all = fold([say('alba', 1, renew('next'))], most);
    expect(renewalsOf(all)).toEqual([next]);
    expect(policyMembership(all, 'borea').renewed).toEqual([next]);
    expect(renewalsOf(fold([say('alba', 1, withdraw)], most))).toEqual([next]);
  });

  test('a renewal is final: nobody takes back alone what all have signed, or moves it to a later day', () => {
    const all = fold(everybody.map((id) => say(id, 1, renew('next'))));
    const moved = fold([say('alba', 2, renew('another')), say('borea', 2, renew('next', 9000))], all);
    expect(renewalsOf(moved)).toEqual([{ next: hashOf('next'), fromMs: nowMs + 1000 }]);
    const earlier = fold([say('cedra', 2, renew('next', 500))], moved);
    expect(renewalsOf(earlier)).toEqual([{ next: hashOf('next'), fromMs: nowMs + 500 }]);
  });
});

describe('keys', () => {
  const accept = (by: string, sequence = 1) =>
    say(by, sequence, { type: 'accept', of: 'alba', publicKey: keyOf('alba-2') });

  test("an officer's at once, by the party's signature and the new key's", () => {
    const membership = fold([rotation('alba', 1, 'approver-1', 'alba/new')]);
    expect(policyMembership(membership, 'borea').keys).toContainEqual({
      of: 'alba',
      officer: 'approver-1',
      publicKey: keyOf('alba/new'),
    });
    const again = fold([rotation('alba', 2, 'approver-1', 'alba/newer')], membership);
    const keys = policyMembership(again, 'borea').keys.filter(
      ({ of, officer }) => of === 'alba' && officer === 'approver-1',
    );
    expect(keys).toEqual([{ of: 'alba', officer: 'approver-1', publicKey: keyOf('alba/newer') }]);
    expect(reasons(applyMembership(again, rotation('alba', 3, 'approver-2', 'alba/new')))).toEqual([
      'key.taken',
    ]);
    expect(reasons(applyMembership(again, rotation('alba', 3, 'approver-2', 'borea/ana')))).toEqual([
      'key.taken',
    ]);
    expect(reasons(applyMembership(again, rotation('alba', 3, 'stranger', 'alba/3')))).toEqual([
      'officer.unknown',
    ]);
  });

  test("the sender's own only after every other member accepted it", () => {
    let membership = fold([rotation('alba', 1, null, 'alba-2')]);
    for (const id of ['borea', 'cedra', 'watch']) membership = fold([accept(id)], membership);
    const early = say('alba', 2, suspend, 'alba-2');
    expect(reasons(applyMembership(membership, early))).toEqual(['key.not-accepted']);
    expect(
      policyMembership(membership, 'borea').keys.some(({ publicKey }) => publicKey === keyOf('alba-2')),
    ).toBe(false);
    membership = fold([accept('inspect'), early], membership);
    expect(policyMembership(membership, 'borea').suspendedBy).toEqual(['alba']);
    expect(policyMembership(membership, 'borea').keys).toContainEqual({
      of: 'alba',
      officer: null,
      publicKey: keyOf('alba-2'),
    });
    expect(reasons(applyMembership(membership, say('alba', 3, withdraw)))).toEqual(['message.signature']);
    expect(applyMembership(membership, say('alba', 1, withdraw)).kind).toBe('forked');
    expect(reasons(applyMembership(membership, say('alba', 1, withdraw, 'alba-2')))).toEqual([
      'message.signature',
    ]);
  });

  test("the sender's old key signs until the new one is used", () => {
    const rotated = fold([rotation('alba', 1, null, 'alba-2'), say('alba', 2, suspend)]);
    expect(policyMembership(rotated, 'borea').suspendedBy).toEqual(['alba']);
    const accepted = fold(
      ['borea', 'cedra', 'watch', 'inspect'].map((id) => accept(id)),
      rotated,
    );
    const still = fold([say('alba', 3, lift('alba', 2))], accepted);
    const used = fold([say('alba', 3, lift('alba', 2), 'alba-2')], accepted);
    expect(applyMembership(still, say('alba', 4, withdraw)).kind).toBe('applied');
    expect(reasons(applyMembership(used, say('alba', 4, withdraw)))).toEqual(['message.signature']);
    const lifted = fold(
      everybody.slice(1).map((id) => say(id, 2, lift('alba', 2))),
      still,
    );
    const affirmed = fold([say('alba', 3, affirm(lifted), 'alba-2')], lifted);
    expect(reasons(applyMembership(affirmed, say('alba', 4, withdraw)))).toEqual(['message.signature']);
  });

  test('not without the new key itself, not for oneself, not a key that nobody has', () => {
    const stolen = rotation('alba', 1, null, 'alba-2') as MembershipMessage & { type: 'rotate' };
    const { signature: _, ...body } = { ...stolen, publicKey: keyOf('somebody') };
    const membership = fold([]);
    expect(reasons(applyMembership(membership, signMembership(body, signerOf('alba'))))).toEqual([
      'key.possession',
    ]);
    expect(reasons(applyMembership(membership, accept('borea')))).toEqual(['key.unknown']);
    const rotated = fold([rotation('alba', 1, null, 'alba-2')]);
    expect(
      reasons(
        applyMembership(
          rotated,
          say('alba', 2, { type: 'accept', of: 'alba', publicKey: keyOf('alba-2') }, 'alba-2'),
        ),
      ),
    ).toEqual(['key.not-accepted', 'key.unknown']);
  });
});

describe('what changes nothing', () => {
  const first = say('alba', 1, renew('next'));
  const membership = fold([first]);
  const bad: [string, unknown, ...string[]][] = [
    ['a replay', first, 'message.replayed'],
    ['a gap', say('alba', 3, suspend), 'message.gap'],
    ["another's signature", say('alba', 2, suspend, 'borea'), 'message.signature'],
    ['a changed field', { ...say('alba', 2, suspend), reason: 'order' }, 'message.signature'],
    ['a stranger', say('delta', 1, suspend), 'message.unknown-sender'],
    ['another agreement', { ...first, agreement: hashOf('another') }, 'message.other-agreement'],
    ['an unknown type', { ...first, type: 'pardon' }, 'message.malformed'],
    ['an unknown field', { ...first, extra: 1 }, 'message.malformed'],
    [
      'time that runs backwards',
      signMembership({ agreement, from: 'alba', sequence: 2, atMs: nowMs, ...suspend }, signerOf('alba')),
      'message.backwards',
    ],
    [
      'several reasons',
      signMembership({ agreement, from: 'watch', sequence: 2, atMs: 0, ...withdraw }, signerOf('watch')),
      'message.gap',
      'member.not-a-party',
    ],
  ];
  test.each(bad)('%s', (_, message, ...want) => {
    expect(reasons(applyMembership(membership, message))).toEqual(want);
  });

  test('any JSON is refused, and nothing throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(applyMembership(membership, value).kind).toBe('refused');
      }),
      { numRuns: 100, endOnFailure: true },
    );
  });
});

test('two messages under one number: the sender is believed no more, and counts as suspending', () => {
  const membership = fold([say('alba', 1, renew('next')), say('alba', 2, withdraw)].slice(0, 1));
  const outcome = applyMembership(membership, say('alba', 1, renew('another')));
  expect(outcome.kind).toBe('forked');
  const forked = outcome.kind === 'forked' ? outcome.membership : membership;
  expect(policyMembership(forked, 'borea').suspendedBy).toEqual(['alba']);
  expect(reasons(applyMembership(forked, say('alba', 1, affirm(forked))))).toEqual(['member.forked']);
  expect(reasons(applyMembership(forked, say('alba', 1, renew('a third'))))).toEqual(['member.forked']);
});

test('messages of different senders in any order give one list, and a replay anywhere changes nothing', () => {
  const bySender: Record<string, MembershipMessage[]> = {
    alba: [rotation('alba', 1, 'approver-1', 'alba/new'), say('alba', 2, suspend)],
    borea: [say('borea', 1, suspend), rotation('borea', 2, 'keeper', 'borea/new')],
    cedra: [rotation('cedra', 1, 'ana', 'cedra/new'), say('cedra', 2, withdraw)],
    watch: [say('watch', 1, renew('next')), say('watch', 2, suspend)],
  };
  const all = Object.entries(bySender).flatMap(([id, messages]) => messages.map(() => id));
  const want = membersHash(fold(Object.values(bySender).flat()));
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), fc.nat(), (order, pick) => {
      const queues = new Map(Object.entries(bySender).map(([id, messages]) => [id, [...messages]]));
      let membership = emptyMembership(signed);
      const said: MembershipMessage[] = [];
      for (const id of order) {
        const message = queues.get(id)?.shift() as MembershipMessage;
        membership = fold([message], membership);
        said.push(message);
        const replay = applyMembership(membership, said[pick % said.length]);
        expect(reasons(replay)).toEqual(['message.replayed']);
      }
      expect(membersHash(membership)).toBe(want);
    }),
    { numRuns: 25, endOnFailure: true },
  );
});
