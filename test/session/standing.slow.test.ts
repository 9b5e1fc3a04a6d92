/**
 * Sessions under a signed agreement, between real nodes: what is permitted runs, what is not runs nowhere, on the
 * asking and on the asked side, and nothing derived from a list leaves.
 */
import { StandingGuard } from '@tallystick/node/guard';
import type { SessionDetail } from '@tallystick/node/control';
import type { PolicyRequest, RequestDraft } from '@tallystick/protocol/policy';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  agreementBetween,
  approve,
  askedBy,
  makeIdentities,
  pairAsked,
  permittingPorts,
} from './standing.testkit.ts';
import { endAt, matchesOf, passports, startWorld, until, type World } from './world.ts';

const shared = passports(7);
const lists = { alpha: [...shared, ...passports(40)], beta: [...shared, ...passports(30)] };
const ids = ['alpha', 'beta'] as const;

let world: World;
let ports: Record<string, ReturnType<typeof permittingPorts>>;
/** Kinds of frames by sender; `chunk` where a frame is no message. */
let sent: { from: string; type: string }[] = [];
/** Stations whose own guard permits everything. */
const rogues = new Set<string>();
/** Of the decision that is being made. */
let phase = '';
let agreement = '';
const portsOf = (id: string) => ports[id] as ReturnType<typeof permittingPorts>;

beforeAll(async () => {
  const identities = await makeIdentities(ids);
  ports = Object.fromEntries(ids.map((id) => [id, permittingPorts(ids)]));
  world = await startWorld({
    lists,
    consent: 'ask',
    adjust: (id, options) => ({
      ...options,
      place: { kind: 'ephemeral', identity: identities.find((one) => one.id === id) ?? { id } },
      guardPorts: {
        membership: (of) => portsOf(id).membership(of),
        vetoes: (of) => portsOf(id).vetoes(of),
        emergencies: (of) => portsOf(id).emergencies(of),
        log: (...of) => portsOf(id).log(...of),
      },
    }),
    onSend: (from, _, frame) => {
      const text = frame[0] === 0x7b ? (JSON.parse(Buffer.from(frame).toString()) as { type: string }) : null;
      sent.push({ from, type: text?.type ?? 'chunk' });
    },
  });
  const signed = agreementBetween(identities);
  for (const node of world.nodes.values()) {
    agreement = (await node.call('agreement.install', { agreement: signed })).id;
  }
  const guards = StandingGuard.prototype;
  const whose = (guard: StandingGuard): string => (guard as unknown as { self: string }).self;
  for (const method of ['failures', 'unheld'] as const) {
    const real = guards[method] as (
      this: StandingGuard,
      ...given: unknown[]
    ) => ReturnType<typeof guards.unheld>;
    vi.spyOn(guards, method).mockImplementation(function (this: StandingGuard, ...given: unknown[]) {
      if (method === 'failures') phase = given[0] as string;
      return rogues.has(whose(this)) ? [] : real.apply(this, given);
    });
  }
  const claim = guards.claim;
  vi.spyOn(guards, 'claim').mockImplementation(function (this: StandingGuard, ...given) {
    if (!rogues.has(whose(this))) claim.apply(this, given);
  });
});

afterEach(() => {
  for (const id of ids) Object.assign(ports[id] ?? {}, permittingPorts(ids));
  rogues.clear();
  sent = [];
});

afterAll(async () => {
  vi.restoreAllMocks();
  await world.close();
});

async function draft(change: (request: RequestDraft) => void = () => undefined): Promise<PolicyRequest> {
  const { draft: drafted } = await world.node('alpha').call('session.request', pairAsked);
  change(drafted);
  return askedBy(drafted);
}

const propose = (request: PolicyRequest, approvals = [approve(request, 'alpha')]) =>
  world.node('alpha').call('session.proposeRequest', { request, approvals, list: 'watch' });

/** Waits until beta's people may be asked. */
async function offered(session: string): Promise<void> {
  const node = world.node('beta');
  await until(async () => {
    const known = (await node.call('session.list', {})).find((one) => one.session === session);
    return known?.state === 'offered' ? true : undefined;
  }, 'beta is asked');
}

const betaConsents = async (session: string, approvals: ReturnType<typeof approve>[]): Promise<void> => {
  await offered(session);
  // Offered as soon as the proposal is here; permitted once every station has said what it is.
  await until(
    () =>
      world
        .node('beta')
        .call('session.consent', { session, list: 'watch', approvals })
        .then(
          () => true,
          (thrown: { code: string }) => {
            if (thrown.code !== 'session.state') throw thrown;
            return undefined;
          },
        ),
    'beta consents',
  );
};

const typesOf = (from: string): string[] => [
  ...new Set(sent.filter((one) => one.from === from).map(({ type }) => type)),
];

/** Neither side has sent anything of a list, and neither was charged. */
async function nothingCameOut(): Promise<void> {
  for (const { type } of sent) {
    expect(['chunk', 'seal', 'prove', 'proof', 'barrier', 'view', 'done', 'credit']).not.toContain(type);
  }
  await until(async () => {
    const live = await Promise.all(ids.map((id) => world.node(id).call('status', {})));
    return live.every(({ sessions }) => sessions === 0) ? true : undefined;
  }, 'no session is live');
}

/** What the last decision found. */
const codesOf = (detail: SessionDetail | undefined): string[] =>
  detail?.decisions.at(-1)?.failed.map(({ code }) => code) ?? [];

/** Heads of the ledgers: what was charged so far. */
const charged = async (id: string): Promise<unknown> =>
  (await world.node(id).call('ledger.show', {})).map(({ ledger, head, state }) => [ledger, head, state]);

test('what the agreement permits runs: matches, under its marks, bound to agreement and request', async () => {
  const request = await draft();
  const approvals = [approve(request, 'alpha')];
  const { session } = await propose(request, approvals);
  const own = approve(request, 'beta');
  await betaConsents(session, [own]);
  const [alpha, beta] = await Promise.all(ids.map((id) => endAt(world.node(id), session)));
  expect(alpha?.error).toBeNull();
  for (const detail of [alpha, beta]) {
    expect(detail).toMatchObject({
      state: 'done',
      verification: 'verified',
      matches: { identifiers: shared.length },
      marks: { tlp: 'AMBER', pap: 'GREEN' },
      request: { agreement, purpose: 'find', tier: 'routine' },
    });
    expect(detail?.retention.days).toBe(request.retentionDays);
  }
  // Whose approvals it started with stands in both logs, before the start.
  for (const id of ids) {
    const { entries } = await world.node(id).call('audit.show', { limit: 1000 });
    const told = entries.filter((entry) => entry.session === session);
    const approved = told.flatMap((entry) => (entry.type === 'approve' ? [[entry.of, entry.approval]] : []));
    expect(Object.fromEntries(approved)).toEqual({ alpha: approvals[0]?.id, beta: own.id });
    const types = told.map(({ type }) => type);
    expect(types.lastIndexOf('approve')).toBeLessThan(types.indexOf('start'));
  }
  expect(alpha?.caseReference?.reference).toBe('case 7');
  expect(beta?.caseReference).toBeNull();
  expect(beta?.agreementId).not.toBe(agreement);

  // The very same request, in another session: by the asking node, and by one that does not ask itself.
  await expect(propose(request)).rejects.toMatchObject({
    code: 'agreement.denied',
    message: expect.stringContaining('proposal.replayed'),
  });
  sent = [];
  const before = await Promise.all(ids.map(charged));
  rogues.add('alpha');
  const again = await propose(request, approvals);
  const end = await endAt(world.node('beta'), again.session);
  expect(codesOf(end)).toEqual(expect.arrayContaining(['proposal.replayed', 'approval.used']));
  // Refused with the clauses named, logged, and nothing was charged.
  const { entries: later } = await world.node('beta').call('audit.show', { limit: 1000 });
  const deny = later.find((entry) => entry.type === 'deny' && entry.session === again.session);
  expect(deny).toMatchObject({
    failed: expect.arrayContaining([
      { clause: 'caps.proposalMinutes', code: 'proposal.replayed' },
      expect.objectContaining({ code: 'approval.used' }),
    ]),
  });
  expect(await Promise.all(ids.map(charged))).toEqual(before);
  expect(typesOf('beta')).not.toContain('consent');
  await nothingCameOut();
});

const changes: readonly [string, (request: RequestDraft) => void, string][] = [
  ['another purpose', (one) => void (one.purpose = 'measure'), 'purpose.unknown'],
  ['a prohibited use', (one) => void one.uses.push('mass-screening'), 'use.prohibited'],
  ['that has expired', (one) => Object.assign(one, { createdAtMs: 1, expiresAtMs: 2 }), 'proposal.expired'],
  ['of more records than a day may have', (one) => void (one.cost.records = 400_001), 'caps.records'],
  ['by somebody who is no analyst', (one) => void (one.requester = 'keeper'), 'requester.role'],
];

describe.each(['asking', 'asked'])('a request is denied on the %s side', (side) => {
  test.each(changes)('%s', async (_, change, code) => {
    const request = await draft(change);
    const before = await Promise.all(ids.map(charged));
    if (side === 'asking') {
      await expect(propose(request)).rejects.toMatchObject({
        code: 'agreement.denied',
        message: expect.stringContaining(code),
      });
      expect(sent.map(({ type }) => type)).not.toContain('proposal');
    } else {
      rogues.add('alpha');
      if (code === 'proposal.expired') {
        // Terms that have ended do not even make a proposal.
        const end = await propose(request).then(({ session }) => endAt(world.node('alpha'), session));
        expect(end.state).toBe('aborted');
      } else {
        const { session } = await propose(request);
        const [alpha, beta] = await Promise.all(ids.map((id) => endAt(world.node(id), session)));
        expect(codesOf(beta)).toContain(code);
        expect(alpha?.error).toMatchObject({
          code: 'consent.refused',
          message: expect.stringContaining(code),
        });
      }
      expect(typesOf('beta')).not.toContain('consent');
    }
    await nothingCameOut();
    expect(await Promise.all(ids.map(charged))).toEqual(before);
  });
});

describe('approvals', () => {
  test("the asking side's are due before it asks, and are checked by the asked side too", async () => {
    const request = await draft();
    await expect(propose(request, [])).rejects.toMatchObject({
      message: expect.stringContaining('approval.too-few'),
    });
    await expect(propose(request, [approve(request, 'alpha', 'ana')])).rejects.toMatchObject({
      message: expect.stringContaining('approval.requester'),
    });
    rogues.add('alpha');
    const { session } = await propose(request, []);
    const end = await endAt(world.node('beta'), session);
    expect(codesOf(end)).toEqual(['approval.too-few']);
    await nothingCameOut();
  });

  test("one's own are due before consent: the session stays open for those who get them", async () => {
    const request = await draft();
    const { session } = await propose(request);
    await expect(betaConsents(session, [])).rejects.toMatchObject({
      code: 'agreement.denied',
      message: expect.stringContaining('approval.too-few'),
    });
    expect(typesOf('beta')).not.toContain('consent');
    await betaConsents(session, [approve(request, 'beta')]);
    expect((await endAt(world.node('beta'), session)).state).toBe('done');
  });

  test('a partner that consents without its own is found out before anything starts', async () => {
    const request = await draft();
    const { session } = await propose(request);
    rogues.add('beta');
    await betaConsents(session, []);
    const [alpha, beta] = await Promise.all(ids.map((id) => endAt(world.node(id), session)));
    expect(alpha?.state).toBe('aborted');
    expect(alpha?.decisions.at(-1)?.phase).toBe('start');
    expect(typesOf('alpha')).not.toContain('freeze');
    expect(codesOf(alpha)).toEqual(['approval.too-few']);
    expect(beta).toMatchObject({ state: 'aborted', error: { code: 'consent.refused', by: 'alpha' } });
    await nothingCameOut();
  });
});

describe('what a node knows', () => {
  test.each<[string, (of: ReturnType<typeof permittingPorts>) => void, string]>([
    [
      'a suspension',
      (of) => {
        const { membership } = of;
        of.membership = (id) => {
          const known = membership(id);
          return known && { ...known, suspendedBy: ['watch'] };
        };
      },
      'suspended',
    ],
    [
      'a log that nobody witnessed',
      (of) => void (of.log = () => ({ intact: true, confirmed: true, witnessedAtMs: null })),
      'log.witness-unknown',
    ],
    ['nothing of its members', (of) => void (of.membership = () => undefined), 'field.missing'],
  ])('%s denies on both sides', async (_, change, code) => {
    const own = portsOf('alpha');
    change(own);
    const request = await draft();
    await expect(propose(request)).rejects.toMatchObject({ message: expect.stringContaining(code) });
    Object.assign(own, permittingPorts(ids));
    change(portsOf('beta'));
    const { session } = await propose(request);
    const end = await endAt(world.node('beta'), session);
    expect(codesOf(end)).toContain(code);
    await nothingCameOut();
  });

  test('a suspension between consent and start denies the start', async () => {
    const request = await draft();
    const { session } = await propose(request);
    await offered(session);
    const beta = portsOf('beta');
    const { membership } = beta;
    beta.membership = (id) => {
      const known = membership(id);
      return known && phase === 'start' ? { ...known, suspendedBy: ['watch'] } : known;
    };
    await betaConsents(session, [approve(request, 'beta')]);
    const end = await endAt(world.node('beta'), session);
    expect(end.decisions.at(-1)).toMatchObject({ phase: 'start', failed: [{ code: 'suspended' }] });
    await nothingCameOut();
  });
});

test('a node that holds an agreement takes part in nothing without one, whoever asks', async () => {
  await expect(
    world.node('alpha').call('session.propose', matchesOf('beta', ['alpha'])),
  ).rejects.toMatchObject({
    code: 'agreement.denied',
    message: expect.stringContaining('agreement.required'),
  });
  rogues.add('alpha');
  const { session } = await world.node('alpha').call('session.propose', matchesOf('beta', ['alpha']));
  const end = await endAt(world.node('beta'), session);
  expect(codesOf(end)).toEqual(['agreement.required']);
  await nothingCameOut();
});

// The last one: nobody is here who could lift it for the oversight body.
test('a suspension that arrives ends a live session at both', async () => {
  const { session } = await propose(await draft());
  await offered(session);
  const said = await world.node('beta').call('membership.suspend', { agreement, reason: 'incident' });
  expect(said.missed).toContain('watch');
  for (const id of ids) {
    const detail = await endAt(world.node(id), session);
    expect([detail.state, detail.error?.code]).toEqual(['aborted', 'agreement.suspended']);
    const [status] = await world.node(id).call('membership.status', {});
    expect([status?.standing, status?.suspensions.map(({ by }) => by)]).toEqual(['suspended', ['beta']]);
  }
  await nothingCameOut();
});
