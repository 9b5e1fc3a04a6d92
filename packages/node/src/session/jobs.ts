/**
 * Jobs of the state machine as calls of the vault.
 *
 * Purpose: the one place that knows both.
 * Assumes: the vault takes calls in the order in which they are made here. Does not know: channels.
 */
import type { Agreement } from '@tallystick/protocol/agreement';
import type { Job, JobResult } from '@tallystick/protocol/chain';
import type { FreezeSession, MatchOutcome, Progress, Vault } from '../vault/types.ts';

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
      return vault.evaluatePeer(session, job.start, job.elements, job.give);
    case 'absorbReturned':
      await vault.absorbReturned(session, job.start, job.units);
      return undefined;
    case 'finishChain':
      await vault.finishChain(session, job.start, job.elements);
      return undefined;
    case 'foldOwn':
      return vault.foldOwn(session);
    case 'prove':
      return vault.prove(session, job.list, job.element, job.statement);
    case 'sortTags':
      return vault.sortTags(session);
    case 'absorbMarks':
      await vault.absorbMarks(session, job.start, job.marks);
      return undefined;
    case 'readLabels':
      return vault.readLabels(session, job.start, job.count);
    case 'readSortedTags':
      return vault.readSortedTags(session, job.start, job.count);
    case 'match': {
      const outcome = await vault.match(session);
      context.onMatches(outcome);
      return { identifiers: outcome.identifiers, records: outcome.records };
    }
  }
}

function freezeTerms(
  { agreement, sizes, self: id }: JobContext,
  { tagContext, tagBytes, sentinels }: Extract<Job, { op: 'begin' }>,
): FreezeSession {
  const { verified, output, parties: stations } = agreement();
  const parties = stations.map((party) => party.id);
  const self = parties.indexOf(id);
  const to = output.kind === 'matches' ? output.to : [];
  return {
    tagContext,
    tagBytes,
    parties,
    self,
    totals: sizes().map((size) => size + sentinels),
    sentinels,
    verified,
    receives: to.includes(id),
    peerReceives: to.some((receiver) => receiver !== id),
    which: output.kind === 'matches' && output.which,
  };
}
