/**
 * Emergencies at this node.
 *
 * Purpose: the station's emergencies over the node's store, mail and log, with the keys that members use now.
 * Assumes: whoever starts a session asks for the facts anew (../guard). Does not know: what stations say to each other.
 */
import type { CoordinatorLink } from '@tallystick/host/channel';
import { Emergencies } from '@tallystick/host/emergencies';
import type { Members } from '@tallystick/host/membership';

type Options = Omit<ConstructorParameters<typeof Emergencies>[0], 'keys'>;

export function keepEmergencies({
  members,
  link,
  ...options
}: Options & {
  readonly members: Pick<Members, 'facts'>;
  readonly link: Pick<CoordinatorLink, 'onState'>;
}): Emergencies {
  const keys = (agreement: string) => members.facts(agreement)?.keys ?? [];
  const emergencies = new Emergencies({ ...options, keys });
  link.onState((state) => {
    if (state === 'online') emergencies.wake();
  });
  return emergencies;
}
