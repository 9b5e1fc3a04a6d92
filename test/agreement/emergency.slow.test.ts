/** `tallystick emergency`: who may sign what, and what a station says. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveControl } from '@tallystick/host/control';
import { type StandingAgreement, standingId } from '@tallystick/protocol/agreement';
import { applyEmergency, type Emergency } from '@tallystick/protocol/policy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeSigned } from '../../packages/cli/src/agreement/files.ts';
import { agreementOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import { signAll } from '../../packages/protocol/src/policy/world.testkit.ts';
import { cli } from '../cli/helpers.ts';

let folder = '';
const agreement: StandingAgreement = agreementOf();
const at = (name: string): string => join(folder, name);
const secret = (id: string): string[] => ['--data', at(id), '--key-file', at(`${id}.key`)];
const run = (...args: string[]) => cli(['emergency', ...args], { cwd: folder });
const under = ['--agreement', 'agreement.json'];

async function identityOf(id: string): Promise<string> {
  expect((await cli(['init', id, ...secret(id)])).code).toBe(0);
  const { out } = await cli(['agreement', 'key', ...secret(id)]);
  return (JSON.parse(out) as { publicKey: string }).publicKey;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ts-emergency-'));
  const officers = (agreement.parties[0] as StandingAgreement['parties'][number]).officers;
  for (const officer of officers)
    if (['ana', 'approver-1'].includes(officer.id)) officer.publicKey = await identityOf(officer.id);
  const inspect = agreement.oversight[1] as StandingAgreement['oversight'][number];
  inspect.powers = ['authorise', 'suspend'];
  inspect.publicKey = await identityOf('inspect');
  // The body's own signature under the agreement is its directory's.
  const signatures = signAll(agreement).signatures.filter(({ by }) => by !== 'inspect');
  await writeFile(at('unsigned.json'), encodeSigned({ agreement, signatures }));
  const id = standingId(agreement);
  const done = await cli([
    'agreement',
    'sign',
    at('unsigned.json'),
    '--id',
    id,
    '--out',
    at('agreement.json'),
    ...secret('inspect'),
  ]);
  expect(done.code).toBe(0);
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('an approver declares, a body reviews, and what they sign is taken', async () => {
  const declared = await run(
    'declare',
    ...under,
    '--grounds',
    'flight',
    '--out',
    'e.json',
    ...secret('approver-1'),
  );
  expect(declared.code).toBe(0);
  const id = declared.out.trim();
  const reviewed = await run(
    'review',
    id,
    ...under,
    '--finding',
    'not-justified',
    '--out',
    'r.json',
    ...secret('inspect'),
  );
  expect(reviewed.code).toBe(0);
  let known: readonly Emergency[] = [];
  for (const file of ['e.json', 'r.json']) {
    const message: unknown = JSON.parse(await readFile(at(file), 'utf8'));
    const outcome = applyEmergency({ agreement, keys: [], nowMs: Date.now() }, known, message);
    expect(outcome).toMatchObject({ kind: 'applied' });
    if (outcome.kind === 'applied') known = outcome.emergencies;
  }
  expect(known).toMatchObject([
    { id, declared: { grounds: 'flight' }, reviews: [{ by: 'inspect', finding: 'not-justified' }] },
  ]);
});

test.each<[string, string[], string, number]>([
  ['an analyst declares', ['declare', '--grounds', 'flight'], 'ana', 4],
  ['a body declares', ['declare', '--grounds', 'flight'], 'inspect', 4],
  ['an approver reviews', ['review', 'ab'.repeat(32), '--finding', 'justified'], 'approver-1', 4],
  ['a ground that is no word', ['declare', '--grounds', 'haste'], 'approver-1', 2],
  ['an id that is none', ['review', 'abc', '--finding', 'justified'], 'inspect', 2],
])('refused, and nothing is written: %s', async (_, args, who, code) => {
  const done = await run(...args, ...under, '--out', 'none.json', ...secret(who));
  expect(done).toMatchObject({ code, out: '' });
  await expect(readFile(at('none.json'))).rejects.toThrow('ENOENT');
});

test('tell and list speak with the station of --data', async () => {
  const taken: unknown[] = [];
  const day = 86_400_000;
  const of = (change: object) => ({
    id: 'ab'.repeat(32),
    agreement: { id: standingId(agreement), name: 'three-rivers' },
    of: 'alba',
    officer: 'approver-1',
    grounds: 'flight',
    declaredAtMs: day,
    isInForce: true,
    lapsesAtMs: 2 * day,
    reviewDueAtMs: 4 * day,
    review: null,
    isLocking: false,
    reviewedBy: [],
    ...change,
  });
  const review = { atMs: 3 * day, finding: 'not-justified' };
  const server = await serveControl(at('station'), {
    'emergency.take': (params) => {
      taken.push(params);
      return { isNew: true, told: ['borea'], missed: ['cedra'] };
    },
    'emergency.list': () => [
      of({}),
      of({ isInForce: false, isLocking: true }),
      of({ isInForce: false, review, reviewedBy: ['watch'] }),
    ],
  });
  try {
    await writeFile(at('message.json'), '{"type":"declare"}');
    const told = await run('tell', 'message.json', '--data', at('station'));
    expect(told).toMatchObject({ code: 0, out: expect.stringMatching(/told borea[^]*cedra/) as string });
    expect(taken).toEqual([{ message: { type: 'declare' } }]);
    const { out } = await run('list', '--data', at('station'));
    expect(out).toContain('in force until 1970-01-03T00:00:00Z; review due 1970-01-05T00:00:00Z');
    expect(out).toContain('not reviewed by 1970-01-05T00:00:00Z: the tier is LOCKED');
    expect(out).toContain('ended by its review; reviewed 1970-01-04T00:00:00Z by watch: not-justified');
  } finally {
    await server.close();
  }
});
