/**
 * A checked scenario: who brings which list, what is compared, what comes out and for whom.
 *
 * Purpose: what `run` and `demo` carry out.
 * Assumes: paths are absolute and were there when it was read. Does not know: sessions, processes.
 */
import type { CsvColumns, ListFormat } from '@tallystick/node/lists';
import type { Predicate, StandingAgreement, useTerms } from '@tallystick/protocol/agreement';
import type { PrivacyPolicy } from '@tallystick/protocol/privacy';
import type { RecipeName, Subject } from '@tallystick/protocol/records';

export interface ScenarioParty {
  readonly id: string;
  /** Absolute. */
  readonly list: string;
  readonly format?: ListFormat;
  readonly columns?: CsvColumns;
  /** By what the list is cut where it is counted; absent: it is not. */
  readonly labels?: ScenarioLabels;
}

export interface ScenarioLabels {
  readonly field: string;
  /** Every label that may occur, in order of precedence; absent: those of the list, in order of the alphabet. */
  readonly values?: readonly string[];
  /** Labels with fewer identifiers are merged; absent: the minimum of `privacy`. */
  readonly minSize?: number;
}

export type ScenarioOutput =
  | {
      readonly kind: 'matches';
      readonly to: readonly string[];
      /** Among three parties or more. */
      readonly predicate?: Predicate;
      /** Among three parties or more: receivers learn on which lists. */
      readonly which?: boolean;
    }
  | { readonly kind: 'counts' };

export interface ScenarioPrivacy {
  /** As the file has them. */
  readonly settings: Readonly<Record<string, number | string>>;
  readonly policy: PrivacyPolicy;
}

/** Who collects in a run. */
export interface Collecting {
  readonly byCoordinator: boolean;
  /** The id of a collector that is a process of its own; null: none. */
  readonly own: string | null;
}

/** What is asked under a standing agreement. */
export interface ScenarioStanding {
  /** As the file has it; a run puts its own keys in. */
  readonly agreement: StandingAgreement;
  /** Ids in the agreement. */
  readonly purpose: string;
  readonly output: string;
  readonly uses: readonly (typeof useTerms)[number][];
}

export interface Scenario {
  /** In the order of the file: results keep it. */
  readonly parties: readonly ScenarioParty[];
  readonly subject: Subject;
  /** As the file has it: a name, or names. */
  readonly recipe: RecipeName | readonly RecipeName[];
  /** Each once, in the recipes' own order. */
  readonly recipes: readonly RecipeName[];
  readonly output: ScenarioOutput;
  /** What is withheld of counts and what noise they get; absent: exact numbers. */
  readonly privacy?: ScenarioPrivacy;
  /** Lists are filled with random elements up to a multiple of this; absent: they are not. */
  readonly padTo?: number;
  /** Absent: the coordinator collects. */
  readonly collecting?: Collecting;
  /** What a period may cost each list, as the file has it; absent: no agreed caps. */
  readonly caps?: Readonly<Record<string, number | string>>;
  /** False: the light form, in which others are believed. */
  readonly verified: boolean;
  /** Absent: no standing agreement is asked. */
  readonly standing?: ScenarioStanding;
  readonly purpose: string;
}
