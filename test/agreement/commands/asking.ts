/** `session request | propose | consent | explain` under an agreement: from a draft to an answer, and what stops it. */
import { readFile } from 'node:fs/promises';
import type { SessionDetail } from '@tallystick/node/control';
import { type PolicyRequest, requestId } from '@tallystick/protocol/policy';
import { describe, expect, test } from 'vitest';
import { approve } from '../../session/standing.testkit.ts';
import { endAt, until } from '../../session/world.ts';
import { type Desks, type Drafted, ids, requestOptions } from '../desk.testkit.ts';

const without = (name: string): string[] => requestOptions.filter(([one]) => one !== name).flat();
/** What must be said; a key file may also be a passphrase. */
const needed = requestOptions.map(([name]) => name).filter((name) => name !== '--signer-key-file');

interface Explained {
  readonly self: string;
  readonly detail: SessionDetail;
  readonly agreement: { readonly name: string } | null;
}

function requesting(the: () => Desks): void {
  test.each([...needed, '--out'])('without %s', async (name) => {
    const out = name === '--out' ? [] : ['--out', 'none.json'];
    const done = await the().on('alpha', 'session', 'request', ...without(name), ...out);
    expect(done).toMatchObject({ code: 2, out: '' });
    expect(done.err).toMatch(new RegExp(`${name}(?: \\S+)? is missing`));
    await expect(readFile(the().at('none.json'))).rejects.toThrow('ENOENT');
  });

  test.each<[string, string, string]>([
    ['--output', 'pairs', 'output: want one of pair'],
    ['--with', 'alpha', 'with: alpha is this node'],
    ['--with', 'gamma', 'with: gamma is no party of the agreement'],
    ['--agreement', 'two-rivers', 'agreement: want later-rivers, three-rivers'],
    ['--use', 'curiosity', '--use: want one of'],
    ['--recipe', 'nmae', '--recipe: want one of'],
    ['--tier', 'urgent', '--tier: want one of'],
    ['--category', 'alpha', '--category: want PARTY='],
    ['--records', '0', '--records: want a whole number from 1'],
    ['--emergency', 'abc', '--emergency: want the 64 characters'],
  ])('%s %s', async (name, value, want) => {
    const given = [...without(name), name, value, '--out', 'none.json'];
    const done = await the().on('alpha', 'session', 'request', ...given);
    expect(done).toMatchObject({ code: 2, out: '' });
    expect(done.err).toContain(want);
  });

  test("signed with another's key: refused, and nothing is written", async () => {
    const other = ['--signer', 'eva', '--signer-key-file', 'eva.key'];
    const given = [...without('--signer').filter((one) => !/signer-key-file|ana.key/.test(one)), ...other];
    const done = await the().on('alpha', 'session', 'request', ...given, '--out', 'none.json');
    expect(done).toMatchObject({ code: 4, out: '' });
    expect(done.err).toContain('parties.0.officers (requester.signature)');
    await expect(readFile(the().at('none.json'))).rejects.toThrow('ENOENT');
  });

  test('never over a file that is there', async () => {
    const { out } = await the().draft();
    const before = await readFile(out, 'utf8');
    const done = await the().on('alpha', 'session', 'request', ...requestOptions.flat(), '--out', out);
    expect(done).toMatchObject({ out: '' });
    expect(done.code).not.toBe(0);
    expect(await readFile(out, 'utf8')).toBe(before);
  });
}

export function asking(the: () => Desks): void {
  const approval = (of: 'alpha' | 'beta', { request }: Drafted): Promise<string> =>
    the().file(`approval-${of}.json`, approve(request, of));
  const propose = (path: string, ...more: string[]) =>
    the().on('alpha', 'session', 'propose', '--request', path, '--list', 'watch', ...more);
  const denials = async (id: 'alpha' | 'beta') =>
    (await the().entries(id)).flatMap((entry) => (entry.type === 'deny' ? [entry] : []));
  const books = async () => the().json<{ head: string }[]>('alpha', 'ledger', 'show');

  describe('session request is refused by the name of the option', () => requesting(the));

  describe('session propose --request', () => {
    test.each<[string, (made: Drafted) => unknown, string]>([
      ['what is no request', () => ({ purpose: 'find' }), 'want a request'],
      ['a field that nobody knows', ({ request }) => ({ ...request, extra: 1 }), 'extra'],
      ['an agreement for a request', () => the().signed.agreement, 'want a request'],
    ])('refuses %s', async (_, make, want) => {
      const path = await the().file('broken.json', make(await the().draft()));
      const done = await propose(path);
      expect(done).toMatchObject({ code: 2, out: '' });
      expect(done.err).toContain(want);
    });

    test('refuses a list that is not here, and an approval that is none', async () => {
      const made = await the().draft();
      const list = await the().on('alpha', 'session', 'propose', '--request', made.out, '--list', 'none');
      expect([list.code, list.err]).toEqual([2, expect.stringContaining('none')]);
      const unlisted = await the().on('alpha', 'session', 'propose', '--request', made.out);
      expect([unlisted.code, unlisted.err]).toEqual([2, expect.stringContaining('--list NAME is missing')]);
      const bad = await propose(made.out, '--approval', made.out);
      expect([bad.code, bad.err]).toEqual([2, expect.stringContaining('want an approval')]);
    });

    test('under an agreement that the node does not hold: denied, and in its log', async () => {
      const { request } = await the().draft();
      const before = (await denials('alpha')).length;
      const unheld = { ...request, agreement: 'ab'.repeat(32) };
      const done = await propose(await the().file('unheld.json', unheld));
      expect(done).toMatchObject({ code: 4, out: '' });
      expect(done.err).toContain('agreement.unknown');
      const [entry, ...others] = (await denials('alpha')).slice(before);
      expect(others).toEqual([]);
      expect(entry).toMatchObject({
        by: 'alpha',
        session: null,
        agreement: unheld.agreement,
        request: requestId(unheld),
        phase: 'propose',
        failed: [{ clause: 'agreement', code: 'agreement.unknown' }],
      });
    });

    test.each<
      [string, (made: Drafted) => Promise<string[]>, string, ((request: PolicyRequest) => PolicyRequest)?]
    >([
      ['without approvals', async () => [], 'tiers.routine.approvals (approval.too-few'],
      [
        'with the approval of another request',
        async () => ['--approval', await approval('alpha', await the().draft())],
        'parties.0.officers (approval.other-request',
      ],
      [
        'with a changed approval',
        async ({ request }) => {
          const good = approve(request, 'alpha');
          return ['--approval', await the().file('c.json', { ...good, expiresAtMs: good.expiresAtMs + 1 })];
        },
        'parties.0.officers (approval.signature',
      ],
      [
        "with another's signature in the place of the requester's",
        async ({ request }) => ['--approval', await the().file('a.json', approve(request, 'alpha'))],
        'parties.0.officers (requester.signature',
        (request) => ({ ...request, requesterSignature: approve(request, 'alpha').signature }),
      ],
      [
        "with the requester's own",
        async ({ request }) => ['--approval', await the().file('o.json', approve(request, 'alpha', 'ana'))],
        'parties.0.officers (approval.requester',
      ],
    ])('%s is denied: the clause is named and logged, nothing is charged', async (_, more, want, change) => {
      const made = await the().draft();
      const [before, charged] = [await denials('alpha'), await books()];
      const path = change === undefined ? made.out : await the().file('changed.json', change(made.request));
      const done = await propose(path, ...(await more(made)));
      expect(done).toMatchObject({ code: 4, out: '' });
      expect(done.err).toContain(want);
      const [entry, ...others] = (await denials('alpha')).slice(before.length);
      expect(others).toEqual([]);
      expect(entry).toMatchObject({ phase: 'propose', agreement: the().agreementId, request: made.id });
      const [clause, code] = want.split(/ \(/);
      expect(entry?.failed).toContainEqual({ clause, code });
      expect(await books()).toEqual(charged);
      expect(await denials('beta')).toEqual([]);
    });
  });

  test('approved, consented to, run, explained; the same request again is a replay', async () => {
    const made = await the().draft();
    const first = await propose(made.out, '--approval', await approval('alpha', made), '--json');
    expect(first.code).toBe(0);
    const { session, repeats } = JSON.parse(first.out) as { session: string; repeats: string | null };
    expect(repeats).toBeNull();
    await until(async () => {
      const known = await the().world.node('beta').call('session.list', {});
      return known.some((one) => one.session === session && one.state === 'offered') ? true : undefined;
    }, 'beta is asked');
    const consent = (...more: string[]) =>
      the().on('beta', 'session', 'consent', session.slice(0, 12), '--list', 'watch', ...more);
    // Permitted to ask its people once every channel is open.
    const bare = await until(async () => {
      const done = await consent();
      return done.err.includes('not possible') ? undefined : done;
    }, 'beta may consent');
    expect(bare).toMatchObject({ code: 4, out: '' });
    expect(bare.err).toContain('approval.too-few');
    const good = await consent('--approval', await approval('beta', made), '--json');
    expect([good.code, good.out]).toEqual([0, `${JSON.stringify({ session })}\n`]);
    const again = await consent('--approval', await approval('beta', made));
    expect(again).toMatchObject({ code: 2, out: '' });
    for (const id of ids) {
      const { state, matches } = await endAt(the().world.node(id), session);
      expect([state, id === 'alpha' ? matches?.identifiers : matches]).toEqual([
        'done',
        id === 'alpha' ? the().shared.length : null,
      ]);
    }

    const explained = await the().json<Explained>('beta', 'session', 'explain', session);
    expect([explained.self, explained.agreement?.name]).toEqual(['beta', 'three-rivers']);
    const { decisions, request, marks } = explained.detail;
    expect(decisions.map(({ phase, kind }) => `${phase} ${kind}`)).toContain('consent denial');
    expect(decisions.at(-1)).toMatchObject({ phase: 'start', kind: 'permit', failed: [] });
    expect(request).toMatchObject({ agreement: the().agreementId, purpose: 'find', tier: 'routine' });
    expect(marks).toEqual({ tlp: 'AMBER', pap: 'GREEN' });
    const words = (await the().on('beta', 'session', 'explain', session)).out;
    for (const word of ['find', 'approver-1', 'TLP:AMBER']) expect(words).toContain(word);

    const charged = await books();
    const replayed = await propose(made.out, '--approval', the().at('approval-alpha.json'));
    expect(replayed).toMatchObject({ code: 4, out: '' });
    for (const word of ['request.nonce', 'proposal.replayed', 'approval.used']) {
      expect(replayed.err).toContain(word);
    }
    const last = (await denials('alpha')).at(-1);
    expect(last?.failed.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['proposal.replayed', 'approval.used']),
    );
    expect(await books()).toEqual(charged);
    const why = await the().on('alpha', 'session', 'explain', last?.session ?? '');
    expect(why.out).toContain('this proposal was seen before');
  });

  test.each([
    ['session', 'explain', 'ffff'],
    ['session', 'consent', 'ffff', '--list', 'watch'],
  ])('%s %s of a session that is not known', async (...words) => {
    const done = await the().on('beta', ...words);
    expect(done).toMatchObject({ code: 2, out: '' });
    expect(done.err).toContain('SESSION: no session begins with ffff');
  });
}
