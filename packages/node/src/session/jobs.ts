/**
 * Jobs of the state machine as calls of the vault.
 *
 * Purpose: the one place that knows both.
 * Assumes: the vault takes calls in the order in which they are made here. Does not know: channels.
 */
import type { Agreement } from '@tallystick/protocol/agreement';
import type { Job, JobResult } from '@tallystick/protocol/chain';
import type { MatchOutcome, Progress, Vault } from '../vault/types.ts';

export interface JobContext {
  readonly vault: Vault;
  readonly session: string;
  readonly self: string;
  /** Known when the first job comes: jobs follow the freeze. */
  readonly agreement: () => Agreement;
  readonly sizes: () => readonly number[];
  readonly onBlinded: (progress: Progress) => void;
  /** The sealed matches; kept only if the session ends well. */
  readonly onMatches: (outcome: MatchOutcome) => void;
}

export async function runJob(context: JobContext, job: Job): Promise<JobResult> {
  const { vault, session } = context;
  switch (job.op) {
    case 'begin': {
      // The terms go first and at once: others' elements may arrive while the own list is being blinded.
      const frozen = vault.freeze(session, freezeTerms(context, job));
      const blinded = vault.blindList(session, context.onBlinded);
      await Promise.all([frozen, blinded]);
      return undefined;
    }
    case 'readFirstStream':
      return vault.readFirstStream(session, job.start, job.count);
    case 'evaluate':
      return vault.evaluate(session, job.list, job.start, job.elements);
    case 'evaluatePeer':
      return vault.evaluatePeer(session, job.start, job.elements, job.returnTags);
    case 'absorbReturned':
      await vault.absorbReturned(session, job.start, job.tags);
      return undefined;
    case 'finishChain':
      await vault.finishChain(session, job.start, job.elements);
      return undefined;
    case 'sortTags':
      await vault.sortedTags(session);
      return undefined;
    case 'readSortedTags':
      return vault.readSortedTags(session, job.start, job.count);
    case 'match': {
      const outcome = await vault.matchDirect(session);
      context.onMatches(outcome);
      return { identifiers: outcome.identifiers, records: outcome.records };
    }
  }
}

function freezeTerms({ agreement, sizes, self }: JobContext, job: Extract<Job, { op: 'begin' }>) {
  const { form, output, parties } = agreement();
  const { tagContext, tagBytes } = job;
  if (form === 'sealed') return { tagContext, tagBytes, peerCount: 0, receives: false };
  const peer = parties.findIndex((party) => party.id !== self);
  const receives = output.kind === 'matches' && output.to.includes(self);
  return { tagContext, tagBytes, peerCount: sizes()[peer] ?? 0, receives };
}
