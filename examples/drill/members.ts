/**
 * Suspension, resumption, withdrawal.
 *
 * Does not know: what came before.
 */
import { checkCounts, tellLabels } from './answers.ts';
import type { Drill } from './drill-state.ts';
import { note, noteEvent } from './happened.ts';
import { type AgencyId, agencyIds, policeLabels } from './lists.ts';
import {
  approvals,
  authorise,
  draft,
  ends,
  expectDenial,
  offered,
  propose,
  type Question,
  routineOfficers,
} from './people.ts';
import { runPermitted } from './sessions.ts';
import { until } from './until.ts';
import { bodyId, type World } from './world.ts';

const hourMs = 3_600_000;
const others = (by: AgencyId, all: readonly AgencyId[] = agencyIds): AgencyId[] =>
  all.filter((id) => id !== by);

const overlap = (by: AgencyId, all: readonly AgencyId[] = agencyIds): Question => ({
  with: others(by, all),
  output: 'overlap',
  purpose: 'measure',
  tier: 'routine',
  uses: ['statistics'],
});

async function standings(world: World): Promise<string[]> {
  return Promise.all(
    agencyIds.map(async (id) => {
      const [status] = await world.node(id).call('membership.status', {});
      return status?.standing ?? 'unknown';
    }),
  );
}

export async function suspension(drill: Drill): Promise<void> {
  const { world, story, happened } = drill;
  const { agreementId: agreement, body } = world;
  world.clock.forward(20 * hourMs);
  await world.settle();
  story.act(
    'One suspends, all must resume',
    'Any party may stop everything, at once and alone: what runs ends, what is asked is denied, at every node. It takes everybody, the inspectorate included, to go on.',
  );
  const request = await draft(world, 'registry', overlap('registry'));
  await authorise(world, request);
  const asked = await propose(
    world,
    'registry',
    request,
    approvals(world, request, 'registry', routineOfficers),
  );
  if (asked.kind === 'denied') throw new Error('registry: denied before the suspension');
  await Promise.all(others('registry').map((id) => offered(world, id, asked.session)));
  story.says(
    'registry',
    'asks all for numbers, authorised and approved; everybody\u2019s people are being asked',
  );
  await world.node('revenue').call('membership.suspend', { agreement, reason: 'incident' });
  noteEvent(happened, 'suspensions');
  story.says('revenue', 'suspends the agreement: incident');
  const details = await ends(world, agencyIds, asked.session);
  note(happened, agencyIds, 'endedEarly');
  story.check(
    'the session that was open has ended at all five',
    [...details.values()].map(({ state, error }) => `${state}, ${error?.code}`),
    agencyIds.map(() => 'aborted, agreement.suspended'),
  );
  await until(
    async () => (await standings(world)).every((standing) => standing === 'suspended'),
    'everybody has heard of the suspension',
  );
  for (const id of agencyIds) {
    const again = await draft(world, id, overlap(id));
    const denied = await propose(world, id, again, approvals(world, again, id, routineOfficers));
    happened.unasked += 1;
    expectDenial(story, denied, id, ['suspended', 'oversight.not-authorised']);
  }
  for (const id of others('revenue')) await world.node(id).call('membership.resume', { agreement });
  await body.call('membership.resume', { agreement });
  story.says('all others', 'lift it, the inspectorate too');
  story.check(
    'it is still suspended: one has not lifted',
    new Set(await standings(world)),
    new Set(['suspended']),
  );
  await world.node('revenue').call('membership.resume', { agreement });
  story.says('revenue', 'lifts it as the last');
  await world.settle();
  story.check('it is in force again, at all five', new Set(await standings(world)), new Set(['open']));
}

export async function withdrawal(drill: Drill): Promise<void> {
  const { world, story, happened } = drill;
  const { agreementId: agreement } = world;
  world.clock.forward(24 * hourMs);
  await world.settle();
  story.act(
    'One leaves, the rest goes on',
    'Revenue withdraws, for good. The agreement says that it stands for the rest (suspension.afterWithdrawal: rest-stands).',
  );
  await world.node('revenue').call('membership.withdraw', { agreement });
  noteEvent(happened, 'withdrawals');
  story.says('revenue', 'withdraws');
  await until(async () => {
    const left = await Promise.all(
      agencyIds.map(async (id) => {
        const [status] = await world.node(id).call('membership.status', {});
        return status?.members.some((one) => one.id === 'revenue' && one.hasWithdrawn) === true;
      }),
    );
    return left.every(Boolean);
  }, 'everybody has heard of the withdrawal');
  const rest = others('revenue');
  await world.settle(rest);
  for (const by of ['registry', 'revenue'] as const) {
    const request = await draft(world, by, overlap(by));
    const denied = await propose(world, by, request, approvals(world, request, by, routineOfficers));
    happened.unasked += 1;
    expectDenial(story, denied, by, ['party.withdrawn', 'oversight.not-authorised']);
  }
  const labels = [
    {
      party: 'police',
      field: policeLabels.field,
      labels: [...policeLabels.values],
      minSize: policeLabels.minSize,
    },
  ];
  const request = await draft(world, 'registry', { ...overlap('registry', rest), labels });
  story.says('registry', 'asks the other three, and for numbers by what the police list says of its records');
  await authorise(world, request);
  story.says(bodyId, 'authorises');
  const details = await runPermitted(drill, {
    by: 'registry',
    with: others('registry', rest),
    request,
    approvers: routineOfficers,
  });
  const own = details.get('registry');
  if (own !== undefined) tellLabels(drill, own);
  checkCounts(drill, details);
}
