/**
 * From a node's session events to the tracks of a progress board.
 *
 * Purpose: names each stream once, although both its ends report it: what arrives counts, what is sent counts
 * only where it leaves for the collector.
 * Assumes: `list` is an index into the session's parties, in the session's order.
 * Does not know: how it is shown.
 */
import type { SessionEvent } from '@tallystick/node/control';
import type { ProgressBoard } from './board.ts';

/** Above this many parties, the hops of a list share one track, or no terminal has the lines. */
const hopsShownUpTo = 3;

export interface SessionTracks {
  /** @param at the party that reported it. */
  take(at: string, event: SessionEvent): void;
}

/** @param collectors in the agreement's order; a stream of tags or marks is of the one at its hop */
export function sessionTracks(
  board: ProgressBoard,
  parties: readonly string[],
  collectors: readonly string[],
): SessionTracks {
  const perList = new Map<number, Map<string, readonly [number, number]>>();
  const total = parties.length;
  const show = (list: number, key: string, name: string, done: number, size: number): void => {
    if (total <= hopsShownUpTo) return board.update(name, done, size);
    const hops = perList.get(list) ?? new Map<string, readonly [number, number]>();
    perList.set(list, hops.set(key, [done, size]));
    // Blinding, every hop and the tags to each collector: each n positions.
    const sum = [...hops.values()].reduce((at, [one]) => at + one, 0);
    board.update(`list of ${parties[list] ?? list}`, sum, size * (total + 1 + collectors.length));
  };
  return {
    take(at, event) {
      if (event.type !== 'progress') return;
      const { phase, direction, list, hop, done, total: size } = event;
      // Labels go beside the tags, in step with them.
      if (phase === 'labels') return;
      const owner = parties[list] ?? String(list);
      if (phase === 'blind') return show(list, 'blind', `${owner}: blinding its list`, done, size);
      if (phase === 'tags') {
        if (direction === 'out')
          show(list, `tags${hop}`, `${owner}: tags to ${collectors[hop] ?? 'the collector'}`, done, size);
        return;
      }
      if (direction !== 'in') return;
      if (phase === 'marks') {
        if (total <= hopsShownUpTo)
          show(list, 'marks', `${owner}: matches from ${collectors[hop] ?? 'the collector'}`, done, size);
        return;
      }
      const from = parties[(list + (phase === 'returned' ? 1 : hop)) % total] ?? '';
      show(list, `${phase}${hop}`, `list of ${owner}: ${from} → ${at}`, done, size);
    },
  };
}
