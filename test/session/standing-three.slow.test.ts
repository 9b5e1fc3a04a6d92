/**
 * Three parties under one agreement, between real nodes and a real collector: counts by labels as it permits, and one
 * party that denies, in each phase, from whom everybody learns coded reasons and nothing else.
 */
import { StandingGuard } from '@tallystick/node/guard';
import type { SessionDetail } from '@tallystick/node/control';
import type { LocalRule, PolicyRequest, RequestDraft } from '@tallystick/protocol/policy';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { labelledLists } from './labelled.ts';
import { agreementBetween, approve, askedBy, makeIdentities, permittingPorts } from './standing.testkit.ts';
import { endEverywhere, nothingLeft, startWorld, until, type World } from './world.ts';

const ids = ['alpha', 'beta', 'gamma'];
const tiers = ['high', 'low'];
const { lists, csv, columns, plainCells } = labelledLists(ids, tiers, 20);

let world: World;
const sent: { from: string; to: string; type: string }[] = [];
/** What gamma adds, in this phase. */
let denial: { phase: string; rule: LocalRule } | undefined;

beforeAll(async () => {
  const identities = await makeIdentities(ids);
  world = await startWorld({
    lists,
    csv,
    columns,
    consent: 'ask',
    adjust: (id, options) => ({
      ...options,
      place: { kind: 'ephemeral', identity: identities.find((one) => one.id === id) ?? { id } },
      guardPorts: permittingPorts(ids),
    }),
    onSend: (from, to, frame) => {
      const isText = frame[0] === 0x7b;
      const type = isText ? (JSON.parse(Buffer.from(frame).toString()) as { type: string }).type : 'chunk';
      sent.push({ from, to, type });
    },
  });
  const { id, publicKey, fingerprint } = world.coordinator.identity;
  const hub = { id, name: 'Hub', publicKey: Buffer.from(publicKey).toString('hex'), fingerprint };
  const signed = agreementBetween(identities, (terms) => {
    const [pair] = terms.outputs;
    if (pair?.kind !== 'matches') throw new Error('another agreement');
    const { predicates: _, which: __, ...rest } = pair;
    terms.collectors = [hub];
    terms.lists = terms.lists.map((list) => ({ ...list, labels: tiers }));
    terms.outputs = [
      {
        ...rest,
        id: 'numbers',
        kind: 'counts',
        form: 'sealed',
        collectors: [id],
        collectorsNeeded: 1,
        statistics: ['histogram'],
        // Proofs are other tests' matter.
        verified: false,
        labels: true,
      },
    ];
  });
  for (const node of world.nodes.values()) await node.call('agreement.install', { agreement: signed });
  const real = StandingGuard.prototype.failures;
  vi.spyOn(StandingGuard.prototype, 'failures').mockImplementation(function (this: StandingGuard, ...given) {
    const self = this as unknown as { self: string; ports: { rules: readonly LocalRule[] } };
    const isDenied = self.self === 'gamma' && denial?.phase === given[0];
    const { ports } = self;
    if (isDenied && denial !== undefined) self.ports = { ...ports, rules: [denial.rule] };
    try {
      return real.apply(this, given);
    } finally {
      self.ports = ports;
    }
  });
}, 120_000);
afterEach(() => {
  denial = undefined;
  sent.length = 0;
});
afterAll(async () => {
  vi.restoreAllMocks();
  await world?.close();
});

async function draft(change: (request: RequestDraft) => void = () => undefined): Promise<PolicyRequest> {
  const { draft: drafted } = await world.node('alpha').call('session.request', {
    agreement: 'three-rivers',
    requester: 'ana',
    purpose: 'find',
    uses: ['statistics'],
    tier: 'routine',
    caseReference: 'case 9',
    output: 'numbers',
    with: ['beta', 'gamma'],
    recipes: ['document'],
    light: true,
    labels: ['alpha', 'gamma'].map((party) => ({ party, field: 'tier', labels: tiers, minSize: 0 })),
  });
  change(drafted);
  return askedBy(drafted);
}

/** Alpha proposes; beta and gamma consent as soon as they may, unless it is over before. */
async function runs(): Promise<readonly SessionDetail[]> {
  const request = await draft();
  const approvals = [approve(request, 'alpha')];
  const { session } = await world
    .node('alpha')
    .call('session.proposeRequest', { request, approvals, list: 'watch' });
  await Promise.all(
    ['beta', 'gamma'].map(async (id) => {
      const consent = { session, list: 'watch', approvals: [approve(request, id)] };
      const node = world.node(id);
      await until(async () => {
        const refused = await node.call('session.consent', consent).then(
          () => undefined,
          (thrown: { code: string }) => thrown.code,
        );
        if (refused === undefined || refused === 'agreement.denied') return true;
        const known = (await node.call('session.list', {})).find((one) => one.session === session);
        return known?.state === 'aborted' ? true : undefined;
      }, `${id} has been asked`);
      // A denial of one's own list is the person's to mend; this one gives up.
      if (denial?.phase === 'consent' && id === 'gamma')
        await node.call('session.refuse', { session, reasons: ['rule.identifiers'] });
    }),
  );
  return endEverywhere(world, session);
}

test('counts by labels, as agreed: the same cells everywhere, and those of a plain count', async () => {
  const details = await runs();
  const want = plainCells(['alpha', 'gamma']);
  for (const detail of details) {
    expect(detail).toMatchObject({
      state: 'done',
      error: null,
      marks: { tlp: 'AMBER', pap: 'GREEN' },
      request: { purpose: 'find' },
    });
    const cells = (detail.labels?.cells ?? []).map(({ in: on, labels, exactly }) => [
      on.map((id) => [id, labels[id] ?? ''].join(' ').trim()).join(' + '),
      exactly,
    ]);
    expect(cells.length).toBe(3 * 2 * 3 - 1);
    for (const [name, count] of cells) expect(count, String(name)).toBe(want.get(String(name)) ?? 0);
  }
});

test('a label that the agreement does not know is not asked for: the clause is named', async () => {
  const request = await draft(({ output }) => {
    for (const label of output.labels ?? []) label.labels = ['high', 'urgent'];
  });
  const given = { request, approvals: [approve(request, 'alpha')], list: 'watch' };
  await expect(world.node('alpha').call('session.proposeRequest', given)).rejects.toMatchObject({
    code: 'agreement.denied',
    message: expect.stringContaining('list.label') as string,
  });
  expect(sent.map(({ type }) => type)).not.toContain('proposal');
});

const phases: readonly [string, LocalRule, string][] = [
  ['propose', { rule: 'purposes', only: ['measure'] }, 'rule.purposes'],
  ['consent', { rule: 'identifiers', atMost: 1 }, 'rule.identifiers'],
  ['start', { rule: 'identifiers', atMost: 1 }, 'rule.identifiers'],
];

test.each(phases)(
  'one denies in phase %s: all learn why, nothing of a list has left',
  async (phase, rule, code) => {
    const ledgers = () => Promise.all(ids.map((id) => world.node(id).call('ledger.show', {})));
    const charged = async () => (await ledgers()).map((all) => all.map(({ head }) => head));
    const before = await charged();
    denial = { phase, rule };
    const [alpha, beta, gamma] = (await runs()) as [SessionDetail, SessionDetail, SessionDetail];
    const last = gamma.decisions.at(-1);
    expect([last?.phase, last?.kind, ...new Set(last?.failed.map((one) => one.code))]).toEqual([
      phase,
      'denial',
      code,
    ]);
    for (const detail of [alpha, beta, gamma]) {
      expect(detail).toMatchObject({
        state: 'aborted',
        counts: null,
        labels: { cells: null },
        matches: null,
      });
      expect(detail.error).toMatchObject({ code: 'consent.refused', by: 'gamma' });
      expect(detail.error?.message).toContain(code);
    }
    for (const { from, to, type } of sent) {
      expect(
        ['hello', 'proposal', 'consent', 'refusal', 'alive', 'freeze', 'abort'],
        `${from}>${to}`,
      ).toContain(type);
    }
    // Gamma told each of the others, the collector too.
    const told = sent.filter(({ from, type }) => from === 'gamma' && type === 'refusal').map(({ to }) => to);
    expect(told.toSorted()).toEqual(['alpha', 'beta', 'coordinator']);
    expect(sent.filter(({ from, type }) => from === 'gamma' && type === 'freeze')).toEqual([]);
    for (const id of ids) {
      const { entries } = await world.node(id).call('audit.show', { limit: 100 });
      const refusals = entries.filter((entry) => entry.session === alpha.session && entry.type === 'refuse');
      expect(refusals).toMatchObject([{ by: 'gamma', reasons: [code] }]);
    }
    expect(await charged()).toEqual(before);
    await nothingLeft(world);
  },
);
