/**
 * One request under a run's agreement: drafted, approved and proposed as people would.
 *
 * Purpose: what an analyst, the approvers of each party and the partners' operators do, in their place; and a denial in
 * words, from every node that denied.
 * Assumes: every node asks before it consents. Does not know: results.
 */
import type { ControlParams, DecisionRecord } from '@tallystick/node/control';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import { requestId } from '@tallystick/protocol/policy';
import { reasonText } from '../explain/words.ts';
import { type Style, wrap } from '../render/text.ts';
import type { Scenario } from '../scenario/types.ts';
import type { DeclaredLabels } from './labels.ts';
import { poll } from './poll.ts';
import type { LocalParty } from './session.ts';
import type { Standing } from './standing.ts';

export interface AskedSession {
  readonly scenario: Omit<Scenario, 'parties'>;
  readonly parties: readonly LocalParty[];
  readonly labels: DeclaredLabels;
  readonly standing: Standing;
  /** What each party's list is called at its node. */
  readonly listName: string;
}

const untilAsked = { everyMs: 50, withinMs: 60_000, what: 'session: a party was not asked in time' };

/** Proposes, and consents in everybody's place. @throws TallyError `agreement.denied`, or what else ends it. */
export async function askUnder({ scenario, parties, standing, listName }: AskedSession): Promise<string> {
  const { id: agreement, officers, signed } = standing;
  const { caps, lists, privacy } = signed.agreement;
  const [first, ...others] = parties as [LocalParty, ...LocalParty[]];
  const asked = scenario.standing;
  if (asked === undefined) throw new TallyError('internal.bug', 'run: no standing agreement is asked');
  const { output } = scenario;
  const most = Math.max(...lists.map(({ maxIdentifiers }) => maxIdentifiers)) + 1;
  const { predicate, which } = output.kind === 'matches' ? output : {};
  const { draft } = await first.node.call('session.request', {
    agreement,
    requester: officers.analystOf(first.id),
    purpose: asked.purpose,
    uses: [...asked.uses],
    tier: 'routine',
    caseReference: 'a run of this machine',
    output: asked.output,
    with: others.map(({ id }) => id),
    recipes: [...scenario.recipes],
    subject: scenario.subject,
    ...(output.kind === 'matches' ? { receivers: [...output.to] } : {}),
    ...(predicate === undefined ? {} : predicateOf(predicate)),
    ...(which === undefined ? {} : { which }),
    ...(scenario.verified ? {} : { light: true }),
    // As much as the largest list may cost, with the question of its proof, or all that a day has.
    ...(output.kind === 'matches' || privacy.noise === null
      ? {
          records: Math.max(
            1,
            Math.min(privacy.budget.records, caps.recordsPerDay, caps.pairRecordsPerDay, most),
          ),
        }
      : {}),
  });
  const request = officers.ask(draft);
  await first.node.call('session.requested', { request });
  const yes = await standing.authorise(requestId(request));
  const approvals = [...officers.approve(request, first.id), ...yes];
  const { session } = await first.node.call('session.proposeRequest', { request, approvals, list: listName });
  await Promise.all(
    others.map(({ id, node }) =>
      consentWhenAsked(node, { session, list: listName, approvals: officers.approve(request, id) }),
    ),
  );
  return session;
}

type Predicate = NonNullable<Extract<Scenario['output'], { kind: 'matches' }>['predicate']>;

const predicateOf = (predicate: Predicate) =>
  predicate.kind === 'atLeast'
    ? { predicate: 'at-least' as const, atLeast: predicate.lists }
    : { predicate: predicate.kind };

/**
 * A node hears of a session a moment after its proposer, and may be asked once every station of it has a channel there.
 * A session that is over by then needs no consent: its record says why.
 */
async function consentWhenAsked(
  node: LocalParty['node'],
  consent: ControlParams<'session.consent'>,
): Promise<void> {
  const { session } = consent;
  await poll(async () => {
    const refused = await node.call('session.consent', consent).then(
      () => undefined,
      (thrown: unknown) => asTallyError(thrown),
    );
    if (refused === undefined) return true;
    if (!['session.unknown', 'session.state'].includes(refused.code)) throw refused;
    return node.call('session.show', { session }).then(
      ({ state }) => state === 'aborted' || state === 'done',
      () => false,
    );
  }, untilAsked);
}

const phases: Readonly<Record<DecisionRecord['phase'], string>> = {
  propose: 'before it asked anybody',
  consent: 'before it agreed',
  start: 'before anything derived from a list left',
};

/** Every failed clause of the newest session, of every node that denied it, in words. */
export async function denialLines(
  parties: readonly LocalParty[],
  style: Style,
  columns: number,
): Promise<string[]> {
  const lines: string[] = [];
  for (const { id, node } of parties) {
    const [newest] = [...(await node.call('session.list', {}))].sort((a, b) => b.startedAtMs - a.startedAtMs);
    if (newest === undefined) continue;
    const { detail } = await node.call('session.explain', { session: newest.session });
    for (const { phase, failed } of detail.decisions.filter(({ kind }) => kind === 'denial')) {
      lines.push(`  ${id} ${style.bad('denied')} it ${phases[phase]}:`);
      for (const { clause, code } of failed) {
        const text = `${clause}: ${reasonText(code)} (${code})`;
        lines.push(
          ...wrap(text, Math.max(40, columns - 6)).map((line, i) => `    ${i === 0 ? '' : '  '}${line}`),
        );
      }
    }
  }
  return lines;
}
