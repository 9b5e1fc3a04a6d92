/** `emergency …`, `membership …`, `redress …`, `clock`, and the logs that all of it leaves. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseExport } from '@tallystick/protocol/audit';
import { signEmergency } from '@tallystick/protocol/policy';
import { describe, expect, test } from 'vitest';
import { cli } from '../../cli/helpers.ts';
import { type Desks, ids, signAsApprover, valueOf } from '../desk.testkit.ts';

const refused = (code: number, word: string) => [code, '', expect.stringContaining(word)];

export function emergencies(the: () => Desks): void {
  const declared = (atMs = Date.now()) => {
    const body = {
      agreement: the().agreementId,
      of: 'alpha',
      officer: 'approver-2',
      grounds: 'flight',
      atMs,
    };
    return signEmergency({ type: 'declare', ...body, grounds: 'flight' }, signAsApprover);
  };

  test('told at one it stands at both, once; a changed one is refused, its reason named, the attempt logged', async () => {
    const message = declared();
    const path = await the().file('declared.json', message);
    const told = await the().json<{ isNew: boolean; told: string[]; missed: string[] }>(
      'alpha',
      'emergency',
      'tell',
      path,
    );
    // The body of the agreement is not there.
    expect(told).toEqual({ isNew: true, told: ['beta'], missed: ['watch'] });
    expect(await the().json('alpha', 'emergency', 'tell', path)).toMatchObject({ isNew: false });
    for (const id of ids) {
      const [one, ...more] = await the().json<Record<string, unknown>[]>(id, 'emergency', 'list');
      expect(more).toEqual([]);
      expect(one).toMatchObject({
        agreement: { id: the().agreementId, name: 'three-rivers' },
        of: 'alpha',
        officer: 'approver-2',
        grounds: 'flight',
        declaredAtMs: message.atMs,
        isInForce: true,
        isLocking: false,
        review: null,
        reviewedBy: [],
      });
      expect((await the().entries(id)).filter(({ type }) => type === 'emergency').length).toBe(1);
    }
    const changed = await the().file('changed.json', { ...message, grounds: 'danger-to-life' });
    const done = await the().on('alpha', 'emergency', 'tell', changed);
    expect([done.code, done.out, done.err]).toEqual(refused(4, 'signature'));
    const nothing = await the().on('alpha', 'emergency', 'tell', await the().file('nothing.json', {}));
    expect([nothing.code, nothing.out, nothing.err]).toEqual(refused(2, 'of no agreement held here'));
    const attempts = (await the().entries('alpha')).filter(({ type }) => type === 'attempt');
    expect(attempts).toContainEqual(expect.objectContaining({ code: 'emergency.refused' }));
    expect((await the().json<unknown[]>('alpha', 'emergency', 'list')).length).toBe(1);
  });
}

export function membership(the: () => Desks): void {
  const on = async (...words: string[]) => {
    const { code, out, err } = await the().on('alpha', 'membership', ...words);
    return [code, out, err];
  };

  test('status: who has not been heard; silence is exit code 2', async () => {
    const done = await the().on('alpha', 'membership', 'status', 'three-rivers', '--json');
    const [one, ...more] = valueOf<Record<string, unknown>[]>(done, 2);
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      agreement: the().agreementId,
      name: 'three-rivers',
      version: 1,
      time: 'in-force',
      endsSoon: false,
      standing: 'unheard',
      suspensions: [],
      renewal: null,
      officerKeys: [],
    });
    const members = (one?.members ?? []) as { id: string; isSelf: boolean }[];
    expect(members.map(({ id, isSelf }) => [id, isSelf])).toEqual([
      ['alpha', true],
      ['beta', false],
      ['watch', false],
    ]);
    const both = valueOf<{ name: string; time: string }[]>(
      await the().on('alpha', 'membership', 'status', '--json'),
      2,
    );
    expect(both.map(({ name, time }) => [name, time])).toEqual(
      expect.arrayContaining([
        ['later-rivers', 'not-yet'],
        ['three-rivers', 'in-force'],
      ]),
    );
    const affirmed = await the().json<{ members: { id: string; isHeard: boolean }[] }>(
      'alpha',
      'membership',
      'affirm',
      the().agreementId.slice(0, 8),
    );
    expect(affirmed.members.filter(({ isHeard }) => isHeard).map(({ id }) => id)).toEqual(['alpha', 'beta']);
  });

  test.each<[string[], number, string]>([
    [['status', 'two-rivers'], 2, 'agreement two-rivers: none of this name or id'],
    [['suspend', 'three-rivers'], 2, '--reason is missing: one of incident'],
    [['suspend', 'three-rivers', '--reason', 'mood'], 2, '--reason: want one of'],
    [['suspend', 'two-rivers', '--reason', 'order'], 2, 'agreement two-rivers'],
    [['resume', 'three-rivers'], 4, 'nothing stands'],
    [['withdraw', 'three-rivers'], 2, '--id is missing'],
    [['withdraw', 'three-rivers', '--id', 'ffffffff'], 2, '--id: want the id'],
    [['rotate', 'three-rivers'], 2, '--new is missing'],
    [['accept', 'three-rivers', 'beta', `sha256:${'A'.repeat(43)}`], 4, 'beta has named no new key'],
    [['renew', 'three-rivers', 'agreement.json'], 2, 'supersedes another agreement'],
    [['renew', 'three-rivers', 'none.json'], 3, 'none.json'],
  ])('%j is refused', async (words, code, want) => {
    expect(await on(...words)).toEqual(refused(code, want));
  });

  test('suspended by one it binds both; lifted by one it still stands; an officer gets another key', async () => {
    const said = await the().json<{ told: string[]; missed: string[] }>(
      'alpha',
      'membership',
      'suspend',
      'three-rivers',
      '--reason',
      'incident',
    );
    expect(said).toMatchObject({ told: ['beta'], missed: ['watch'] });
    for (const id of ids) {
      const done = await the().on(id, 'membership', 'status', 'three-rivers', '--json');
      expect(valueOf<unknown[]>(done, 2)).toMatchObject([
        { standing: 'suspended', suspensions: [{ by: 'alpha', reason: 'incident', liftedBy: [] }] },
      ]);
      const words = await the().on(id, 'membership', 'status', 'three-rivers');
      expect(words.out).toContain('suspended by alpha: an incident');
    }
    const suspensions = (await the().entries('beta')).filter(({ type }) => type === 'suspend');
    expect(suspensions).toMatchObject([{ by: 'alpha', agreement: the().agreementId, reason: 'incident' }]);
    await the().json('alpha', 'membership', 'resume', 'three-rivers');
    expect(await on('resume', 'three-rivers')).toEqual(refused(4, 'nothing stands'));
    const beta = await the().on('beta', 'membership', 'status', 'three-rivers', '--json');
    expect(valueOf<unknown[]>(beta, 2)).toMatchObject([
      { standing: 'suspended', suspensions: [{ liftedBy: ['alpha'], waitsFor: ['beta', 'watch'] }] },
    ]);

    const fresh = ['--data', the().at('keeper'), '--key-file', the().at('keeper.key')];
    expect((await cli(['init', 'keeper', ...fresh])).code).toBe(0);
    const key = [
      '--officer',
      'keeper',
      '--new',
      the().at('keeper'),
      '--new-key-file',
      the().at('keeper.key'),
    ];
    await the().json('alpha', 'membership', 'rotate', 'three-rivers', ...key);
    const now = await the().on('beta', 'membership', 'status', 'three-rivers', '--json');
    expect(valueOf<unknown[]>(now, 2)).toMatchObject([{ officerKeys: [{ of: 'alpha', officer: 'keeper' }] }]);
  });

  test('who withdraws is gone for good', async () => {
    await the().json('beta', 'membership', 'withdraw', 'three-rivers', '--id', the().agreementId.slice(0, 8));
    const done = await the().on('alpha', 'membership', 'status', 'three-rivers', '--json');
    const [one] = valueOf<{ members: { id: string; hasWithdrawn: boolean }[] }[]>(done, 2);
    expect(one?.members.filter(({ hasWithdrawn }) => hasWithdrawn).map(({ id }) => id)).toEqual(['beta']);
  });
}

export function redress(the: () => Desks): void {
  test('an enquiry is opened, acknowledged, decided; each step is shown, and mistakes are named', async () => {
    const [number] = the().shared;
    const person = await the().file('person.json', { documents: [{ kind: 'passport', number }] });
    const opened = await the().json<Record<string, unknown>>('alpha', 'redress', 'open', person);
    expect(opened).toMatchObject({
      ticket: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      subject: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      receipt: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      acknowledgedAtMs: null,
      decided: null,
      overdue: null,
    });
    const ticket = (opened.ticket as string).slice(0, 8);
    const on = async (...words: string[]) => {
      const { code, out, err } = await the().on('alpha', 'redress', ...words);
      return [code, out, err];
    };
    expect(await on('answer', ticket)).toEqual(refused(2, '--outcome OUTCOME is missing'));
    expect(await on('answer', ticket, '--outcome', 'maybe')).toEqual(refused(2, '--outcome: want one of'));
    expect(await on('answer', 'ffff', '--outcome', 'rejected')).toEqual(refused(2, 'nothing begins with it'));
    expect(await on('answer', ticket, '--outcome', 'rejected', '--disclose')).toEqual(
      refused(2, '--disclose and --officer ID go together'),
    );
    const told = ['--outcome', 'rejected', '--disclose', '--officer', 'keeper'];
    expect((await on('answer', ticket, ...told))[0]).not.toBe(0);
    expect(await on('show', ticket, '--out', 'none.jsonl')).toEqual(refused(2, '--out: is for a correction'));
    const bad = await the().file('bad-person.json', { documents: [{ number: 7 }] });
    expect(await on('open', bad)).toEqual(refused(3, 'documents.0.number'));
    const answer = ['redress', 'answer', ticket, '--outcome'];
    expect(await the().json('alpha', ...answer, 'acknowledged')).toMatchObject({ decided: null });
    expect(await the().json('alpha', ...answer, 'rejected')).toMatchObject({
      decided: { outcome: 'rejected', disclosed: null },
    });
    expect((await on('answer', ticket, '--outcome', 'erased'))[0]).not.toBe(0);
    const { receipt: _, ...kept } = opened;
    const shown = await the().json<Record<string, unknown>>('alpha', 'redress', 'show', ticket);
    expect(Object.keys(shown).toSorted()).toEqual(Object.keys(kept).toSorted());
    const list = await the().json<{ enquiries: unknown[]; corrections: unknown[] }>(
      'alpha',
      'redress',
      'list',
    );
    expect(list).toEqual({ enquiries: [shown], corrections: [] });
    // Nothing of the person is on the way out, and none of it is in the log.
    expect(JSON.stringify([list, await the().entries('alpha')])).not.toContain(number);
  });
}

export function logs(the: () => Desks): void {
  test('clock acknowledge: it had not jumped, and that somebody looked is in the log', async () => {
    expect(await the().json('alpha', 'clock', 'acknowledge')).toEqual({ jumpedByMs: null });
    expect((await the().on('alpha', 'clock', 'acknowledge')).out).toBe('the clock had not jumped\n');
    const looked = (await the().entries('alpha')).filter(({ type }) => type === 'clock');
    expect(looked.length).toBe(2);
  });

  describe('the logs of both, after all of this', () => {
    const pin = (id: string): string => `${id}=${the().world.node(id).identity.fingerprint}`;

    test('are shown, verify, prove an entry, and tell the same sessions', async () => {
      for (const id of ids) {
        const shown = await the().json<{ size: number; broken: unknown; entries: { index: number }[] }>(
          id,
          'audit',
          'show',
          '--limit',
          '3',
        );
        expect(shown.broken).toBeNull();
        expect(shown.entries.map(({ index }) => index)).toEqual([1, 2, 3].map((n) => shown.size - 4 + n));
        expect((await the().on(id, 'audit', 'export', '--out', `${id}.audit`)).code).toBe(0);
        const file = the().at(`${id}.audit`);
        const verified = await cli(['audit', 'verify', file, '--pin', pin(id), '--json']);
        expect(valueOf(verified)).toMatchObject({ findings: [], isPinned: true });
      }
      const files = ids.map((id) => the().at(`${id}.audit`));
      expect(valueOf(await cli(['audit', 'compare', ...files, '--json']))).toMatchObject({ differences: [] });
      const proof = the().at('entry.proof');
      const made = await cli(['audit', 'prove', '1', '--in', the().at('alpha.audit'), '--out', proof]);
      expect(made.code).toBe(0);
      const proved = await cli(['audit', 'verify', proof, '--pin', pin('alpha'), '--json']);
      expect(valueOf(proved)).toMatchObject({ proved: true, isPinned: true, entry: { index: 1 } });
    });

    test('a flipped bit, a tail that was cut off and an old copy are found, and what is wrong is named', async () => {
      const [old, recent] = [the().at('old.audit'), the().at('recent.audit')];
      await the().on('alpha', 'audit', 'export', '--out', old);
      await the().on('alpha', 'clock', 'acknowledge');
      await the().on('alpha', 'audit', 'export', '--out', recent);
      const checkpointOf = async (file: string): Promise<string> => {
        const { header } = parseExport(await readFile(file));
        return the().file(`${basename(file)}.checkpoint`, header.checkpoints.at(-1));
      };
      const verify = async (file: string, ...more: string[]) => {
        const done = await cli(['audit', 'verify', file, '--pin', pin('alpha'), '--json', ...more]);
        const report = JSON.parse(done.out) as { findings: { entry: number | null; problem: string }[] };
        return [done.code, report.findings.map(({ problem }) => problem)];
      };
      expect(await verify(recent, '--checkpoint', await checkpointOf(old))).toEqual([0, []]);
      const [code, [problem]] = (await verify(old, '--checkpoint', await checkpointOf(recent))) as [
        number,
        string[],
      ];
      expect([code, problem]).toEqual([1, expect.stringMatching(/./)]);
      const lines = (await readFile(recent, 'utf8')).trimEnd().split('\n');
      const cut = await the().file('cut.audit', `${lines.slice(0, -1).join('\n')}\n`);
      expect((await verify(cut))[0]).toBe(1);
      // Line 1 is the header: entry 4 is in line 6.
      const at = lines[5]?.replace('"atMs":1', '"atMs":2') ?? '';
      expect(at).not.toBe(lines[5]);
      const flipped = await the().file('flipped.audit', `${lines.with(5, at).join('\n')}\n`);
      const done = await cli(['audit', 'verify', flipped, '--pin', pin('alpha'), '--json']);
      expect(done.code).toBe(1);
      expect(JSON.parse(done.out)).toMatchObject({ findings: [{ entry: 4, problem: 'altered' }] });
      const words = await cli(['audit', 'verify', flipped, '--pin', pin('alpha')]);
      expect(words.out).toContain('entry 4');
    });

    test.each<[string[], number, string]>([
      [['show', '--limit', '0'], 2, '--limit: want a whole number'],
      [['export'], 2, '--out FILE is missing'],
      [['prove', '999999', '--in', 'alpha.audit', '--out', 'x'], 2, 'ENTRY: want 0 to'],
      [['prove', '1', '--out', 'x'], 2, '--in FILE is missing'],
      [['verify', 'none.audit'], 3, 'none.audit'],
      [['verify', 'declared.json'], 3, 'export'],
      [['verify', 'alpha.audit', '--pin', 'alpha'], 2, '--pin: want ID=FINGERPRINT'],
      [['compare', 'alpha.audit', 'alpha.audit'], 2, 'both are of alpha'],
    ])('audit %j is refused', async (words, code, want) => {
      const node = ['show', 'export'].includes(words[0] ?? '') ? ['--data', the().at('alpha')] : [];
      const done = await cli(['audit', ...words, ...node], { cwd: the().at('.') });
      expect([done.code, done.out, done.err]).toEqual(refused(code, want));
    });

    test('give a report, which the node signs and which follows from them', async () => {
      await mkdir(the().at('report'));
      const files = ids.map((id) => the().at(`${id}.audit`));
      const out = ['--out', the().at('report')];
      const report = await the().json<{ report: unknown; signature: unknown }>(
        'alpha',
        'report',
        ...files,
        ...out,
      );
      expect(Object.keys(report).toSorted()).toEqual(['report', 'signature']);
      expect((await readdir(the().at('report'))).toSorted()).toEqual([
        'report.html',
        'report.json',
        'report.md',
      ]);
      const checked = await cli(['report', 'verify', the().at('report'), ...files, '--json']);
      expect(valueOf(checked)).toMatchObject({ signer: the().world.node('alpha').identity.fingerprint });
    });
  });
}
