/** `tallystick report …`: from exports to three signed files, and back. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntryBody } from '@tallystick/protocol/audit';
import { encodeHex, parseHex } from '@tallystick/protocol/bytes';
import { parseSignedReport, type SignedReport, signReport } from '@tallystick/protocol/report';
import { fingerprintOfKey } from '@tallystick/protocol/signature';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentNames, documentsOf } from '../../packages/cli/src/report/documents.ts';
import { forgeLine, inventLog, sessionBodies } from '../../packages/protocol/src/audit/export.testkit.ts';
import { cli } from '../cli/helpers.ts';

const startMs = Date.UTC(2027, 0, 1);
const dayMs = 86_400_000;
/** A request that was denied before anybody was asked. */
const denied = (n: number): EntryBody => ({
  type: 'deny',
  by: 'a',
  session: null,
  agreement: null,
  request: encodeHex(new Uint8Array(32).fill(n)),
  phase: 'propose',
  failed: [{ clause: 'caps.sessionsPerDay', code: 'caps.sessions' }],
});
const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const bodies = [...numbers(12).flatMap((n) => sessionBodies('a', n)), ...numbers(30).map(denied)];
/** A day an entry. */
const log = inventLog('a', 7, bodies, (index) => startMs + dayMs * index);
const other = inventLog(
  'b',
  8,
  numbers(12).flatMap((n) => sessionBodies('b', n)),
  (index) => startMs + dayMs * index + 5,
);
const fingerprint = fingerprintOfKey(log.keys.publicKey);

let folder = '';
const at = (name: string): string => join(folder, name);
const key = () => ['--data', at('auditor'), '--key-file', at('auditor.key')];
const run = (...args: string[]) => cli(['report', ...args], { cwd: folder });
const made = async (out: string) =>
  parseSignedReport(JSON.parse(await readFile(join(at(out), 'report.json'), 'utf8')));

const rewrite = async (out: string, signed: SignedReport): Promise<void> => {
  const documents = documentsOf(signed);
  await mkdir(at(out), { recursive: true });
  for (const name of documentNames) await writeFile(join(at(out), name), documents[name]);
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ts-report-'));
  await writeFile(at('a.log'), log.file());
  await writeFile(at('b.log'), other.file());
  expect((await cli(['init', 'auditor', ...key()])).code).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('report', () => {
  test('makes three files that verify against the export, and only under the name of who signed', async () => {
    const done = await run('a.log', '--out', 'year', ...key(), '--json');
    expect(done.code).toBe(0);
    expect(done.err).toContain(`--pin a=FINGERPRINT`);
    const { report, signature } = parseSignedReport(JSON.parse(done.out));
    expect(report.groups.map(({ between, sessions }) => [between, sessions.answered.atLeast])).toEqual([
      [['a', 'b'], 10],
      ['several', 0],
    ]);
    expect(report.unasked).toEqual({ denied: { atLeast: 25, atMost: 49 }, clauses: ['caps'] });
    expect(report.logs).toMatchObject([
      { origin: expect.stringContaining('tallystick/a/'), size: 91, entries: { first: 0, last: 90 } },
    ]);
    const [, signer = ''] =
      /signed by (sha256:[\w-]+)/.exec((await run('verify', 'year', 'a.log')).err) ?? [];
    expect(signer).toBe(fingerprintOfKey(parseHex(signature.publicKey)));
    expect(await run('verify', 'year', 'a.log', '--signer', signer, '--pin', `a=${fingerprint}`)).toEqual({
      code: 0,
      out: `the report follows from ${report.logs[0]?.origin}; signed by ${signer}\n`,
      err: '',
    });
    expect((await run('verify', 'year', 'a.log', '--signer', fingerprint)).code).toBe(3);
  });

  test('signed with the key of the log needs no other word; of two logs the same sessions count once', async () => {
    expect((await run('a.log', 'b.log', '--out', 'both', ...key())).code).toBe(0);
    const { report } = await made('both');
    const { sessions } = report.groups.find(({ between }) => between !== 'several') ?? {};
    expect(sessions?.answered).toEqual({ atLeast: 10, atMost: 24 });
    await rewrite('both', signReport(report, encodeHex(log.keys.publicKey), log.keys.sign));
    expect(await run('verify', 'both', 'a.log', 'b.log')).toMatchObject({ code: 0 });
    expect((await run('verify', 'both', 'a.log')).err).toContain('does not follow from these logs: logs');
  });

  test('follows from a later export of the same log, and from no other log that begins alike', async () => {
    const grown = inventLog('a', 7, [...bodies, denied(31)], (index) => startMs + dayMs * index);
    await writeFile(at('later.log'), grown.file());
    const signer = fingerprintOfKey(parseHex((await made('year')).signature.publicKey));
    expect(await run('verify', 'year', 'later.log', '--signer', signer)).toMatchObject({ code: 0 });
    const changed = inventLog(
      'a',
      7,
      [...bodies.with(40, denied(99)), denied(31)],
      (index) => startMs + dayMs * index,
    );
    await writeFile(at('changed.log'), changed.file());
    const done = await run('verify', 'year', 'changed.log', '--signer', signer);
    expect(done).toMatchObject({ code: 3, out: '' });
    expect(done.err).toContain('the cited checkpoint is not of these entries');
    // Another key under the same checkpoint text is not the log's.
    const { report } = structuredClone(await made('year'));
    const forged = inventLog('a', 9, bodies, (index) => startMs + dayMs * index);
    for (const one of report.logs) one.checkpoint = forged.checkpoint();
    await rewrite('forged', signReport(report, encodeHex(log.keys.publicKey), log.keys.sign));
    expect((await run('verify', 'forged', 'a.log')).code).toBe(3);
    await writeFile(
      at('short.log'),
      inventLog('a', 7, bodies.slice(0, 60), (index) => startMs + dayMs * index).file(),
    );
    expect((await run('verify', 'year', 'short.log', '--signer', signer)).err).toContain('the export has 61');
  });

  test('takes the entries of a span', async () => {
    // The first entry is the log's own, five make a session: four sessions in the first twenty-one days.
    const span = ['--from', '2027-01-01', '--to', '2027-01-22'];
    expect((await run('a.log', '--out', 'span', ...span, ...key())).code).toBe(0);
    const { report } = await made('span');
    expect(report).toMatchObject({ fromMs: startMs, toMs: startMs + 21 * dayMs });
    expect(report.logs[0]?.entries).toEqual({ first: 0, last: 20 });
    expect(report.groups[0]?.sessions.answered).toEqual({ atLeast: 0, atMost: 9 });
    expect(report.groups[0]?.amounts.identifiers).toBeNull();
  });

  test.each(['report.md', 'report.html', 'report.json'])(
    'finds a byte that was changed in %s',
    async (name) => {
      await rewrite(`changed-${name}`, await made('year'));
      const path = join(at(`changed-${name}`), name);
      const before = await readFile(path, 'utf8');
      // A number that stands in all three.
      expect(before).toMatch(/24/);
      await writeFile(path, before.replace('24', '25'));
      const signer = fingerprintOfKey(parseHex((await made('year')).signature.publicKey));
      const done = await run('verify', `changed-${name}`, 'a.log', '--signer', signer);
      expect(done).toMatchObject({ code: 3, out: '' });
    },
  );

  test('finds numbers that do not follow from the log, although they are signed', async () => {
    const lie = structuredClone((await made('year')).report);
    lie.unasked.denied = { atLeast: 0, atMost: 9 };
    await rewrite('lies', signReport(lie, encodeHex(log.keys.publicKey), log.keys.sign));
    expect((await run('verify', 'lies', 'a.log')).err).toContain('does not follow from these logs: unasked');
  });

  describe('is not made', () => {
    const text = new TextDecoder().decode(log.file());
    const changed = async (name: string, to: string): Promise<string> => {
      await writeFile(at(name), to);
      return name;
    };

    test('of an export of which an entry was changed, and names the entry', async () => {
      const lines = text.split('\n');
      // Line 1 is the header: entry 70 is in line 72.
      const forged = forgeLine(lines[71] as string, (entry) => void (entry.phase = 'consent'));
      const file = await changed('forged.log', lines.with(71, forged).join('\n'));
      const done = await run(file, '--out', 'none', ...key());
      expect(done).toMatchObject({ code: 3, out: '' });
      expect(done.err).toContain('entry 70');
      await expect(readFile(at('none/report.json'))).rejects.toThrow(/ENOENT/);
      expect((await run('verify', 'year', file)).err).toContain('entry 70');
    });

    test('of an export that ends early', async () => {
      const file = await changed('cut.log', `${text.split('\n').slice(0, -3).join('\n')}\n`);
      expect(await run(file, '--out', 'none', ...key())).toMatchObject({ code: 3, out: '' });
    });

    test.each([
      [
        'of a log under another key than the pinned one',
        ['a.log', '--pin', `a=${fingerprintOfKey(other.keys.publicKey)}`],
        3,
      ],
      ['with a pin of nobody', ['a.log', '--pin', `c=${fingerprint}`], 2],
      ['twice of one log', ['a.log', 'a.log'], 2],
      ['of a day that is none', ['a.log', '--from', '2027-02-30'], 2],
      ['of a time before the log', ['a.log', '--to', '2026-01-01'], 2],
      ['of nothing', [], 2],
    ])('%s', async (_, args, code) => {
      expect(await run(...args, '--out', 'none', ...key())).toMatchObject({ code, out: '' });
    });
  });
});

describe('the page', () => {
  test('needs nothing else, and its charts are told in full to readers of the screen', async () => {
    const html = await readFile(at('year/report.html'), 'utf8');
    expect(html).not.toMatch(/<script|<link|<img|@import|url\((?!#)|\bon\w+=/);
    expect(
      html.match(/https?:\/\/[^"' <]*/g)?.every((address) => address === 'http://www.w3.org/2000/svg'),
    ).toBe(true);
    const charts = html.match(/<svg [\s\S]*?<\/svg>/g) ?? [];
    expect(charts.length).toBeGreaterThan(2);
    const ids = html.match(/ id="[^"]*"/g) ?? [];
    expect(new Set(ids).size).toBe(ids.length);
    for (const chart of charts) {
      const description = /<desc[^>]*>([\s\S]*?)<\/desc>/.exec(chart)?.[1] ?? '';
      const titles = [...chart.matchAll(/<g class="row"><title>([^<]*)<\/title>/g)].map(
        ([, title]) => title ?? '',
      );
      expect(titles.length).toBeGreaterThan(0);
      for (const title of titles) expect(description).toContain(title);
    }
    // Every table has headings that say of what.
    expect(html.match(/<table>/g)?.length).toBe(html.match(/<caption>/g)?.length);
  });
});
