/**
 * The routine tier: numbers about five lists, for a purpose, with oversight asked before.
 *
 * Does not know: what came before.
 */
import { checkCounts, tellCounts } from './answers.ts';
import type { Drill } from './drill-state.ts';
import {
  approvals,
  authorise,
  draft,
  expectDenial,
  propose,
  type Question,
  routineOfficers,
} from './people.ts';
import { runPermitted } from './sessions.ts';
import { bodyId } from './world.ts';

const overlap: Question = {
  with: ['coast', 'police', 'registry', 'revenue'],
  output: 'overlap',
  purpose: 'measure',
  tier: 'routine',
  uses: ['statistics'],
};

export async function routine(drill: Drill): Promise<void> {
  const { world, story, happened } = drill;
  story.act(
    'Routine: how much do the five lists overlap?',
    'Everybody gets the same numbers, none smaller than five, and no names. An officer of each party has to approve, and the inspectorate is asked before.',
  );
  const screening = await draft(world, 'customs', { ...overlap, uses: ['mass-screening'] });
  story.says('customs', 'its analyst asks, for mass screening, with nobody\u2019s approval');
  const denied = await propose(world, 'customs', screening, []);
  expectDenial(story, denied, 'customs', [
    'use.prohibited',
    'approval.too-few',
    'custodian.too-few',
    'oversight.not-authorised',
  ]);
  happened.unasked += 1;

  const request = await draft(world, 'customs', overlap);
  story.says(
    'customs',
    'its analyst asks anew, for statistics; an officer approves, and the custodian of the list consents to its use',
  );
  const early = await propose(
    world,
    'customs',
    request,
    approvals(world, request, 'customs', routineOfficers),
  );
  expectDenial(story, early, 'customs', ['oversight.not-authorised']);
  happened.unasked += 1;

  await authorise(world, request);
  story.says(bodyId, 'reads the request (no list, no number), and authorises exactly it');
  const details = await runPermitted(drill, {
    by: 'customs',
    with: overlap.with,
    request,
    approvers: ['approver-2', 'custodian-1'],
  });
  const own = details.get('customs');
  if (own !== undefined) tellCounts(drill, own);
  checkCounts(drill, details);
}
