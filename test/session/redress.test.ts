/**
 * Redress between running nodes: an enquiry, a correction over the coordinator, the partner's own record; a proposal
 * that was denied at once can be explained, as can one that ran.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endEverywhere, matchesOf, passports, startWorld, until, type World } from './world.ts';

const [shared, ...rest] = passports(24) as [string, ...string[]];
let world: World;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallystick-redress-'));
  world = await startWorld({
    lists: { alpha: [shared, ...rest.slice(0, 12)], beta: [...rest.slice(8), shared] },
    adjust: (id, options) =>
      id === 'alpha' ? { ...options, rules: { purposes: ['test of sessions'] } } : options,
  });
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

test('from a session over an enquiry to the partner’s own record, and why it ran', async () => {
  const [alpha, beta] = [world.node('alpha'), world.node('beta')];
  const { session } = await alpha.call('session.propose', matchesOf('beta', ['alpha', 'beta']));
  await endEverywhere(world, session);

  const text = JSON.stringify({ documents: [{ kind: 'passport', number: shared }] });
  const { ticket, receipt } = await alpha.call('redress.open', { text });
  expect(receipt).toMatch(/^[0-9a-f]{64}$/);
  await alpha.call('redress.answer', { ticket, outcome: 'corrected', discloseBy: null });
  const [correction] = await until(async () => {
    const { corrections } = await beta.call('redress.list', {});
    return corrections.length > 0 ? corrections : undefined;
  }, 'the correction');
  expect(correction).toMatchObject({ from: 'alpha', session, action: 'corrected', records: 1 });
  const out = join(folder, 'concerned.jsonl');
  expect(await beta.call('redress.export', { correction: correction?.correction ?? '', out })).toEqual({
    records: 1,
  });
  const lines = (await readFile(out, 'utf8')).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { matched: string[] }).matched.join())).toEqual([
    expect.stringContaining(shared),
  ]);

  const ran = await beta.call('session.explain', { session });
  expect(ran.self).toBe('beta');
  expect(ran.detail.decisions).toMatchObject([{ phase: 'consent', kind: 'permit', failed: [] }]);
  expect(ran.detail.answers.map(({ id, answer }) => `${id} ${answer}`).toSorted()).toEqual([
    'alpha consented',
    'beta consented',
  ]);
  expect(ran.detail.retention).toMatchObject({ days: 30, deletedAtMs: null });

  const denied = alpha.call('session.propose', matchesOf('beta', ['alpha'], { purpose: 'something else' }));
  await expect(denied).rejects.toMatchObject({ code: 'agreement.denied' });
  const [latest] = await alpha.call('session.list', {});
  const why = await alpha.call('session.explain', { session: latest?.session ?? '' });
  expect(why.detail).toMatchObject({ state: 'aborted', purpose: 'something else' });
  expect(why.detail.decisions).toMatchObject([
    {
      phase: 'propose',
      kind: 'denial',
      failed: [{ clause: 'agreement.purpose', code: 'rule.purpose' }],
    },
  ]);
  expect((await beta.call('session.list', {})).map((one) => one.session)).toEqual([session]);
});
