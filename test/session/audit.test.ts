/**
 * Two nodes run sessions; their audit logs are exported, verified, compared, proved and witnessed, on the command line.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareLogs, parseExport, verifyExport } from '@tallystick/protocol/audit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../cli/helpers.ts';
import { endEverywhere, matchesOf, passports, startWorld, type World } from './world.ts';

describe('audit logs of two nodes', () => {
  let world: World;
  let directory: string;
  let session: string;
  const file = (id: string): string => join(directory, `${id}.audit`);
  const pinOf = (id: string): string => `${id}=${world.node(id).identity.fingerprint}`;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tallystick-audit-'));
    const shared = passports(3);
    world = await startWorld({
      lists: { alpha: [...shared, ...passports(5)], beta: [...shared, ...passports(5)] },
    });
    ({ session } = await world.node('alpha').call('session.propose', matchesOf('beta', ['alpha'])));
    await endEverywhere(world, session);
    await world.node('alpha').call('audit.witness', { peers: ['beta'] });
    await world.node('beta').call('audit.witness', { peers: ['alpha'] });
    for (const id of ['alpha', 'beta']) await world.node(id).call('audit.export', { out: file(id) });
  });
  afterAll(async () => {
    await world.close();
    await rm(directory, { recursive: true, force: true });
  });

  const read = async (id: string) => {
    const parsed = parseExport(await readFile(file(id)));
    return { ...verifyExport(parsed), header: parsed.header };
  };

  test('tell the session entry by entry, the intent before the result, on both sides', async () => {
    const logs = { alpha: await read('alpha'), beta: await read('beta') };
    /** Just before its own consent. */
    const headAt = (id: 'alpha' | 'beta') => {
      const own = logs[id].entries.find((one) => one.type === 'consent' && one.by === id);
      return { size: own?.index, root: own?.before };
    };
    for (const id of ['alpha', 'beta'] as const) {
      const { entries, report } = logs[id];
      expect(report.findings).toEqual([]);
      expect(report.witnesses.map(({ station }) => station)).toEqual([id === 'alpha' ? 'beta' : 'alpha']);
      const told = entries.filter((entry) => entry.session === session);
      expect(told[0]).toMatchObject({ type: 'propose', by: 'alpha', parties: ['alpha', 'beta'] });
      const consents = told.flatMap(({ type, by }) => (type === 'consent' ? [by] : []));
      expect(consents.toSorted()).toEqual(['alpha', 'beta']);
      // Each showed the head of its log, and both wrote down the same.
      const heads = told.flatMap((entry) => (entry.type === 'consent' ? [[entry.by, entry.log]] : []));
      expect(Object.fromEntries(heads)).toEqual({ alpha: headAt('alpha'), beta: headAt('beta') });
      const types = told.map(({ type }) => type);
      expect(types.slice(-3)).toEqual(['ledger', 'start', 'result']);
      expect(told.at(-1)).toMatchObject({
        outcome: 'done',
        records: id === 'alpha' ? 'under-10' : null,
      });
    }
  });

  test('verify with a pin; without one the key is nobody’s', async () => {
    const verified = await cli(['audit', 'verify', file('alpha'), '--pin', pinOf('alpha')]);
    expect([verified.code, verified.err]).toEqual([0, '']);
    expect(verified.out).toContain('beta cosigned');
    expect((await cli(['audit', 'verify', file('alpha')])).code).toBe(6);
    const other = pinOf('beta').replace('beta=', 'alpha=');
    expect((await cli(['audit', 'verify', file('alpha'), '--pin', other])).code).toBe(1);
  });

  test('name the entry in which a byte was changed', async () => {
    const lines = (await readFile(file('alpha'), 'utf8')).split('\n');
    const at = lines.findIndex((line) => line.includes('"type":"start"'));
    const bad = join(directory, 'bad.audit');
    await writeFile(bad, lines.with(at, (lines[at] as string).replace('"atMs":1', '"atMs":2')).join('\n'));
    const { code, out } = await cli(['audit', 'verify', bad, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ findings: [{ entry: at - 1, problem: 'altered' }] });
  });

  test('stand in both logs; a session that one of them lacks is found', async () => {
    const { code, out } = await cli(['audit', 'compare', file('alpha'), file('beta'), '--json']);
    expect([code, JSON.parse(out)]).toMatchObject([0, { differences: [] }]);
    const [alpha, beta] = [await read('alpha'), await read('beta')];
    // Time enough between the session and the export that beta cannot say it came later.
    const untilMs = (alpha.entries.at(-1)?.atMs ?? 0) + 3_600_000;
    const last = { ...beta.entries.at(-1), atMs: untilMs } as (typeof beta.entries)[number];
    const without = beta.entries.filter((entry) => entry.session !== session);
    const compared = compareLogs(alpha, { ...beta, entries: [...without, last] });
    expect(compared.differences).toEqual([{ session, station: 'beta', text: 'the session is missing' }]);
    expect(compareLogs(alpha, { ...beta, entries: [...beta.entries, last] }).differences).toEqual([]);
  });

  test('one entry is proved without the others; a changed one is not', async () => {
    const { entries } = await read('alpha');
    const index = entries.findIndex(({ type }) => type === 'result');
    const proof = join(directory, 'result.tlog-proof');
    const made = await cli([
      'audit',
      'prove',
      String(index),
      '--in',
      file('alpha'),
      '--out',
      proof,
      '--json',
    ]);
    expect([made.code, made.err, JSON.parse(made.out)]).toEqual([
      0,
      '',
      { entry: index, type: 'result', out: proof },
    ]);
    const shown = await cli(['audit', 'verify', proof, '--pin', pinOf('alpha'), '--json']);
    expect([shown.code, JSON.parse(shown.out)]).toMatchObject([0, { proved: true, entry: { index } }]);
    const text = await readFile(proof, 'utf8');
    const [head, extra = '', ...rest] = text.split('\n');
    const bytes = Buffer.from(extra.slice('extra '.length), 'base64');
    const changed = Buffer.from(bytes.toString('latin1').replace('"done"', '"gone"'), 'latin1');
    await writeFile(proof, [head, `extra ${changed.toString('base64')}`, ...rest].join('\n'));
    expect((await cli(['audit', 'verify', proof])).code).toBe(3);
    const earlier = Buffer.from(bytes.toString('latin1').replace('"atMs":1', '"atMs":2'), 'latin1');
    await writeFile(proof, [head, `extra ${earlier.toString('base64')}`, ...rest].join('\n'));
    expect((await cli(['audit', 'verify', proof])).code).toBe(1);
  });

  test('witnesses confirm the log since its start', async () => {
    const shown = await world.node('alpha').call('audit.witness', { peers: ['beta'] });
    expect(shown).toMatchObject({
      broken: null,
      witnesses: [{ station: 'beta', size: shown.size }],
      watched: [{ station: 'beta', broken: null }],
    });
  });
});
