/**
 * The checks of evidence: what each proves, and what it does not.
 *
 * Purpose: the words beside every check, so that nobody reads more into one than it carries; and the report.
 * Does not know: how a check is made.
 */
import type { Evidence } from './format.ts';

export const checkNames = [
  'file',
  'agreement',
  'signatures',
  'consents',
  'channels',
  'freeze',
  'streams',
  'proofs',
  'transcript',
  'result',
  'complete',
] as const;

export type CheckName = (typeof checkNames)[number];

interface CheckText {
  readonly proves: string;
  readonly leaves: string;
}

export const checkTexts: Readonly<Record<CheckName, CheckText>> = {
  file: {
    proves: 'the file is as its holder signed it',
    leaves: 'that the holder kept all that was said to it: see complete',
  },
  agreement: {
    proves: 'one proposal and the agreement in it, with the keys of all stations and their fingerprints',
    leaves: 'whose keys these are: compare the fingerprints by another way, or give pins',
  },
  signatures: {
    proves: 'every message is of this session and was signed by the station it names',
    leaves: 'when it was signed',
  },
  consents: {
    proves: 'every station consented to this very proposal, and every party knew the scalar behind its K',
    leaves: 'that lists are true, or of the people whom the parties may ask about',
  },
  channels: {
    proves: 'both ends of every channel signed one TLS exporter and opposite roles, and no K stands twice',
    leaves: 'what a party does with what it received',
  },
  freeze: {
    proves: 'all stations bound the same consents before anything derived from a list left',
    leaves: 'in which order packets really left a machine',
  },
  streams: {
    proves: 'both ends of every stream signed one commitment to it, and there was no other stream',
    leaves: 'what was in the streams: they are erased at the end of a session',
  },
  proofs: {
    proves: 'each hop shown here multiplied the folded element by the scalar behind its K, one after another',
    leaves:
      'that the folds were those of the streams: the owner alone saw the weights, and says so in its barrier; a list of others is proved to its owner, and stands in the evidence of that one',
  },
  transcript: {
    proves: 'all parties ended with one transcript, made of all consents and all barriers',
    leaves: 'nothing more',
  },
  result: {
    proves:
      'all parties signed one commitment to the result, which fits the announced sizes and the agreement',
    leaves: 'that a collector counted right; matches are known to their receiver alone',
  },
  complete: {
    proves: 'every message that this holder sent or took in such a session is here, once, and no other',
    leaves: 'messages without a signature: credit, heartbeats, aborts',
  },
};

export interface Problem {
  /** Index among the file's messages; null: of the file. */
  readonly message: number | null;
  /** Such as `consent of beta`; null: of the file. */
  readonly of: string | null;
  /** The field and what is wrong with it; never contents. */
  readonly text: string;
}

export interface CheckReport {
  readonly check: CheckName;
  readonly result: 'passed' | 'failed' | 'not-checked';
  /** How many things were looked at. */
  readonly count: number;
  /** Why nothing was checked. */
  readonly why: string | null;
  readonly problems: readonly Problem[];
  readonly proves: string;
  readonly leaves: string;
}

export interface EvidenceReport {
  readonly session: string;
  readonly holder: string;
  readonly ended: Evidence['ended'];
  readonly form: 'direct' | 'sealed' | null;
  readonly salts: boolean;
  /** `unverified`: nothing failed, but the session was light, gave an earlier answer, or did not finish. */
  readonly verdict: 'verified' | 'unverified' | 'failed';
  readonly agreementId: string | null;
  readonly proposalHash: string | null;
  readonly consentsHash: string | null;
  readonly transcript: string | null;
  /** `pinned`: whether a pin was given that says the same; null: no pin was given. */
  readonly stations: readonly {
    readonly id: string;
    readonly fingerprint: string;
    readonly pinned: boolean | null;
  }[];
  readonly checks: readonly CheckReport[];
}
