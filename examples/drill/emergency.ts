/**
 * The imminent tier: an emergency, what it permits, how it ends, and what a missed review costs.
 *
 * Does not know: what came before.
 */
import type { MatchedRecord } from '@tallystick/cli/oracle';
import { checkMatches } from './answers.ts';
import type { Drill } from './drill-state.ts';
import { noteEvent } from './happened.ts';
import { type AgencyId, agencyIds } from './lists.ts';
import { approvals, declare, draft, expectDenial, idOf, propose, type Question, review } from './people.ts';
import { runPermitted } from './sessions.ts';
import { until } from './until.ts';
import { bodyId } from './world.ts';

const hourMs = 3_600_000;
const two = ['approver-1', 'approver-2'];

const question = (other: AgencyId, emergency?: string): Question => ({
  with: [other],
  output: 'pair',
  purpose: 'protect',
  tier: 'imminent',
  receivers: ['police', other],
  ...(emergency === undefined ? {} : { emergency }),
});

export interface Found {
  /** The session between police and coast. */
  readonly session: string;
  readonly records: ReadonlyMap<AgencyId, readonly MatchedRecord[]>;
}

export async function emergency(drill: Drill): Promise<Found> {
  const { world, story, happened } = drill;
  world.clock.forward(5 * hourMs);
  await world.settle();
  story.act(
    'An emergency: whom do police and coast guard both look for?',
    'In the imminent tier two get names. Nobody waits for the inspectorate; instead an officer declares an emergency, two officers of each side approve, and the inspectorate reviews it afterwards.',
  );
  const calm = await draft(world, 'police', question('coast'));
  story.says(
    'police',
    'its analyst asks for names without an emergency, and approves it herself, beside one officer',
  );
  const alone = await propose(
    world,
    'police',
    calm,
    approvals(world, calm, 'police', ['analyst-1', 'approver-1']),
  );
  expectDenial(story, alone, 'police', ['approval.requester', 'approval.too-few', 'emergency.undeclared']);
  happened.unasked += 1;

  const first = await declare(world, 'police', 'approver-3', 'flight');
  noteEvent(happened, 'emergencies');
  story.says(
    'police',
    'approver-3 declares an emergency: flight. Every node and the inspectorate hear of it',
  );
  const request = await draft(world, 'police', { ...question('coast', first) });
  const details = await runPermitted(drill, { by: 'police', with: ['coast'], request, approvers: two });
  const records = await checkMatches(drill, details);
  await until(async () => {
    const known = await world.body.call('oversight.requests', {});
    return known.some(({ id, toldBy }) => id === idOf(request) && toldBy.length === 2);
  }, 'the inspectorate is told by both');
  story.says(bodyId, 'was told by both sides as it started, and by nobody what came out');
  const session = details.get('police')?.session ?? '';

  await lapse(drill, first);
  await missedReview(drill, first);
  return { session, records };
}

/** An emergency ends by itself. */
async function lapse({ world, story, happened }: Drill, first: string): Promise<void> {
  const { imminent } = world.agreement.tiers;
  world.clock.forward((imminent?.lastsHours ?? 0) * hourMs);
  await world.settle();
  story.act(
    'The emergency ends by itself',
    `The agreement gives it ${imminent?.lastsHours} hours. Nobody has to end it, and nobody can make it longer.`,
  );
  const request = await draft(world, 'police', question('coast', first));
  story.says('police', 'its analyst asks again under the same emergency, two officers approve');
  const asked = await propose(world, 'police', request, approvals(world, request, 'police', two));
  expectDenial(story, asked, 'police', ['emergency.lapsed', 'emergency.outlived']);
  happened.unasked += 1;
}

/** Nobody reviews in time: the tier locks for everybody, until somebody does. */
async function missedReview(drill: Drill, first: string): Promise<void> {
  const { world, story, happened } = drill;
  const hours = world.agreement.tiers.imminent?.reviewWithinHours ?? 0;
  world.clock.forward(hours * hourMs);
  await world.settle();
  story.act(
    'A missed review locks the tier',
    `The inspectorate had ${hours} hours for its review, and has not given one. So nobody gets another emergency session, whoever declares what; the routine tier is not touched.`,
  );
  noteEvent(happened, 'lateReviews');
  const locking = await Promise.all(
    agencyIds.map(async (id) =>
      (await world.node(id).call('emergency.list', {})).some((one) => one.isLocking),
    ),
  );
  story.check(
    'the tier is locked at every node',
    locking,
    agencyIds.map(() => true),
  );
  const second = await declare(world, 'customs', 'approver-1', 'loss-of-evidence');
  noteEvent(happened, 'emergencies');
  story.says('customs', 'approver-1 declares another emergency: loss of evidence');
  for (const [by, other] of [
    ['police', 'customs'],
    ['customs', 'police'],
  ] as const) {
    const request = await draft(world, by, { ...question(other, second), receivers: [by, other] });
    const asked = await propose(world, by, request, approvals(world, request, by, two));
    expectDenial(story, asked, by, ['tier.locked']);
    happened.unasked += 1;
  }
  await review(world, first, 'justified');
  story.says(bodyId, 'reviews the first emergency at last: justified. That it was late stays in every log');
  await review(world, second, 'justified');
  story.says(bodyId, 'reviews the second one, in time');
  const request = await draft(world, 'police', { ...question('customs', second) });
  const details = await runPermitted(drill, { by: 'police', with: ['customs'], request, approvers: two });
  await checkMatches(drill, details);
}
