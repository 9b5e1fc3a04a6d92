/**
 * Who learned what: the table of docs/protocol.md, filled in with this session's own figures.
 *
 * Purpose: it is printed with every result, so that nobody has to believe a brochure.
 * Assumes: what is learned does not depend on whether it was proved. Does not know: records.
 */
import type { Predicate } from '@tallystick/protocol/agreement';
import { announcedLines } from './labels.ts';
import type { LabelsResult } from './result.ts';
import { bytesText, count } from './text.ts';

export interface LearnedFacts {
  readonly form: 'direct' | 'sealed';
  readonly parties: readonly { readonly id: string; readonly identifiers: number }[];
  /** Combinations whose number is withheld; absent: none. */
  readonly withheld?: number;
  readonly noised?: boolean;
  /** Absent: no list is cut by labels. */
  readonly labels?: LabelsResult;
  readonly collectors: readonly string[];
  readonly output:
    | {
        readonly kind: 'matches';
        readonly to: readonly string[];
        /** Null or absent in the direct form. */
        readonly predicate?: Predicate | null;
        readonly which?: boolean;
      }
    | { readonly kind: 'counts' };
  /** Own matching identifiers by receiver; null or absent where only the receiver knows. */
  readonly matches: Readonly<
    Record<string, { readonly identifiers: number; readonly records: number } | null>
  >;
  readonly relay: { readonly id: string; readonly bytes: number | null };
}

/** Rows of [who, what they learned]. */
export function whoLearned(facts: LearnedFacts): (readonly [string, string])[] {
  const sizes = facts.parties
    .map((party) => `${party.id} ${count(party.identifiers, 'identifier')}`)
    .join(', ');
  const rows: [string, string][] = [
    ['every party', `who takes part, the agreement, the purpose, the announced list sizes (${sizes})`],
  ];
  if (facts.output.kind === 'matches') {
    const { to } = facts.output;
    if (facts.form === 'sealed') {
      rows.push(aHop);
      for (const { id } of facts.parties) rows.push([id, sealedText(facts, id)]);
    }
    for (const { id } of facts.form === 'direct' ? facts.parties : []) {
      const other = facts.parties.find((party) => party.id !== id)?.id ?? '';
      rows.push([
        id,
        to.includes(id) ? receivedText(facts.matches[id], other) : `nothing of ${other}'s list`,
      ]);
    }
  } else {
    rows.push(aHop, ['every party', releasedText(facts)]);
    if (facts.labels !== undefined) rows.push(['every party', labelsText(facts.labels)]);
  }
  for (const collector of facts.collectors) {
    rows.push([
      `${collector}, as collector`,
      `the exact counts${facts.labels === undefined ? '' : ' of every combination of lists and labels'}, from tags that mean nothing to it without a party; noise or a minimum hides none from it`,
    ]);
  }
  const traffic = facts.relay.bytes === null ? '' : ` (${bytesText(facts.relay.bytes)})`;
  rows.push([
    `${facts.relay.id}, as relay`,
    `who talked to whom, when, how many bytes${traffic}; their contents are sealed`,
  ]);
  return rows;
}

/** Hops are told no labels: they are not in the streams. */
function labelsText({ lists, cells }: LabelsResult): string {
  const told = cells.filter((cell) => cell.exactly !== null).length;
  const numbers = told === cells.length ? `${told} numbers` : `${told} of ${cells.length} numbers`;
  return `how many identifiers are under each label (${announcedLines({ lists }).join('; ')}), and ${numbers} by label`;
}

function releasedText({ parties, withheld = 0, noised = false }: LearnedFacts): string {
  const combinations = 2 ** parties.length - 1;
  const numbers =
    withheld === 0 ? `${combinations} numbers` : `${combinations - withheld} of ${combinations} numbers`;
  return `${numbers}: how many identifiers are on each combination of lists${noised ? ', with noise' : ''}`;
}

const aHop: [string, string] = ['a hop', "nothing more: others' elements are random numbers to it"];

/** Where an identifier of a receiver's must be to match. */
export function predicateText(predicate: Predicate | null | undefined, parties: number): string {
  if (predicate?.kind === 'any') return 'on any other list';
  if (predicate?.kind !== 'atLeast') return `on all ${parties} lists`;
  return `on at least ${predicate.lists} of the ${parties} lists`;
}

function sealedText({ output, parties, matches }: LearnedFacts, id: string): string {
  if (output.kind === 'counts' || !output.to.includes(id)) return "nothing of the others' lists";
  const own = matches[id];
  const where = predicateText(output.predicate, parties.length);
  const which = output.which === true ? ', and on which' : '';
  const many =
    own === null || own === undefined
      ? 'how many, only it and the collector know'
      : `${own.identifiers}, on ${count(own.records, 'record')} of its own`;
  return `the bits it was returned: which of its own identifiers are ${where}${which}: ${many}`;
}

function receivedText(own: LearnedFacts['matches'][string] | undefined, other: string): string {
  if (own === null || own === undefined)
    return `which of its own identifiers ${other} holds; how many, only it knows`;
  return `which of its own identifiers ${other} holds: ${own.identifiers}, on ${count(own.records, 'record')} of its own`;
}
