/**
 * Whose key is whose, what exactly is signed and hashed, and what a message must not do to others: the neighbours of the
 * cases in membership.test.ts, one step beside each.
 */
import { describe, expect, test } from 'vitest';
import { standingId } from '../agreement/signed.ts';
import { encodeHex } from '../bytes/index.ts';
import { agreementOf, hashOf, keyOf, signerOf } from '../policy/world-agreement.testkit.ts';
import { nowMs, signAll } from '../policy/world.testkit.ts';
import { canonicalBytes, domainHash, isSigned } from '../wire/canonical.ts';
import { applyMembership } from './fold.ts';
import {
  affirm,
  agreement,
  everybody,
  fold,
  lift,
  type Part,
  reasons,
  renew,
  rotation,
  say,
  signed,
  suspend,
  withdraw,
} from './membership.testkit.ts';
import {
  hashMembership,
  type MembershipBody,
  type MembershipMessage,
  provePossession,
  signMembership,
} from './messages.ts';
import { emptyMembership, type Membership, membersHash, policyMembership, renewalsOf } from './state.ts';

const acceptOf = (of: string, key: string) => ({ type: 'accept', of, publicKey: keyOf(key) }) as const;
const memberOf = (membership: Membership, id: string) => membership.members.find((one) => one.id === id);
const refusal = (membership: Membership, message: unknown): readonly string[] =>
  reasons(applyMembership(membership, message));

describe("a key that somebody holds, or held, is nobody else's", () => {
  const rotated = fold([rotation('alba', 1, null, 'alba-2')]);
  test.each<[string, MembershipMessage]>([
    ["a station's, for an officer", rotation('borea', 1, 'approver-1', 'cedra')],
    ["a body's, for a station", rotation('borea', 1, null, 'watch')],
    ["the own station's, for an officer", rotation('borea', 1, 'ana', 'borea')],
    ['one that waits to be accepted', rotation('borea', 1, null, 'alba-2')],
    ['one that was replaced', rotation('borea', 1, null, 'alba')],
    ["an officer's, for a station", rotation('borea', 1, null, 'alba/approver-1')],
  ])('%s', (_, message) => {
    expect(refusal(rotated, message)).toEqual(['key.taken']);
  });

  test('an officer of another party is no officer', () => {
    const other = agreementOf();
    other.parties[0]?.officers.push({ id: 'only', role: 'auditor', publicKey: keyOf('alba/only') });
    const membership = emptyMembership(signAll(other));
    const body = {
      agreement: membership.agreement,
      from: 'borea',
      sequence: 1,
      atMs: nowMs,
      type: 'rotate' as const,
      officer: 'only',
      publicKey: keyOf('borea/only'),
    };
    const possession = provePossession(body, signerOf('borea/only'));
    const message = signMembership({ ...body, possession }, signerOf('borea'));
    expect(refusal(membership, message)).toEqual(['officer.unknown']);
  });
});

describe('acceptance is of one key, of one member', () => {
  const two = fold([
    rotation('borea', 1, null, 'borea-2'),
    rotation('borea', 2, null, 'borea-3'),
    rotation('cedra', 1, null, 'cedra-2'),
  ]);
  const rest = everybody.filter((id) => id !== 'borea');
  const numberOf = (id: string): number => (id === 'cedra' ? 2 : 1);

  test('and counts for no other', () => {
    const some = fold(
      ['watch', 'alba'].map((id) => say(id, 1, acceptOf('borea', 'borea-2'))),
      two,
    );
    const key = (name: string, after: number, acceptedBy: readonly string[]) => ({
      after,
      publicKey: keyOf(name),
      acceptedBy,
      signsFrom: after === 0 ? 1 : null,
    });
    // In one order, whoever came first.
    expect(memberOf(some, 'borea')?.keys).toEqual([
      key('borea', 0, []),
      key('borea-2', 1, ['alba', 'watch']),
      key('borea-3', 2, []),
    ]);
    expect(memberOf(some, 'alba')).toEqual({
      ...memberOf(two, 'alba'),
      hashes: expect.any(Array),
      lastAtMs: nowMs + 1,
    });
    expect(memberOf(some, 'cedra')).toEqual(memberOf(two, 'cedra'));
    const all = fold(
      rest.map((id) => say(id, numberOf(id), acceptOf('borea', 'borea-2'))),
      two,
    );
    const stations = policyMembership(all, 'alba').keys.filter(({ officer }) => officer === null);
    expect(stations).toEqual([{ of: 'borea', officer: null, publicKey: keyOf('borea-2') }]);
  });

  test.each<[string, Part<MembershipBody>]>([
    ['of nobody', acceptOf('delta', 'borea-2')],
    ['of a key that the agreement names', acceptOf('borea', 'borea')],
    ['of a key that was not named', acceptOf('borea', 'somebody')],
    ["of another member's key", acceptOf('borea', 'cedra-2')],
    ['twice removed: of one who named none', acceptOf('alba', 'borea-2')],
  ])('%s: there is none', (_, part) => {
    expect(refusal(two, say('watch', 1, part))).toEqual(['key.unknown']);
  });
});

describe('what was said stays with the key that said it', () => {
  test('a key that waits forks nobody', () => {
    const rotated = fold([rotation('alba', 1, null, 'alba-2')]);
    expect(refusal(rotated, say('alba', 1, suspend, 'alba-2'))).toEqual(['message.signature']);
  });

  test('another message under an old number forks, however many came since', () => {
    const membership = fold([say('alba', 1, renew('next')), say('alba', 2, suspend)]);
    expect(applyMembership(membership, say('alba', 1, withdraw)).kind).toBe('forked');
  });

  test('a new key that affirms first signs from the next number on', () => {
    const rotated = fold([
      rotation('alba', 1, null, 'alba-2'),
      ...everybody.slice(1).map((id) => say(id, 1, acceptOf('alba', 'alba-2'))),
    ]);
    const affirmed = fold([say('alba', 1, affirm(rotated), 'alba-2')], rotated);
    expect(memberOf(affirmed, 'alba')?.keys.at(-1)?.signsFrom).toBe(2);
    expect(applyMembership(affirmed, say('alba', 1, withdraw)).kind).toBe('forked');
  });

  test('what was heard before is known by what it says: no signature is looked at', () => {
    const empty = fold([]);
    const word = say('alba', 0, affirm(empty));
    const said = fold([word, say('borea', 1, suspend)], empty);
    const broken = { signature: '00'.repeat(64) };
    expect(refusal(said, { ...word, ...broken })).toEqual(['message.replayed']);
    expect(refusal(said, { ...say('borea', 1, suspend), ...broken })).toEqual(['message.replayed']);
    const newer = { agreement, from: 'alba', sequence: 0, atMs: nowMs + 1, ...affirm(empty), ...broken };
    expect(refusal(said, newer)).toEqual(['message.signature']);
  });

  test('an affirm by another key is none', () => {
    const empty = fold([]);
    expect(refusal(empty, say('alba', 0, affirm(empty), 'borea'))).toEqual(['message.signature']);
    const early = { agreement, from: 'alba', sequence: 0, atMs: 0, ...affirm(empty) } as const;
    expect(applyMembership(empty, signMembership(early, signerOf('alba'))).kind).toBe('applied');
  });
});

describe('suspensions are lifted one by one', () => {
  const membership = fold([say('alba', 1, suspend), say('alba', 2, suspend), say('cedra', 1, suspend)]);
  const suspension = (by: string, sequence: number) => ({ by, sequence, reason: 'incident', liftedBy: [] });
  const next = (id: string): number => ({ alba: 3, cedra: 2 })[id] ?? 1;

  test('each stands for itself', () => {
    expect(membership.suspensions).toEqual([
      suspension('alba', 1),
      suspension('alba', 2),
      suspension('cedra', 1),
    ]);
    expect(refusal(membership, say('watch', 1, lift('cedra', 2)))).toEqual(['suspension.unknown']);
    expect(refusal(membership, say('watch', 1, lift('borea', 1)))).toEqual(['suspension.unknown']);
    expect(refusal(membership, say('watch', 1, { type: 'resume', lifts: [] }))).toEqual([
      'message.malformed',
    ]);
    const first = fold(
      everybody.map((id) => say(id, next(id), lift('alba', 1))),
      membership,
    );
    expect(policyMembership(first, 'borea').suspendedBy).toEqual(['alba', 'cedra']);
    const all = {
      type: 'resume' as const,
      lifts: [...lift('alba', 1).lifts, ...lift('alba', 2).lifts, ...lift('cedra', 1).lifts],
    };
    const last = fold(
      everybody.toReversed().map((id) => say(id, next(id), all)),
      membership,
    );
    expect(policyMembership(last, 'borea').suspendedBy).toEqual([]);
    for (const { liftedBy } of last.suspensions) expect(liftedBy).toEqual(everybody.toSorted());
  });

  test('who does not suspend says that it does not, while another does', () => {
    expect(applyMembership(membership, say('borea', 0, affirm(membership))).kind).toBe('applied');
    expect(refusal(membership, say('cedra', 1, affirm(membership)))).toEqual(['suspension.own']);
  });
});

test('the list is not confirmed while one has not, whoever it is', () => {
  const empty = fold([]);
  for (const silent of everybody.filter((id) => id !== 'borea')) {
    const some = fold(everybody.filter((id) => id !== silent).map((id) => say(id, 0, affirm(empty))));
    expect(policyMembership(some, 'borea').heardAtMs, silent).toBeNull();
  }
});

test('of two versions that all have signed, each begins on its own day', () => {
  const both = fold(
    everybody.flatMap((id) => [say(id, 1, renew('next', 500)), say(id, 2, renew('another', 9000))]),
  );
  const want = [
    { next: hashOf('another'), fromMs: nowMs + 9000 },
    { next: hashOf('next'), fromMs: nowMs + 500 },
  ].toSorted((a, b) => (a.next < b.next ? -1 : 1));
  expect(renewalsOf(both)).toEqual(want);
  const turned = fold(
    everybody.flatMap((id) => [say(id, 1, renew('another', 9000)), say(id, 2, renew('next', 500))]),
  );
  expect(renewalsOf(turned)).toEqual(want);
});

describe('who belongs, before anybody has spoken', () => {
  test('parties and bodies with the keys of the agreement, officers in one order', () => {
    const other = agreementOf();
    for (const party of other.parties) party.officers.reverse();
    const membership = emptyMembership(signAll(other));
    expect(membership.members.map(({ id, kind, maySuspend, keys }) => [id, kind, maySuspend, keys])).toEqual(
      everybody.map((id) => [
        id,
        ['watch', 'inspect'].includes(id) ? 'oversight' : 'party',
        true,
        [{ after: 0, publicKey: keyOf(id), acceptedBy: [], signsFrom: 1 }],
      ]),
    );
    expect(membership.officerKeys).toEqual(fold([]).officerKeys);
    const stations = policyMembership(membership, 'borea').keys.filter(({ officer }) => officer === null);
    expect(stations).toEqual([]);
  });

  test('the hash of the list says who, by which keys, accepted by whom, suspended by whom', () => {
    const rotated = [rotation('alba', 1, null, 'alba-2')];
    const forked = applyMembership(fold([say('alba', 1, suspend)]), say('alba', 1, withdraw));
    const lists = [
      fold([]),
      fold([say('alba', 1, withdraw)]),
      fold([say('borea', 1, withdraw)]),
      fold([say('alba', 1, suspend)]),
      forked.kind === 'forked' ? forked.membership : fold([]),
      fold(rotated),
      fold([rotation('alba', 1, null, 'alba-3')]),
      fold([...rotated, say('borea', 1, acceptOf('alba', 'alba-2'))]),
      fold([rotation('alba', 1, 'ana', 'alba/new')]),
    ];
    expect(new Set(lists.map(membersHash)).size).toBe(lists.length);
    const { members, suspensions, officerKeys } = fold([]);
    const value = {
      agreement: standingId(signed.agreement),
      members: members.map(({ id, hasWithdrawn, hasForked, keys }) => ({
        id,
        hasWithdrawn,
        hasForked,
        keys: keys.map(({ signsFrom: _, ...key }) => key),
      })),
      suspensions,
      officerKeys,
    };
    expect(membersHash(fold([]))).toBe(encodeHex(domainHash('members', canonicalBytes(value))));
  });
});

describe('what is signed', () => {
  test('a message without its signature, in its own domain', () => {
    const { signature, ...body } = say('alba', 1, suspend);
    expect(isSigned('membership', body, signature, keyOf('alba'))).toBe(true);
    const hash = encodeHex(domainHash('membership-message', canonicalBytes(body)));
    expect(hashMembership({ ...body, signature } as MembershipMessage)).toBe(hash);
    for (const text of [`${signature}00`, `00${signature}`]) {
      expect(refusal(fold([]), { ...body, signature: text })).toEqual(['message.malformed']);
    }
  });

  test('a new key signs who names it, for whom, under which number', () => {
    const message = rotation('alba', 1, 'ana', 'alba/new') as MembershipMessage & { type: 'rotate' };
    const { possession, from, sequence, officer, publicKey } = message;
    const claim = { agreement, from, sequence, officer, publicKey };
    expect(isSigned('key-possession', claim, possession, publicKey)).toBe(true);
    const body = { agreement, from: 'alba', atMs: nowMs + 9, type: 'rotate' as const, publicKey, possession };
    for (const change of [
      { sequence: 2, officer: 'ana' },
      { sequence: 1, officer: 'keeper' },
      { sequence: 1, officer: null },
    ]) {
      const before = change.sequence === 2 ? fold([say('alba', 1, renew('next'))]) : fold([]);
      const again = signMembership({ ...body, ...change }, signerOf('alba'));
      expect(refusal(before, again)).toEqual(['key.possession']);
    }
  });
});
