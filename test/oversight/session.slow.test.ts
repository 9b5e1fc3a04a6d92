/**
 * Two nodes and an oversight body as processes have them, over a real coordinator: a session runs only with the body's
 * yes, ends with its no, and nothing runs once it has suspended the agreement.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningOversight, startOversight } from '@tallystick/oversight/body';
import type { AuditOverview } from '@tallystick/host/audit';
import { signStanding } from '@tallystick/protocol/agreement';
import type { Comparison, LogReport } from '@tallystick/protocol/audit';
import type { PolicyRequest } from '@tallystick/protocol/policy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli } from '../cli/helpers.ts';
import {
  agreementBetween,
  approve,
  askedBy,
  makeIdentities,
  pairAsked,
} from '../session/standing.testkit.ts';
import { endAt, passports, startWorld, until, type World } from '../session/world.ts';

const shared = passports(5);
const lists = { alpha: [...shared, ...passports(9)], beta: [...shared, ...passports(6)] };
const ids = ['alpha', 'beta'] as const;

let world: World;
let body: RunningOversight;
let directory: string;

beforeAll(async () => {
  const all = await makeIdentities([...ids, 'watch']);
  const [alpha, beta, watch] = all;
  if (!alpha || !beta || !watch) throw new Error('no identities');
  world = await startWorld({
    lists,
    consent: 'ask',
    adjust: (id, options) => ({
      ...options,
      place: { kind: 'ephemeral', identity: all.find((one) => one.id === id) ?? { id } },
    }),
  });
  const publicKey = Buffer.from(watch.publicKey).toString('hex');
  const { agreement, signatures } = agreementBetween([alpha, beta], (terms) => {
    for (const one of terms.oversight) one.publicKey = publicKey;
    terms.tiers.routine.oversight = 'asked';
  });
  const own = signStanding(agreement, 'watch', publicKey, (message) => watch.sign(message));
  const signed = { agreement, signatures: [...signatures.filter(({ by }) => by !== 'watch'), own] };
  directory = await mkdtemp(join(tmpdir(), 'tallystick-watch-'));
  body = await startOversight({
    place: { kind: 'ephemeral', identity: watch, controlDir: join(directory, 'watch') },
    coordinatorUrl: world.coordinator.url,
  });
  await body.call('oversight.install', { signed });
  for (const node of world.nodes.values()) {
    // Nobody pins the body: its key stands in the agreement.
    await node.call('agreement.install', { agreement: signed });
    expect(await node.call('peer.list', {})).toContainEqual(
      expect.objectContaining({ id: 'watch', fingerprint: watch.fingerprint, agreement: 'three-rivers' }),
    );
  }
  // Everybody's word about one list of members, without waiting for the schedule.
  await until(async () => {
    await body.call('membership.affirm', { agreement: 'three-rivers' });
    const all = [];
    for (const node of world.nodes.values()) {
      all.push(await node.call('membership.affirm', { agreement: 'three-rivers' }));
    }
    return all.every(({ standing }) => standing === 'open') ? true : undefined;
  }, 'everybody has said that nothing is suspended');
}, 120_000);

afterAll(async () => {
  await body?.close();
  await world?.close();
  if (directory) await rm(directory, { recursive: true, force: true });
});

async function draft(): Promise<{ readonly id: string; readonly request: PolicyRequest }> {
  const { id, draft: unsigned } = await world.node('alpha').call('session.request', pairAsked);
  const request = askedBy(unsigned);
  await world.node('alpha').call('session.requested', { request });
  // The body is asked as soon as there is something to ask.
  await until(async () => {
    const known = await body.call('oversight.requests', {});
    return known.some((one) => one.id === id) ? true : undefined;
  }, 'the body is told');
  return { id, request };
}

const propose = (request: PolicyRequest) =>
  world
    .node('alpha')
    .call('session.proposeRequest', { request, approvals: [approve(request, 'alpha')], list: 'watch' });
const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'permitted',
    (error: Error) => error.message,
  );

/** Proposes once the body's yes is here, and waits until beta's people may be asked. */
async function proposed(request: PolicyRequest): Promise<string> {
  const { session } = await until(() => propose(request).catch(() => undefined), 'alpha may propose');
  await until(async () => {
    const known = await world.node('beta').call('session.list', {});
    return known.some((one) => one.session === session && one.state === 'offered') ? true : undefined;
  }, 'beta is asked');
  return session;
}

test('the body is a witness; authorised, it runs; vetoed, it ends and is denied; suspended, nothing runs', async () => {
  const { witnesses } = await world.node('alpha').call('audit.witness', { peers: ['watch'] });
  expect(witnesses.map(({ station }) => station)).toContain('watch');

  const first = await draft();
  expect(await messageOf(propose(first.request))).toContain('oversight.not-authorised');
  await body.call('oversight.authorise', { request: first.id });
  const session = await proposed(first.request);
  const approvals = [approve(first.request, 'beta')];
  await until(
    () =>
      world
        .node('beta')
        .call('session.consent', { session, list: 'watch', approvals })
        .then(
          () => true,
          () => undefined,
        ),
    'beta consents',
  );
  for (const id of ids) {
    const { state, matches } = await endAt(world.node(id), session);
    expect([state, matches?.records]).toEqual(['done', shared.length]);
  }
  // Both sides told of it.
  const { asked } = await body.call('oversight.show', { request: first.id });
  expect(asked.toldBy.map(({ by }) => by).sort()).toEqual([...ids]);

  const second = await draft();
  await body.call('oversight.authorise', { request: second.id });
  const live = await proposed(second.request);
  await body.call('oversight.veto', { request: second.id, reason: 'disproportionate' });
  for (const id of ids) expect((await endAt(world.node(id), live)).state).toBe('aborted');
  expect(await messageOf(propose(second.request))).toContain('oversight.veto');

  const third = await draft();
  await body.call('oversight.authorise', { request: third.id });
  await body.call('membership.suspend', { agreement: 'three-rivers', reason: 'order' });
  for (const node of world.nodes.values()) {
    await until(async () => {
      const [status] = await node.call('membership.status', {});
      return status?.standing === 'suspended' ? true : undefined;
    }, 'it is suspended everywhere');
  }
  expect(await messageOf(propose(third.request))).toContain('suspended');

  // Renewed by all but one it is only announced; by all it binds at once.
  const renewal = { agreement: 'three-rivers', next: 'cd'.repeat(32), fromMs: Date.now() - 1 };
  await body.call('membership.renew', renewal);
  await world.node('beta').call('membership.renew', renewal);
  expect(await messageOf(propose(third.request))).not.toContain('version.renewed');
  await world.node('alpha').call('membership.renew', renewal);
  for (const node of world.nodes.values()) {
    await until(async () => {
      const [status] = await node.call('membership.status', {});
      return status?.renewal?.next === renewal.next ? true : undefined;
    }, 'everybody has heard that all have renewed it');
  }
  expect(await messageOf(propose(third.request))).toContain('version (version.renewed');
});

test('the body cosigns logs, shows which, audits exports with its own pins and heads, and is audited as others are', async () => {
  const data = ['--data', join(directory, 'watch')];
  const shown = await cli(['oversight', 'witness', ...data, '--json']);
  expect(shown.code).toBe(0);
  const { watched, witnesses } = JSON.parse(shown.out) as AuditOverview;
  expect(watched.map(({ station, broken }) => [station, broken])).toEqual(ids.map((id) => [id, null]));
  expect(witnesses.map(({ station }) => station)).toEqual([...ids]);

  const file = (id: string): string => join(directory, `${id}.audit`);
  for (const id of ids) await world.node(id).call('audit.export', { out: file(id) });
  const audited = await cli(['oversight', 'audit', file('alpha'), file('beta'), ...data, '--json']);
  expect(audited.code).toBe(0);
  const { reports, compared, untold } = JSON.parse(audited.out) as {
    readonly reports: readonly LogReport[];
    readonly compared: readonly Comparison[];
    readonly untold: readonly unknown[];
  };
  expect(reports.map(({ station, isPinned, findings }) => [station, isPinned, findings])).toEqual(
    ids.map((id) => [id, true, []]),
  );
  expect(compared.map(({ differences }) => differences)).toEqual([[]]);
  expect(untold).toEqual([]);

  // Cut short of what the body cosigned: no key helps.
  const lines = (await readFile(file('alpha'), 'utf8')).split('\n');
  const { checkpoints } = JSON.parse(lines[0] as string) as { checkpoints: string[] };
  expect(checkpoints.length).toBeGreaterThan(1);
  await writeFile(file('cut'), [...lines.slice(0, 3), ''].join('\n'));
  const cut = await cli(['oversight', 'audit', file('cut'), ...data]);
  expect([cut.code, cut.out]).toEqual([1, expect.stringContaining('truncated')]);

  const own = ['audit', 'export', '--out', file('watch'), ...data];
  expect((await cli(own)).code).toBe(0);
  const pin = `watch=${body.identity.fingerprint}`;
  const verified = await cli(['audit', 'verify', file('watch'), '--pin', pin]);
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining('alpha cosigned')]);
});
