/**
 * What has happened in the drill, counted as it happens.
 *
 * Purpose: the report is made from logs alone; at the end its numbers are held against these.
 * Does not know: logs.
 */
import type { EventName, Outcome } from '@tallystick/protocol/report';

export interface Happened {
  /** Sessions by who took part (`coast and police`, `several`) and how they ended. */
  readonly sessions: Map<string, Partial<Record<Outcome, number>>>;
  /** Denied before anybody was asked. */
  unasked: number;
  readonly events: Partial<Record<EventName, number>>;
}

export const nothingHappened = (): Happened => ({ sessions: new Map(), unasked: 0, events: {} });

export const groupOf = (ids: readonly string[]): string =>
  ids.length === 2 ? ids.toSorted().join(' and ') : 'several';

export function note({ sessions }: Happened, ids: readonly string[], outcome: Outcome): void {
  const group = groupOf(ids);
  const known = sessions.get(group) ?? {};
  sessions.set(group, { ...known, [outcome]: (known[outcome] ?? 0) + 1 });
}

export function noteEvent({ events }: Happened, name: EventName): void {
  events[name] = (events[name] ?? 0) + 1;
}
