/**
 * A proposal of our own that our own guard denied.
 *
 * Purpose: it is kept as a session that never began, so that its denial can be explained.
 * Assumes: nothing of it has left. Does not know: why it was denied.
 */
import type { TallyError } from '@tallystick/protocol/errors';
import type { DecisionRecord } from '../control/explain.ts';
import { describeSession, newFacts } from './detail.ts';
import type { OwnProposal } from './proposal.ts';
import type { SessionHost } from './types.ts';

const none = { sent: 0, received: 0 };

export async function keepDenied(
  host: SessionHost,
  { proposal, caseReference }: OwnProposal,
  record: DecisionRecord,
  error: TallyError,
): Promise<void> {
  const { identity, clock } = host;
  const nowMs = clock.nowMs();
  const facts = newFacts(proposal.session, identity.id, nowMs, host.retentionDays);
  facts.state = 'aborted';
  facts.proposal = proposal;
  facts.caseReference = caseReference;
  facts.endedAtMs = nowMs;
  facts.decisions = [record];
  facts.failure = { error, by: identity.id };
  await host.save(describeSession(facts, { bytes: none, transport: none }, [], nowMs), undefined, undefined);
}
