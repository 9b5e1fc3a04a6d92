/** `tallystick agreement …`: drafts, signatures, comparison, status; the templates of examples/agreements. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import {
  checkStanding,
  readStrictJson,
  type StandingAgreement,
  standingId,
  stripComments,
} from '@tallystick/protocol/agreement';
import {
  emptyMembership,
  type MembershipBody,
  membersHash,
  signMembership,
} from '@tallystick/protocol/membership';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diffAgreements, diffText } from '../../packages/cli/src/agreement/diff.ts';
import { encodeSigned } from '../../packages/cli/src/agreement/files.ts';
import { createQuestioner } from '../../packages/cli/src/agreement/questions.ts';
import { wordedFields } from '../../packages/cli/src/agreement/words.ts';
import { agreementOf, hashOf, signerOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import { signAll } from '../../packages/protocol/src/policy/world.testkit.ts';
import { cli, root } from '../cli/helpers.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ts-agreement-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const run = (...args: string[]) => cli(['agreement', ...args], { cwd: folder });
const problemsOf = (out: string): { path: string; code: string }[] =>
  (JSON.parse(out) as { problems: { path: string; code: string }[] }).problems;

describe('templates', () => {
  const templates = join(root, 'examples/agreements');

  test('are in order, with every comment left out of what is signed', async () => {
    const names = (await readdir(templates)).filter((name) => name.endsWith('.jsonc'));
    expect(names.length).toBe(3);
    for (const name of names) {
      const done = await run('verify', join(templates, name), '--json');
      expect(JSON.parse(done.out), name).toMatchObject({ isDraft: true, problems: [] });
      expect(done.code).toBe(0);
      const page = await run('show', join(templates, name));
      expect(page.code).toBe(0);
      expect(Math.max(...page.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(132);
      expect(page.out).not.toContain('//');
    }
  });
});

describe('new', () => {
  test('without answers: a draft, and everything that is open in it', async () => {
    const done = await run('new', 'empty.jsonc', '--set', 'name=empty', '--no-questions');
    expect(done).toMatchObject({ code: 0, out: `${at('empty.jsonc')}\n` });
    expect(done.err).toContain(
      'parties.0.publicKey: the text does not have the form wanted here (text.form)',
    );
    const verified = await run('verify', 'empty.jsonc');
    expect(verified.code).toBe(2);
    expect(verified.out).toContain('title: ');
    expect(verified.out).not.toMatch(/^name/m);
  });

  test('never over a file, never with an answer that nobody asked for', async () => {
    await writeFile(at('there.jsonc'), 'mine');
    expect(await run('new', 'there.jsonc', '--no-questions')).toMatchObject({ code: 2, out: '' });
    expect(await readFile(at('there.jsonc'), 'utf8')).toBe('mine');
    const misspelled = await run('new', 'misspelled.jsonc', '--set', 'titel=x', '--no-questions');
    expect(misspelled.err).toContain('titel');
    expect(misspelled.code).toBe(2);
  });
});

describe('questions', () => {
  const streams = () => ({ input: new PassThrough(), output: new PassThrough() });

  test('are asked in their order, also where the answers arrive in one block; a preset stands for an empty line', async () => {
    const { input, output } = streams();
    const questioner = createQuestioner(new Map([['c', 'given']]), {
      input,
      output,
      signal: new AbortController().signal,
    });
    input.write('first\n\nthird\n');
    expect(await questioner.ask('a', 'a?')).toBe('first');
    expect(await questioner.ask('b', 'b?', 'preset')).toBe('preset');
    expect(await questioner.ask('c', 'c?')).toBe('given');
    expect(await questioner.ask('d', 'd?')).toBe('third');
    input.end();
    expect(await questioner.ask('e', 'e?')).toBe('');
    questioner.close();
    expect(questioner.open).toEqual(['e']);
    const shown = (output.read() as Buffer).toString();
    for (const text of ['a?: ', 'b? [preset]: ', 'd?: ']) expect(shown).toContain(text);
    expect(shown).not.toContain('c?');
  });

  test('end when the person gives up', async () => {
    const { input, output } = streams();
    const stop = new AbortController();
    const questioner = createQuestioner(new Map(), { input, output, signal: stop.signal });
    const asked = questioner.ask('a', 'a?');
    stop.abort('SIGINT');
    await expect(asked).rejects.toBe('SIGINT');
  });
});

describe('what stands on disk', () => {
  const draft = (change: (agreement: StandingAgreement) => void = () => undefined): string => {
    const agreement = agreementOf();
    change(agreement);
    return JSON.stringify(agreement, null, 1);
  };
  const write = (name: string, contents: string | Uint8Array) => writeFile(at(name), contents);

  test('verify lists every problem, of a draft', async () => {
    await write(
      'bad.jsonc',
      draft((a) => Object.assign(a, { notAfter: a.notBefore, extra: 1, prohibitedUses: [] })),
    );
    const done = await run('verify', 'bad.jsonc', '--json');
    expect(
      problemsOf(done.out)
        .map(({ path, code }) => `${path} ${code}`)
        .sort(),
    ).toEqual(['extra field.unknown', 'notAfter time.order', 'prohibitedUses set.too-small']);
    const first = await run('show', 'bad.jsonc');
    expect(first).toMatchObject({ code: 2, out: '' });
    expect(first.err).toContain('3 problems');
  });

  test('a field that stands twice, and what is no JSON', async () => {
    await write('twice.jsonc', draft().replace('"version": 2', '"version": 2, "version": 2'));
    expect(problemsOf((await run('verify', 'twice.jsonc', '--json')).out)).toEqual([
      { path: 'version', code: 'key.repeated-field' },
    ]);
    await write('none.jsonc', '{');
    expect(problemsOf((await run('verify', 'none.jsonc', '--json')).out)).toEqual([
      { path: '', code: 'text.not-json' },
    ]);
  });

  test('a signed agreement is its canonical bytes', async () => {
    const signed = signAll(agreementOf());
    await write('signed.json', encodeSigned(signed));
    expect(await run('verify', 'signed.json')).toMatchObject({
      code: 0,
      out: `signed by all\nid ${standingId(signed.agreement)}\n`,
    });
    await write(
      'pretty.json',
      JSON.stringify(JSON.parse(new TextDecoder().decode(encodeSigned(signed))), null, 2),
    );
    expect(problemsOf((await run('verify', 'pretty.json', '--json')).out)).toEqual([
      { path: '', code: 'text.not-canonical' },
    ]);
    const { out } = await run('show', 'signed.json', '--canonical');
    expect(hashOf(out)).toBe(standingId(signed.agreement));
  });

  test('a changed byte: no signature stands', async () => {
    const text = new TextDecoder().decode(encodeSigned(signAll(agreementOf())));
    await write('changed.json', text.replace('"resultDays":30', '"resultDays":31'));
    const done = await run('verify', 'changed.json', '--json');
    expect(done.code).toBe(2);
    expect(problemsOf(done.out).map(({ code }) => code)).toEqual(
      Array.from({ length: 5 }, () => 'signature.wrong'),
    );
  });

  test('diff says in words what changed', async () => {
    await write('old.jsonc', draft());
    await write(
      'new.jsonc',
      draft((a) => {
        a.retention.resultDays = 60;
        a.tiers.routine.approvals = 2;
        a.prohibitedUses.push('profiling');
        a.purposes.reverse();
        a.parties[0]?.officers.pop();
        const output = a.outputs[0];
        if (output !== undefined) output.receivers = ['alba'];
      }),
    );
    const done = await run('diff', 'old.jsonc', 'new.jsonc');
    expect(done.out.trimEnd().split('\n')).toEqual([
      'Parties',
      expect.stringMatching(
        /^ {2}- alba, parties, officers: removed: keeper \(id keeper, role custodian, publicKey [0-9a-f]{64}\)$/,
      ),
      'Prohibited uses',
      '  - added: profiling',
      'Outputs',
      '  - pair, outputs, receivers: removed: borea',
      'Tiers',
      '  - approvals of each party for a routine run: from 1 to 2 (stricter)',
      'Retention',
      '  - days that results are kept: from 30 to 60 (looser)',
    ]);
    expect((await run('diff', 'old.jsonc', 'old.jsonc')).out).toBe('no difference\n');
  });

  test('status: time, signatures, and what members said', async () => {
    const now = new Date();
    const agreement = agreementOf();
    agreement.notBefore = `${now.getUTCFullYear()}-01-01T00:00:00Z`;
    agreement.notAfter = `${now.getUTCFullYear() + 2}-01-01T00:00:00Z`;
    const signed = signAll(agreement);
    await write('current.json', encodeSigned(signed));
    expect((await run('status', 'current.json')).code).toBe(0);
    const membership = emptyMembership(signed);
    const say = (from: string, sequence: number, part: object): string => {
      const body = {
        agreement: membership.agreement,
        from,
        sequence,
        atMs: sequence,
        ...part,
      } as MembershipBody;
      return JSON.stringify(signMembership(body, signerOf(from)));
    };
    const suspend = say('watch', 1, { type: 'suspend', reason: 'incident' });
    const lines = [say('alba', 1, { type: 'affirm', members: membersHash(membership) }), suspend, suspend];
    await write('messages.jsonl', `${lines.join('\n')}\n`);
    const done = await run('status', 'current.json', '--messages', 'messages.jsonl');
    expect(done.code).toBe(2);
    expect(done.out).toContain('suspended by watch');
    expect(done.out).toContain('message on line 3 refused: message.replayed');
    await write('half.json', encodeSigned({ agreement, signatures: signed.signatures.slice(1) }));
    const half = JSON.parse((await run('status', 'half.json', '--json')).out) as object;
    expect(half).toMatchObject({
      time: 'in-force',
      missing: [{ path: 'parties.0', code: 'signature.missing' }],
    });
    agreement.notAfter = `${now.getUTCFullYear()}-01-01T00:00:01Z`;
    await write('over.json', encodeSigned(signAll(agreement)));
    expect(await run('status', 'over.json')).toMatchObject({
      code: 2,
      out: expect.stringContaining('ended') as string,
    });
  });
});

describe('sign', () => {
  const secret = (id: string): string[] => ['--data', at(id), '--key-file', at(`${id}.key`)];

  test('each signs with its own directory, what it has read, until it stands', async () => {
    const agreement = agreementOf();
    agreement.parties.pop();
    agreement.lists.pop();
    agreement.legalBasis.pop();
    agreement.oversight.pop();
    for (const output of agreement.outputs) {
      output.receivers = ['alba', 'borea'];
      output.listOwnerCollects = null;
      output.collectors = output.collectors?.filter((id) => id !== 'cedra') ?? null;
    }
    for (const id of ['alba', 'borea', 'watch']) {
      expect((await cli(['init', id, ...secret(id)])).code).toBe(0);
      const key = JSON.parse((await run('key', ...secret(id))).out) as {
        id: string;
        fingerprint: string;
        publicKey: string;
      };
      const place = [...agreement.parties, ...agreement.oversight].find((one) => one.id === id);
      if (place !== undefined)
        Object.assign(
          place,
          { publicKey: key.publicKey },
          'fingerprint' in place ? { fingerprint: key.fingerprint } : {},
        );
    }
    await writeFile(at('ours.jsonc'), JSON.stringify(agreement));
    const id = standingId(agreement);
    expect(await run('sign', 'ours.jsonc', '--id', id, ...secret('alba'))).toMatchObject({
      code: 2,
      out: '',
    });
    expect(await run('sign', 'ours.jsonc', '--out', 'ours.json', ...secret('alba'))).toMatchObject({
      code: 2,
      out: '',
    });
    const wrong = await run(
      'sign',
      'ours.jsonc',
      '--out',
      'ours.json',
      '--id',
      hashOf('another'),
      ...secret('alba'),
    );
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(
      (await run('sign', 'ours.jsonc', '--out', 'ours.json', '--id', id.slice(0, 8), ...secret('alba'))).code,
    ).toBe(0);
    const second = await run('sign', 'ours.json', '--id', id, '--json', ...secret('borea'));
    expect([second.code, second.err, JSON.parse(second.out)]).toEqual([
      0,
      '',
      { id, signedBy: 'borea', signatures: 2, needed: 3, out: at('ours.json') },
    ]);
    expect(problemsOf((await run('verify', 'ours.json', '--json')).out)).toEqual([
      { path: 'oversight.0', code: 'signature.missing' },
    ]);
    expect((await run('sign', 'ours.json', '--id', id, ...secret('watch'))).code).toBe(0);
    // Once more changes nothing.
    const before = await readFile(at('ours.json'), 'utf8');
    expect((await run('sign', 'ours.json', '--id', id, ...secret('alba'))).code).toBe(0);
    expect(await readFile(at('ours.json'), 'utf8')).toBe(before);
    expect(JSON.parse((await run('verify', 'ours.json', '--json')).out)).toEqual({
      id,
      isDraft: false,
      stands: true,
      problems: [],
    });
    await writeFile(at('theirs.json'), encodeSigned(signAll(agreementOf())));
    const stranger = await run('sign', 'theirs.json', '--id', standingId(agreementOf()), ...secret('alba'));
    expect(stranger).toMatchObject({ code: 2, out: '' });
    expect(stranger.err).toContain('does not name alba');
  });
});

describe('words', () => {
  /** Every field of an agreement that holds a number, a text, a truth or null. */
  function fieldsOf(value: unknown, field: string): string[] {
    if (Array.isArray(value)) return value.flatMap((one) => fieldsOf(one, field));
    if (typeof value !== 'object' || value === null) return [field];
    return [
      field,
      ...Object.entries(value).flatMap(([name, one]) =>
        fieldsOf(one, field === '' ? name : `${field}.${name}`),
      ),
    ];
  }

  test('every number has words, and no words are of a field that is none', () => {
    const fields = new Set(fieldsOf(agreementOf(), ''));
    expect(wordedFields.filter((field) => !fields.has(field))).toEqual([]);
    const numbers = [...fields].filter((field) =>
      /(?:Days|Hours|Minutes|Seconds|PerDay|approvals|Epsilon|Identifiers|records)$/.test(field),
    );
    expect(numbers.filter((field) => !wordedFields.includes(field))).toEqual([]);
  });

  test('every single change of a number is told, once', () => {
    const from = agreementOf();
    for (const field of wordedFields) {
      const to = JSON.parse(JSON.stringify(from)) as Record<string, unknown>;
      const steps = field.split('.');
      let place: Record<string, unknown> = to;
      for (const step of steps.slice(0, -1)) {
        const next = place[step] as Record<string, unknown> | Record<string, unknown>[];
        place = Array.isArray(next) ? (next[0] as Record<string, unknown>) : next;
      }
      const last = steps.at(-1) as string;
      if (typeof place[last] !== 'number') continue;
      place[last] += 1;
      const changes = diffAgreements(from, to as unknown as StandingAgreement);
      expect(changes.length, field).toBe(1);
      expect(diffText(changes)[1], field).toMatch(/: from [\d,]+ to [\d,]+(?: \((?:looser|stricter)\))?$/);
    }
  });

  test('a draft is read as it was written', () => {
    const text = `// a\n${JSON.stringify(agreementOf(), null, 2)}`;
    expect(checkStanding(readStrictJson(stripComments(text)).value).problems).toEqual([]);
  });
});
