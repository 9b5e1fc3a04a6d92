/**
 * Redress, wired to a node's store, vault, mail and agreements.
 *
 * Purpose: due dates, and whether an answer may disclose, from the agreements that the node holds.
 * Does not know: what is done with an enquiry (../redress).
 */
import type { AgreementShelf } from '@tallystick/host/agreements';
import type { Sealer } from '@tallystick/host/seal';
import type { Store } from '@tallystick/host/store';
import {
  createRedress,
  createRedressShelf,
  forbidsDisclosure,
  type Redress,
  type RedressHost,
} from '../redress/index.ts';
import type { NodeStore } from './store.ts';

/** Where no agreement says anything: within what GDPR art. 12(3) gives for an answer. */
const defaultDue = { acknowledgeDays: 7, decideDays: 30 };

export interface RedressParts
  extends Pick<
    RedressHost,
    'self' | 'clock' | 'random' | 'log' | 'audit' | 'mail' | 'vault' | 'mayDisclose'
  > {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly kept: NodeStore;
  readonly agreements: Pick<AgreementShelf, 'list'>;
}

export function keepRedress({ store, sealer, kept, agreements, ...rest }: RedressParts): Redress {
  return createRedress({
    ...rest,
    shelf: createRedressShelf(store, sealer),
    sessions: () => kept.sessions(),
    session: (id) => kept.session(id),
    result: (session) => kept.result(session),
    chunks: (listId) => kept.chunks(listId),
    due() {
      // Nobody knows under which agreement a person may be held: the shortest holds.
      const agreed = agreements.list().map(({ signed }) => signed.agreement.redress);
      if (agreed.length === 0) return defaultDue;
      return {
        acknowledgeDays: Math.min(...agreed.map((one) => one.acknowledgeDays)),
        decideDays: Math.min(...agreed.map((one) => one.decideDays)),
      };
    },
    forbidsDisclosure: (under) => forbidsDisclosure(agreements.list(), under, rest.clock.nowMs()),
  });
}
