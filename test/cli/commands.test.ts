/** The words of the command line: strict options, help for every command, exit codes. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ErrorCode, errorTable, TallyError } from '@tallystick/protocol/errors';
import { listFormats } from '@tallystick/node/lists';
import { recipeNames, subjects } from '@tallystick/protocol/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../packages/cli/src/args/index.ts';
import { engineFindings } from '../../packages/cli/src/commands/doctor.ts';
import { commands } from '../../packages/cli/src/commands/index.ts';
import { formatNames, recipeChoices, subjectNames } from '../../packages/cli/src/commands/common.ts';
import { exitCodeOf, exitMeanings } from '../../packages/cli/src/exit/index.ts';
import { chooseEngine } from '../../packages/node/src/compute/engine.ts';
import { cli, root } from './helpers.ts';

describe('the command line', () => {
  const mistakes: [string, string[], RegExp][] = [
    ['an unknown command', ['rnu'], /rnu: no such command; did you mean run\?/],
    ['an unknown subcommand', ['list', 'chek'], /list chek: no such command; want list check\|/],
    ['an unknown option', ['demo', '--sede', '1'], /--sede: no such option of demo; did you mean --seed\?/],
    ['an option before the command', ['--json', 'demo'], /--json: no such option before a command/],
    ['an option twice', ['demo', '--seed', '1', '--seed', '2'], /--seed: want it once, got 2 times/],
    ['an option without its value', ['demo', '--seed'], /--seed: want a value: --seed TEXT/],
    ['a switch with a value', ['demo', '--json=1'], /--json: takes no value/],
    ['a missing argument', ['run'], /run: SCENARIO is missing/],
    ['a surplus argument', ['run', 'a', 'b'], /run: want 1 arguments, got 2/],
    ['a number that is none', ['demo', '--people', 'many'], /--people: want a whole number from 100/],
    ['a number too small', ['demo', '--people', '99'], /--people: want a whole number from 100/],
    ['a seed with spaces', ['demo', '--seed', 'a b'], /--seed: want 1 to 64 letters/],
    ['an unknown recipe', ['list', 'check', 'x', '--recipe', 'nam'], /--recipe: want one of/],
    ['an unknown format', ['list', 'check', 'x', '--format', 'xls'], /--format: want one of/],
    [
      'columns that say a thing twice',
      ['list', 'check', 'x', '--columns', '{"id":"a","id":"b"}'],
      /--columns: id: stands twice/,
    ],
    ['columns that are no JSON', ['list', 'check', 'x', '--columns', 'id'], /--columns: want JSON/],
    ['a bad fingerprint', ['peer', 'add', 'a', 'sha256:x'], /FINGERPRINT: want sha256:/],
    ['a bad peer id', ['peer', 'add', 'A B', 'x'], /ID: want 1 to 32 characters/],
    ['a bad URL', ['doctor', '--coordinator', 'http://x'], /--coordinator: want ws:\/\//],
    ['a session id that is none', ['session', 'show', 'xyz!'], /SESSION: want 4 to 32 hex digits/],
    [
      'both outputs',
      [
        'session',
        'propose',
        '--with',
        'b',
        '--list',
        'l',
        '--recipe',
        'name',
        '--subject',
        'any',
        '--purpose',
        'p',
        '--counts',
        '--matches',
        'b',
      ],
      /either --matches ID or --counts/,
    ],
    [
      'no output',
      [
        'session',
        'propose',
        '--with',
        'b',
        '--list',
        'l',
        '--recipe',
        'name',
        '--subject',
        'any',
        '--purpose',
        'p',
      ],
      /either --matches ID or --counts/,
    ],
    ['no list to consent with', ['session', 'consent', 'abcd'], /--list NAME is missing/],
  ];
  it.each(mistakes)('refuses %s with code 2', async (_, args, message) => {
    const done = await cli(args);
    expect(done.err).toMatch(message);
    expect(done).toMatchObject({ code: 2, out: '' });
  });

  it('knows its version and explains itself', async () => {
    expect((await cli(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    const help = await cli(['--help']);
    expect(help.code).toBe(0);
    for (const { path } of commands) expect(help.out).toContain(`  ${path} `);
    for (const [code, meaning] of exitMeanings) expect(help.out).toContain(`${code}`.padEnd(4) + meaning);
    expect((await cli([])).out).toBe(help.out);
  });

  it.each(commands.map((one) => one.path))('explains %s, with examples that parse', async (path) => {
    const help = await cli([...path.split(' '), '--help']);
    expect(help.code).toBe(0);
    expect(help.out).toContain(`Usage: tallystick ${path}`);
    const command = commands.find((one) => one.path === path);
    expect(command?.examples.length).toBeGreaterThan(0);
    for (const example of command?.examples ?? []) {
      const words = [...example.command.matchAll(/"([^"]*)"|(\S+)/g)].map(
        ([, quoted, plain]) => quoted ?? plain ?? '',
      );
      expect(words.shift()).toBe('tallystick');
      expect(parseCommandLine(words, commands)).toMatchObject({ kind: 'run', command: { path } });
    }
    expect(Math.max(...help.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(220);
  });

  it('the README names every command', async () => {
    const names = new Set<string>();
    let group = '';
    const rows = (await readFile(join(root, 'README.md'), 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    for (const [, text = ''] of rows.flatMap((row) => [
      ...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g),
    ])) {
      const words = text.split(' ').filter((word) => !/^[A-Z]+$/.test(word));
      if (words.length > 1) group = words[0] ?? '';
      names.add(words.join(' ')).add(`${group} ${words.join(' ')}`);
    }
    expect(commands.map(({ path }) => path).filter((path) => !names.has(path))).toEqual([]);
  });

  it('has code for every command', async () => {
    for (const command of commands) expect(await command.load()).toBeTypeOf('function');
  });
});

it('the choices of options are those of the rooms that take them', () => {
  expect(formatNames).toEqual(listFormats);
  expect(subjectNames).toEqual(subjects);
  expect(recipeChoices).toEqual(recipeNames);
});

describe('exit codes', () => {
  it('cover every error, and only documented ones', () => {
    const documented = exitMeanings.map(([code]) => code);
    for (const code of Object.keys(errorTable) as ErrorCode[]) {
      const exit = exitCodeOf(new TallyError(code, 'x'));
      expect(documented, code).toContain(exit);
      expect(exit, code).not.toBe(0);
    }
  });

  it('tell the four faults apart', () => {
    const of = (code: ErrorCode) => exitCodeOf(new TallyError(code, 'x'));
    expect(of('oracle.unequal')).toBe(1);
    expect(of('chain.sorted')).toBe(1);
    expect(of('scenario.invalid')).toBe(2);
    expect(of('list.truncated')).toBe(3);
    expect(of('consent.refused')).toBe(4);
    expect(of('control.refused')).toBe(5);
  });
});

describe('without a node', () => {
  let data = '';
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'ts-cli-'));
  });
  afterAll(() => rm(data, { recursive: true, force: true }));

  it.each([['peer list'], ['list list'], ['session list']])(
    '%s says how to start one, code 5',
    async (path) => {
      const done = await cli([...path.split(' '), '--data', data]);
      expect(done.code).toBe(5);
      expect(done.err).toContain('tallystick node');
    },
  );

  it('node says how to make one, code 3, and asks for no secret', async () => {
    const done = await cli(['node', '--data', data]);
    expect(done.code).toBe(3);
    expect(done.err).toContain('tallystick init');
  });

  it('init asks for a secret where there is no terminal, code 2, and makes nothing', async () => {
    expect(await cli(['init', 'north', '--data', join(data, 'x')])).toMatchObject({ code: 2, out: '' });
  });

  it('init makes a node once, with a key file of mode 0600', async () => {
    const args = ['init', 'north', '--data', join(data, 'n'), '--key-file', join(data, 'n.key')];
    const first = await cli(args);
    expect(first.out).toMatch(/^north sha256:[\w-]{43}\n$/);
    const second = await cli(args);
    expect(second).toMatchObject({ code: 2, out: '' });
    expect(second.err).toContain('holds a node already');
  });

  it.each([['0'], ['many'], ['257']])(
    'node takes no %s threads, code 2, and remembers none',
    async (threads) => {
      const args = [
        'node',
        '--data',
        join(data, 'n'),
        '--key-file',
        join(data, 'n.key'),
        '--threads',
        threads,
      ];
      const done = await cli(args);
      expect(done.code).toBe(2);
      expect(done.err).toContain('--threads');
      await expect(readFile(join(data, 'n', 'settings.json'))).rejects.toMatchObject({ code: 'ENOENT' });
    },
  );

  it('doctor looks at everything and finds this machine fit', async () => {
    const done = await cli(['doctor', '--data', join(data, 'none'), '--json']);
    const findings = JSON.parse(done.out) as { what: string; found: string; verdict: string }[];
    expect(findings.map((one) => one.what)).toEqual(
      expect.arrayContaining(['Node.js', 'Unicode', 'engine', 'data directory']),
    );
    expect(findings.filter((one) => one.verdict === 'bad')).toEqual([]);
    // the worker chooses what this process would choose, and says the same why
    const { seed, tried } = chooseEngine(undefined);
    const engine = findings.findIndex((one) => one.what === 'engine');
    expect(findings[engine]?.found).toMatch(new RegExp(`^${seed.name}, `));
    expect(findings.slice(engine + 1, engine + 1 + tried.length)).toEqual(
      engineFindings({ engine: seed.name, tried, threads: 1 }).slice(1),
    );
    expect(done.code).toBe(0);
  });

  it('doctor finds that nobody answers, code 5', async () => {
    const done = await cli(['doctor', '--data', join(data, 'none'), '--coordinator', 'ws://127.0.0.1:1']);
    expect(done.code).toBe(5);
    expect(done.out).toMatch(/BAD coordinator .*nobody answers/);
  });
});

describe('list', () => {
  let folder = '';
  let file = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ts-list-'));
    file = join(folder, 'people.csv');
    const rows = ['id,name,birthDate,documentNumber,documentKind', '1,Anna Beispiel,1970,AB12345,passport'];
    rows.push('2,Anna Beispiel,1970-01-01,,', '3,,1970,,', '4,Bert Muster,31 Feb 1980,,', '5,X,,,');
    await writeFile(file, `${rows.join('\n')}\n`);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('check accounts for every row', async () => {
    const { out, code } = await cli([
      'list',
      'check',
      file,
      '--recipe',
      'name',
      '--recipe',
      'document',
      '--json',
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      rows: 5,
      records: 3,
      rejected: 2,
      rejectedRows: [
        { line: 4, reason: 'row.no-name' },
        { line: 5, reason: 'row.date' },
      ],
      identifiersByKind: { name: 1, passport: 1 },
      duplicates: 1,
      withoutIdentifiers: 1,
    });
  });

  it('check says the same to people', async () => {
    const { out } = await cli(['list', 'check', file, '--recipe', 'name']);
    expect(out).toMatch(/people\.csv +4 +row\.no-name/);
    expect(out).toMatch(/people\.csv +5 +row\.date/);
    expect(out).toMatch(/duplicates within the list: 1/);
    expect(out).toMatch(/records without identifiers: 1/);
    expect(out).not.toContain('Bert');
  });

  it('check warns of an old list', async () => {
    const old = join(folder, 'old.xml');
    const xml =
      '<CONSOLIDATED_LIST dateGenerated="2001-01-01T00:00:00Z"><INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID>';
    await writeFile(
      old,
      `${xml}<FIRST_NAME>Anna</FIRST_NAME></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>`,
    );
    expect((await cli(['list', 'check', old])).out).toMatch(/warning: this list is [\d,]+ days old/);
  });

  it.each([
    ['empty', ''],
    ['truncated', 'id,name\n1,"Anna'],
    ['in Latin-1', Buffer.from('id,name\n1,M\xfcller\n', 'latin1')],
  ])('check refuses a list that is %s, code 3', async (_, contents) => {
    const bad = join(folder, 'bad.csv');
    await writeFile(bad, contents);
    expect(await cli(['list', 'check', bad])).toMatchObject({ code: 3, out: '' });
  });

  it('explain shows each step, by id and by line', async () => {
    const byId = await cli(['list', 'explain', '1', '--in', file, '--recipe', 'name']);
    expect(byId.out).toMatch(/identifier +name:anna beispiel/);
    expect((await cli(['list', 'explain', 'line:2', '--in', file, '--recipe', 'name'])).out).toBe(byId.out);
    expect(await cli(['list', 'explain', '99', '--in', file])).toMatchObject({ code: 2, out: '' });
  });
});
