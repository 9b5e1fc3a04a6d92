/**
 * Who watches a session.
 *
 * Purpose: events to everybody who asked for them. Assumes: nothing. Does not know: what happens in the session.
 */
import type { StreamProgress } from '@tallystick/protocol/chain';
import type { SessionEvent } from '../control/api.ts';
import type { Progress } from '../vault/types.ts';

export class Watchers {
  private readonly watchers = new Set<(event: SessionEvent) => void>();

  /** Returns the way out. */
  add(watcher: (event: SessionEvent) => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  tell(event: SessionEvent): void {
    for (const watcher of this.watchers) watcher(event);
  }

  tellStream({ kind: phase, ...rest }: StreamProgress): void {
    this.tell({ type: 'progress', phase, ...rest });
  }

  tellBlinded(list: number, { done, total }: Progress): void {
    this.tell({ type: 'progress', phase: 'blind', direction: 'local', list, hop: 0, done, total });
  }

  clear(): void {
    this.watchers.clear();
  }
}
