/**
 * Oversight at this node.
 *
 * Purpose: the node's desk over its store, mail and log, with the keys that members use now; a veto ends the live
 * sessions of its request, at once.
 * Assumes: whoever starts a session asks for vetoes anew (../guard). Does not know: what bodies say.
 */
import type { CoordinatorLink } from '@tallystick/host/channel';
import type { Members } from '@tallystick/host/membership';
import { createOversightDesk, type OversightDesk, type OversightDeskOptions } from '../oversight/index.ts';
import type { NodeSession } from '../session/index.ts';

type Options = Omit<OversightDeskOptions, 'keys' | 'cancel'>;

export function keepOversight({
  members,
  link,
  sessions,
  ...options
}: Options & {
  readonly members: Pick<Members, 'facts'>;
  readonly link: Pick<CoordinatorLink, 'onState'>;
  /** Those that are live. */
  readonly sessions: () => readonly Pick<NodeSession, 'terms' | 'cancel'>[];
}): OversightDesk {
  const desk = createOversightDesk({
    ...options,
    keys: (agreement) => members.facts(agreement)?.keys ?? [],
    cancel(request, error) {
      for (const session of sessions())
        if (session.terms?.standing?.request === request) session.cancel(error);
    },
  });
  link.onState((state) => {
    if (state === 'online') desk.wake();
  });
  return desk;
}
