/**
 * From exact numbers to those that may be published.
 *
 * Purpose: every count as its band, on its own; no total, no share, no sum is made from anything but bands, and nothing that
 * depends on a count below the threshold is said but that it is below.
 * Assumes: a group's numbers bind each other by "not more than" only: what one band leaves open of another is never less
 * than the whole lowest band (the tests think through every world). Does not know: entries, citations.
 */
import { bandOfCount, type Bounds, type Range, shareOf, sumOf, widened } from './bands.ts';
import {
  type AmountName,
  amountNames,
  type EventName,
  eventNames,
  type Outcome,
  outcomes,
  type Tally,
} from './tally.ts';

export interface GroupFigures {
  between: [string, string] | 'several';
  sessions: Record<Outcome, Range>;
  deleted: Range;
  share: Range;
  amounts: Record<AmountName, Range | null>;
  clauses: string[] | null;
}

export interface Figures {
  threshold: number;
  groups: GroupFigures[];
  unasked: { denied: Range; clauses: string[] | null };
  all: Record<Outcome, Range>;
  events: Record<EventName, Range>;
}

export function figuresOf({ groups, unasked, events }: Tally, bounds: Bounds): Figures {
  const [threshold] = bounds;
  const band = (n: number): Range => bandOfCount(n, bounds);
  const bands = groups.map(({ counts }) => mapOf(outcomes, (name) => band(counts[name])));
  const frequentOf = (denied: number, clauses: ReadonlyMap<string, number>): string[] | null =>
    denied < threshold ? null : frequent(clauses, threshold);
  return {
    threshold,
    groups: groups.map(({ between, counts, deleted, amounts, clauses }, i) => {
      const sessions = bands[i] as (typeof bands)[number];
      const others = sumOf(bands.filter((_, j) => j !== i).map(({ answered }) => answered));
      return {
        between: typeof between === 'string' ? between : [...between],
        sessions,
        deleted: band(deleted),
        share: shareOf(sessions.answered, others),
        amounts: mapOf(amountNames, (name) =>
          amounts[name].sessions < threshold ? null : widened(amounts[name].total),
        ),
        clauses: frequentOf(counts.denied, clauses),
      };
    }),
    unasked: { denied: band(unasked.denied), clauses: frequentOf(unasked.denied, unasked.clauses) },
    all: mapOf(outcomes, (name) =>
      sumOf([...bands.map((of) => of[name]), ...(name === 'denied' ? [band(unasked.denied)] : [])]),
    ),
    events: mapOf(eventNames, (name) => band(events[name])),
  };
}

function mapOf<K extends string, V>(names: readonly K[], of: (name: K) => V): Record<K, V> {
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<K, V>;
}

/** No numbers: a clause is here or not, so that those that are not are not told apart. */
const frequent = (clauses: ReadonlyMap<string, number>, threshold: number): string[] =>
  [...clauses.entries()]
    .filter(([, n]) => n >= threshold)
    .map(([clause]) => clause)
    .sort();
