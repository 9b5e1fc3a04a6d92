/**
 * Who watches a session.
 *
 * Purpose: events to everybody who asked for them. Assumes: nothing. Does not know: what happens in the session.
 */
import type { StreamProgress } from '@tallystick/protocol/chain';
import type { MessageOf } from '@tallystick/protocol/wire';
import type { SessionEvent } from '../control/api.ts';
import type { Progress } from '../vault/types.ts';
import type { SessionFacts } from './detail.ts';

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

  /** @param self whose list is blinded */
  tellBlinded(proposal: MessageOf<'proposal'> | undefined, self: string, { done, total }: Progress): void {
    const list = proposal?.agreement.parties.findIndex((party) => party.id === self) ?? -1;
    this.tell({ type: 'progress', phase: 'blind', direction: 'local', list, hop: 0, done, total });
  }

  /** The last two events; nobody watches afterwards. */
  tellEnd({ state, failure }: Pick<SessionFacts, 'state' | 'failure'>): void {
    this.tell({ type: 'state', state });
    this.tell(
      failure
        ? { type: 'aborted', code: failure.error.code, message: failure.error.message, by: failure.by }
        : { type: 'finished' },
    );
    this.watchers.clear();
  }
}
