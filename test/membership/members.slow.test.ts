/** Members tell each other: who hears what, when, by whom, and what a restart, a backup, a cut or a lie changes. */
import type { SignedAgreement } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import { type MembershipBody, type MembershipMessage, signMembership } from '@tallystick/protocol/membership';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agreementOf, hashOf, signerOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import { nowMs, signAll } from '../../packages/protocol/src/policy/world.testkit.ts';
import { createRing, everybody, type Ring, settle, type Station, until } from './ring.testkit.ts';

const signed: SignedAgreement = signAll(agreementOf());
const minute = 60_000;
const suspend = { type: 'suspend', reason: 'incident' } as const;
const renew = (name: string) => ({ type: 'renew', next: hashOf(name), fromMs: 0 }) as const;

let ring: Ring;
let at: Record<string, Station>;
const the = (id: string): Station => at[id] as Station;

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'said',
    (error: TallyError) => error.code,
  );

const exchange = (from: string, to: string, messages: readonly unknown[]): Promise<unknown> => {
  const heads = the(from).members.roll(ring.agreement).heads();
  return the(from).mail.ask(to, 'membership.exchange', { agreement: ring.agreement, heads, messages });
};

/** Signed as the member would. */
function message(from: string, sequence: number, rest: object, atMs = nowMs): MembershipMessage {
  const body = { agreement: ring.agreement, from, sequence, atMs, ...rest } as MembershipBody;
  return signMembership(body, signerOf(from));
}

beforeEach(async () => {
  ring = createRing(signed, nowMs);
  at = await ring.startAll();
  await ring.pass(1_000);
  await until(() => everybody.every((id) => the(id).status().standing === 'open'));
});

afterEach(() => ring.close());

describe('a suspension', () => {
  test('binds at everybody at once, and stands in every log', async () => {
    const said = await the('borea').members.say(ring.agreement, suspend);
    expect([said.sequence, [...said.told].sort(), said.missed]).toEqual([
      1,
      everybody.filter((id) => id !== 'borea').sort(),
      [],
    ]);
    for (const id of everybody) {
      expect(the(id).facts().suspendedBy).toEqual(['borea']);
      expect(the(id).changes.at(-1)?.suspendedBy).toEqual(['borea']);
      expect(the(id).audit.filter(({ type }) => type === 'suspend')).toHaveLength(1);
    }
    // Nobody's duplicate was remarked upon: what one has, it is not told again.
    expect(everybody.flatMap((id) => the(id).audit.filter(({ type }) => type === 'attempt'))).toEqual([]);
  });

  test('reaches through others whoever cannot hear its sender', async () => {
    ring.cut.add('borea cedra').add('borea watch').add('borea inspect');
    const said = await the('borea').members.say(ring.agreement, suspend);
    expect(said.told).toEqual(['alba']);
    await until(() => everybody.every((id) => the(id).facts().suspendedBy.length === 1));
  });

  test('is lifted when the last has lifted it', async () => {
    await the('borea').members.say(ring.agreement, suspend);
    const lifts = [{ by: 'borea', sequence: 1 }];
    for (const id of everybody) {
      expect(everybody.map((one) => the(one).status().standing)).not.toContain('open');
      await the(id).members.say(ring.agreement, { type: 'resume', lifts });
    }
    await ring.pass(2 * minute);
    await until(() => everybody.every((id) => the(id).status().standing === 'open'));
  });

  test('is heard after a restart, and by one who was away, from anybody', async () => {
    const cedra = the('cedra');
    await cedra.stop();
    const said = await the('borea').members.say(ring.agreement, suspend);
    expect(said.missed).toEqual(['cedra']);
    await the('borea').stop();
    at['cedra'] = await ring.start('cedra', cedra.store);
    expect(the('cedra').facts().suspendedBy).toEqual([]);
    await ring.pass(1_000);
    await until(() => the('cedra').facts().suspendedBy.length === 1);
    at['borea'] = await ring.start('borea', the('borea').store);
    expect(the('borea').facts().suspendedBy).toEqual(['borea']);
    expect((await the('borea').members.say(ring.agreement, renew('next'))).sequence).toBe(2);
  });
});

describe("'not suspended'", () => {
  test('is said often enough that nobody goes stale, and silence does', async () => {
    await ring.pass(35 * minute);
    await until(() => everybody.every((id) => the(id).status().standing === 'open'));
    for (const id of everybody) if (id !== 'cedra') ring.cut.add(`cedra ${id}`);
    await ring.pass(19 * minute); // the newest words are ten minutes old at most
    expect(the('cedra').status().standing).toBe('open');
    await ring.pass(12 * minute);
    expect(the('cedra').status().standing).toBe('unheard');
    expect(
      the('alba')
        .status()
        .members.find(({ id }) => id === 'cedra')?.isHeard,
    ).toBe(false);
    ring.cut.clear();
    await ring.pass(11 * minute);
    await until(() => everybody.every((id) => the(id).status().standing === 'open'));
  });

  test('comes through others as well', async () => {
    ring.cut.add('alba cedra');
    await ring.pass(40 * minute);
    await until(() => everybody.every((id) => the(id).status().standing === 'open'));
  });

  test('is not said by who suspends, nor after the end', async () => {
    await the('borea').members.say(ring.agreement, suspend);
    expect(await codeOf(the('borea').members.affirm(ring.agreement))).toBe('membership.refused');
    await ring.pass(40 * minute);
    expect(
      the('alba')
        .status()
        .members.find(({ id }) => id === 'borea')?.isHeard,
    ).toBe(false);
  });

  test('is kept once for each member, however often it was said', async () => {
    await ring.pass(25 * minute);
    expect(the('alba').store.list('members').length).toBe(everybody.length);
  });
});

describe('what is refused changes nothing and stands in the log', () => {
  const attempts = (id: string) =>
    the(id).audit.flatMap((entry) => (entry.type === 'attempt' ? [[entry.from, entry.code]] : []));

  test.each<[string, () => unknown, string]>([
    ['a message of a stranger', () => message('delta', 1, suspend), 'message.unknown-sender'],
    ['a wrong signature', () => ({ ...message('cedra', 1, suspend), reason: 'order' }), 'message.signature'],
    ['a message after a gap', () => message('cedra', 2, suspend), 'message.gap'],
    [
      'a message of the future',
      () => message('cedra', 1, renew('next'), nowMs + 10 * minute),
      'message.future',
    ],
    ['something else', () => ({ hello: 1 }), 'message.malformed'],
  ])('%s', async (_, make, code) => {
    const before = the('alba').hash();
    await exchange('borea', 'alba', [make(), make()]);
    expect(the('alba').hash()).toBe(before);
    expect(attempts('alba')).toEqual([['borea', code]]);
    expect(the('alba').audit.filter(({ type }) => type !== 'attempt')).toEqual([]);
  });

  test('but a word that its sender’s withdrawal has overtaken is nothing to remark upon', async () => {
    const word = message('cedra', 0, { type: 'affirm', members: the('alba').hash() });
    await the('cedra').members.say(ring.agreement, { type: 'withdraw' });
    await exchange('borea', 'alba', [word]);
    expect(attempts('alba')).toEqual([]);
    expect(the('alba').facts().withdrawn).toEqual(['cedra']);
  });

  test('again and again: counted, and logged once an hour', async () => {
    const bad = message('delta', 1, suspend);
    await exchange('borea', 'alba', [bad, bad, bad]);
    ring.clock.advance(61 * minute);
    await exchange('borea', 'alba', [bad]);
    const counts = the('alba').audit.flatMap((entry) => (entry.type === 'attempt' ? [entry.count] : []));
    expect(counts).toEqual([1, 2, 1]);
  });

  test('a suspension that was lifted, once more', async () => {
    const { sequence } = await the('cedra').members.say(ring.agreement, suspend);
    const replayed = the('borea').members.roll(ring.agreement).lackedBy([])[0];
    for (const id of everybody) {
      await the(id).members.say(ring.agreement, { type: 'resume', lifts: [{ by: 'cedra', sequence }] });
    }
    await exchange('borea', 'alba', []); // borea knows from now on that alba has it
    await exchange('borea', 'alba', [replayed]);
    expect(the('alba').facts().suspendedBy).toEqual([]);
    expect(attempts('alba')).toEqual([['borea', 'message.replayed']]);
  });

  test('a suspension binds even where its clock is off', async () => {
    await exchange('borea', 'alba', [message('cedra', 1, suspend, nowMs + 1000 * minute)]);
    expect(the('alba').facts().suspendedBy).toEqual(['cedra']);
  });

  test('questions of who is no member, or about another agreement', async () => {
    const ask = (agreement: string) =>
      codeOf(the('borea').mail.ask('alba', 'membership.exchange', { agreement, heads: [], messages: [] }));
    expect(await ask(hashOf('another'))).toBe('agreement.unknown');
    // Pinned, named by the agreement, and no member: it merges.
    const hub = await ring.start('hub');
    const told = hub.mail.ask('alba', 'membership.exchange', {
      agreement: ring.agreement,
      heads: [],
      messages: [],
    });
    expect([await codeOf(told), hub.members.facts(ring.agreement)]).toEqual(['agreement.unknown', undefined]);
    expect(await codeOf(the('borea').mail.ask('alba', 'membership.exchange', { agreement: 1 }))).toBe(
      'wire.message',
    );
  });

  test('what a member may not say', async () => {
    const wrong = the('alba').members.say(ring.agreement, {
      type: 'resume',
      lifts: [{ by: 'borea', sequence: 1 }],
    });
    await expect(wrong).rejects.toMatchObject({
      code: 'membership.refused',
      message: expect.stringContaining('suspension.unknown'),
    });
    expect(await codeOf(the('watch').members.say(ring.agreement, { type: 'withdraw' }))).toBe(
      'membership.refused',
    );
    expect(await codeOf(the('watch').members.say(hashOf('another'), suspend))).toBe('agreement.unknown');
    expect(the('watch').audit).toEqual([]);
  });
});

describe('who says different things to different members', () => {
  test('is found out, believed no more, and everybody has the proof', async () => {
    await the('cedra').stop();
    for (const id of everybody) ring.cut.add(`borea ${id}`);
    await exchange('watch', 'alba', [message('cedra', 1, renew('one'))]);
    await exchange('watch', 'borea', [message('cedra', 1, renew('two'))]);
    await settle();
    expect(everybody.map((id) => the(id).facts().suspendedBy.length)).toEqual([0, 0, 0, 0, 0]);
    ring.cut.clear();
    await ring.pass(11 * minute);
    const others = everybody.filter((id) => id !== 'cedra');
    await until(() => others.every((id) => the(id).facts().suspendedBy.includes('cedra')));
    for (const id of others) {
      expect(
        the(id)
          .status()
          .members.find((one) => one.id === 'cedra')?.hasForked,
      ).toBe(true);
    }
    await the('alba').stop();
    at['alba'] = await ring.start('alba', the('alba').store);
    expect(the('alba').facts().suspendedBy).toEqual(['cedra']);
  });
});

describe('a station that was taken back from a backup', () => {
  test('learns its own numbers from the others before it speaks', async () => {
    const empty = the('alba');
    await the('alba').members.say(ring.agreement, renew('one'));
    await empty.stop();
    at['alba'] = await ring.start('alba');
    expect((await the('alba').members.say(ring.agreement, renew('two'))).sequence).toBe(2);
    await settle();
    expect(
      the('borea')
        .status()
        .members.find(({ id }) => id === 'alba')?.hasForked,
    ).toBe(false);
  });

  test('is not taken in by a question: who asks knows more of it than itself', async () => {
    await the('alba').members.say(ring.agreement, renew('one'));
    await the('alba').stop();
    at['alba'] = await ring.start('alba');
    for (const id of everybody) ring.cut.add(`alba ${id}`);
    await exchange('borea', 'alba', []);
    expect(await codeOf(the('alba').members.say(ring.agreement, renew('two')))).toBe('membership.unheard');
  });

  test('where nobody answers says nothing but what must not wait', async () => {
    const { store } = the('alba');
    await the('alba').stop();
    at['alba'] = await ring.start('alba', store);
    for (const id of everybody) ring.cut.add(`alba ${id}`);
    expect(await codeOf(the('alba').members.say(ring.agreement, renew('one')))).toBe('membership.unheard');
    const said = await the('alba').members.say(ring.agreement, suspend);
    expect([said.told, the('alba').facts().suspendedBy]).toEqual([[], ['alba']]);
  });
});

test('what cannot be kept binds nobody, is heard again, and does not undo what came before', async () => {
  const { store, audit } = the('alba');
  const put = store.put.bind(store);
  let writes = 0;
  store.put = (...args) => {
    if (++writes > 1) throw new TallyError('store.write', 'disk: full');
    put(...args);
  };
  const both = [message('borea', 1, suspend), message('cedra', 1, suspend)];
  await exchange('watch', 'alba', both);
  expect([the('alba').facts().suspendedBy, the('alba').changes.at(-1)?.suspendedBy]).toEqual([
    ['borea'],
    ['borea'],
  ]);
  store.put = put;
  await exchange('watch', 'alba', both);
  expect(the('alba').facts().suspendedBy).toEqual(['borea', 'cedra']);
  expect(audit.filter(({ type }) => type === 'suspend')).toHaveLength(3);
});

test('what cannot be kept is not said', async () => {
  const { store, members } = the('alba');
  const put = store.put.bind(store);
  store.put = () => {
    throw new TallyError('store.write', 'disk: full');
  };
  expect(await codeOf(members.say(ring.agreement, suspend))).toBe('store.write');
  store.put = put;
  await settle();
  for (const id of everybody) expect(the(id).facts().suspendedBy).toEqual([]);
  expect((await members.say(ring.agreement, suspend)).sequence).toBe(1);
});
