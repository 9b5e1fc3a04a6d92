/**
 * A session that is permitted, from the request to its end.
 *
 * Purpose: propose, consent everywhere, wait; tell and count it.
 * Assumes: oversight has said what it must. Does not know: what was asked.
 */
import type { SessionDetail } from '@tallystick/node/control';
import type { PolicyRequest } from '@tallystick/protocol/policy';
import type { Drill } from './drill-state.ts';
import { groupOf, note } from './happened.ts';
import type { AgencyId } from './lists.ts';
import { approvals, codesOf, consent, ends, propose, tellDenial } from './people.ts';

export interface Permitted {
  readonly by: AgencyId;
  readonly with: readonly AgencyId[];
  readonly request: PolicyRequest;
  /** Of every party. */
  readonly approvers: readonly string[];
}

/** Runs to the end at every party. Throws where anything stands against it. */
export async function runPermitted(
  { world, story, happened }: Drill,
  { by, with: others, request, approvers }: Permitted,
): Promise<ReadonlyMap<AgencyId, SessionDetail>> {
  const ids = [by, ...others];
  const asked = await propose(world, by, request, approvals(world, request, by, approvers));
  if (asked.kind === 'denied') {
    tellDenial(story, by, asked.failed);
    throw new Error(`${by}: denied by ${codesOf(asked).join(', ')}, and should have been permitted`);
  }
  story.says(by, `${approvers.join(' and ')} approved; permitted, and proposed to ${others.join(', ')}`);
  const { session } = asked;
  await Promise.all(
    others.map((id) => consent(world, id, session, approvals(world, request, id, approvers))),
  );
  const [only] = others;
  if (others.length === 1 && only !== undefined)
    story.says(only, `${approvers.join(' and ')} approved there, too; it consents with its list`);
  else story.says('all others', 'approve in the same way, and consent with their lists');
  const details = await ends(world, ids, session);
  const states = [...details.values()].map(({ state, verification }) => `${state}, ${verification}`);
  story.check(
    `the session of ${groupOf(ids) === 'several' ? `all ${ids.length}` : groupOf(ids)} is done and proved, at every one`,
    [...new Set(states)],
    ['done, verified'],
  );
  note(happened, ids, 'answered');
  return details;
}
