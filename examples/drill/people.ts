/**
 * What people do in the drill: ask, approve, consent, declare, each through the control API of their own station.
 *
 * Purpose: one call for each act. A denial is not an error here: it is an answer, with every failed clause.
 * Assumes: everybody's keys are here, which is so only in a drill. Does not know: which answer is right.
 */
import { systemRandom } from '@tallystick/host/random';
import type { ControlParams, SessionDetail } from '@tallystick/node/control';
import type { RunningNode } from '@tallystick/node/daemon';
import { asTallyError } from '@tallystick/protocol/errors';
import {
  type Approval,
  denialTexts,
  emergencyId,
  type EmergencyMessage,
  type PolicyRequest,
  requestId,
  signApproval,
  signEmergency,
} from '@tallystick/protocol/policy';
import { type AgencyId, agencyIds, recipes } from './lists.ts';
import type { Story } from './story.ts';
import { until } from './until.ts';
import { listName, type World } from './world.ts';

/** What an analyst asks; the rest follows from the agreement. */
export type Question = Pick<ControlParams<'session.request'>, 'purpose' | 'output' | 'tier'> &
  Partial<Pick<ControlParams<'session.request'>, 'emergency' | 'labels' | 'receivers'>> & {
    readonly with: readonly AgencyId[];
    readonly uses?: ControlParams<'session.request'>['uses'];
  };

export type Asked =
  | { readonly kind: 'open'; readonly session: string }
  | { readonly kind: 'denied'; readonly failed: readonly FailedClause[] };

/** A clause that failed, by its path in the agreement. */
type FailedClause = Pick<SessionDetail['decisions'][number]['failed'][number], 'clause' | 'code'>;

export const idOf = (request: PolicyRequest): string => requestId(request);

/** The analyst of `by` writes down what is wanted, and signs it. Of the lists nothing has left yet. */
export async function draft(world: World, by: AgencyId, question: Question): Promise<PolicyRequest> {
  const { with: others, ...rest } = question;
  const { draft: drafted } = await world.node(by).call('session.request', {
    agreement: world.agreementId,
    requester: 'analyst-1',
    uses: ['investigative-lead'],
    caseReference: 'drill 2027-1',
    recipes: [...recipes],
    subject: 'person',
    with: [...others],
    ...rest,
  });
  const request = world.officers.ask(drafted);
  await world.node(by).call('session.requested', { request });
  return request;
}

/** Whom the routine tier asks in every party. */
export const routineOfficers = ['approver-1', 'custodian-1'];

/** Signatures of these officers of a party under exactly this request. */
export function approvals(
  { officers }: World,
  request: PolicyRequest,
  party: AgencyId,
  names: readonly string[],
): Approval[] {
  return names.map((officer) => {
    const id = Buffer.from(systemRandom(16)).toString('hex');
    const { expiresAtMs } = request;
    const body = { id, of: party, officer, request: requestId(request), expiresAtMs };
    return signApproval(body, (message) => officers.sign(party, officer, message));
  });
}

/** The agency's node decides, and asks the others where it permits. */
export async function propose(
  world: World,
  by: AgencyId,
  request: PolicyRequest,
  given: Approval[],
): Promise<Asked> {
  const node = world.node(by);
  const before = new Set((await node.call('session.list', {})).map(({ session }) => session));
  try {
    const { session } = await node.call('session.proposeRequest', {
      request,
      approvals: given,
      list: listName,
    });
    return { kind: 'open', session };
  } catch (thrown) {
    const error = asTallyError(thrown);
    if (error.code !== 'agreement.denied') throw error;
    const kept = (await node.call('session.list', {})).find(({ session }) => !before.has(session));
    if (kept === undefined) throw error;
    const { detail } = await node.call('session.explain', { session: kept.session });
    return { kind: 'denied', failed: detail.decisions.flatMap(({ failed }) => failed) };
  }
}

/** Waits until the agency's people may be asked, and agrees with what its officers approved. */
export async function consent(world: World, by: AgencyId, session: string, given: Approval[]): Promise<void> {
  await offered(world, by, session);
  await world.node(by).call('session.consent', { session, list: listName, approvals: given });
}

/** Waits until the agency's people may be asked. */
export function offered(world: World, by: AgencyId, session: string): Promise<void> {
  const node = world.node(by);
  return until(async () => {
    if (!(await knows(node, session))) return false;
    const { state, decisions, error } = await node.call('session.show', { session });
    if (error !== null) throw new Error(`${by}: the session ended with ${error.code}: ${error.message}`);
    // Asked is who has decided in the light of what every station has said of itself.
    return state === 'offered' && decisions.some(({ agreement }) => agreement !== null);
  }, `${by} is asked`);
}

const knows = async (node: RunningNode, session: string): Promise<boolean> =>
  (await node.call('session.list', {})).some((one) => one.session === session);

/** The session's end, as each of these tells it. */
export async function ends(
  world: World,
  ids: readonly AgencyId[],
  session: string,
): Promise<ReadonlyMap<AgencyId, SessionDetail>> {
  const details = await Promise.all(
    ids.map(async (id) => {
      await until(() => knows(world.node(id), session), `${id} hears of the session`);
      return [id, await world.node(id).call('session.watch', { session })] as const;
    }),
  );
  return new Map(details);
}

/** The body reads a request and says yes; waits until every member has heard it. */
export async function authorise({ body }: World, request: PolicyRequest): Promise<void> {
  const id = requestId(request);
  await until(async () => {
    const known = await body.call('oversight.requests', {});
    return known.some((one) => one.id === id);
  }, 'the oversight body is told of the request');
  await body.call('oversight.authorise', { request: id });
  await until(async () => {
    const { waiting } = await body.call('oversight.status', {});
    return waiting.length === 0;
  }, 'everybody has heard the authorisation');
}

/** An officer declares an emergency; waits until every station has heard of it. @returns its id */
export async function declare(
  world: World,
  party: AgencyId,
  officer: string,
  grounds: Extract<EmergencyMessage, { type: 'declare' }>['grounds'],
): Promise<string> {
  const { clock, agreementId, officers, body } = world;
  const facts = { agreement: agreementId, atMs: clock.nowMs(), of: party, officer, grounds };
  const message = signEmergency({ type: 'declare', ...facts }, (bytes) =>
    officers.sign(party, officer, bytes),
  );
  if (message.type !== 'declare') throw new Error('another message was signed');
  const id = emergencyId(message);
  await world.node(party).call('emergency.take', { message });
  await until(async () => {
    const lists = await Promise.all([
      body.call('emergency.list', {}),
      ...agencyIds.map((one) => world.node(one).call('emergency.list', {})),
    ]);
    return lists.every((known) => known.some((one) => one.id === id));
  }, 'everybody has heard of the emergency');
  return id;
}

/** The body reviews; waits until every station has heard it. */
export async function review(
  world: World,
  emergency: string,
  finding: 'justified' | 'not-justified',
): Promise<void> {
  await world.body.call('oversight.review', { emergency, finding });
  await until(async () => {
    const lists = await Promise.all(agencyIds.map((id) => world.node(id).call('emergency.list', {})));
    return lists.every((known) => known.some(({ id, review: found }) => id === emergency && found !== null));
  }, 'everybody has heard the review');
}

/** Every failed clause, once, in words. */
export function tellDenial(story: Story, who: string, failed: readonly FailedClause[]): void {
  const lines = failed.map(({ clause, code }) => {
    const words = (denialTexts as Readonly<Record<string, string>>)[code] ?? code;
    return `${clause}: ${words} (${code})`;
  });
  story.says(who, 'DENIED, before anything has left:');
  story.shows([...new Set(lines)]);
}

/** The codes of a denial, each once; `permitted` where there is none. */
export const codesOf = (asked: Asked): readonly string[] =>
  asked.kind === 'open' ? ['permitted'] : [...new Set(asked.failed.map(({ code }) => code))].sort();

/** Tells a denial, and holds it to its codes. */
export function expectDenial(story: Story, asked: Asked, who: AgencyId, want: readonly string[]): void {
  if (asked.kind === 'denied') tellDenial(story, who, asked.failed);
  story.check(`${who} is denied by ${want.join(' and ')}`, codesOf(asked), [...want].sort());
}
