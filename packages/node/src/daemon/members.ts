/**
 * The life of agreements at this node.
 *
 * Purpose: members, over the node's store, mail and log; what a suspension or a withdrawal ends here, at once.
 * Assumes: whoever starts a session asks for the facts anew (../guard). Does not know: what members say to each other.
 */
import type { AgreementShelf } from '@tallystick/host/agreements';
import type { Attempts, AuditLog } from '@tallystick/host/audit';
import type { CoordinatorLink } from '@tallystick/host/channel';
import type { Clock } from '@tallystick/host/clock';
import type { SigningIdentity } from '@tallystick/host/identity';
import { type Log, pub } from '@tallystick/host/log';
import type { Mail } from '@tallystick/host/mail';
import { createMembershipShelf, type MembershipFacts, Members } from '@tallystick/host/membership';
import type { Sealer } from '@tallystick/host/seal';
import type { Store } from '@tallystick/host/store';
import { stationsOf } from '@tallystick/protocol/chain';
import { TallyError } from '@tallystick/protocol/errors';
import type { NodeSession } from '../session/index.ts';

export interface NodeMembersOptions {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly identity: SigningIdentity;
  readonly agreements: Pick<AgreementShelf, 'list'>;
  readonly mail: Mail;
  readonly link: Pick<CoordinatorLink, 'onState'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly attempts: Pick<Attempts, 'note'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Those that are live. */
  sessions(): readonly Pick<NodeSession, 'id' | 'terms' | 'cancel'>[];
}

export function keepMembers(options: NodeMembersOptions): Members {
  const { store, sealer, identity, agreements, mail, link, audit, attempts, clock, log } = options;
  const endSessions = (id: string, facts: MembershipFacts): void => {
    const agreement = agreements.list().find((one) => one.id === id)?.signed.agreement;
    const endsForAll = agreement?.suspension.afterWithdrawal === 'ends-for-all';
    for (const session of options.sessions()) {
      const { terms } = session;
      if (terms?.standing?.agreement !== id) continue;
      const left = facts.withdrawn.filter(
        (gone) => endsForAll || stationsOf(terms).some((station) => station.id === gone),
      );
      const why =
        facts.suspendedBy.length > 0
          ? `suspended by ${facts.suspendedBy.join(', ')}`
          : left.length > 0
            ? `${left.join(', ')} has withdrawn`
            : undefined;
      if (why === undefined) continue;
      log.warn('session.suspended', { session: pub(session.id), why: pub(why) });
      session.cancel(new TallyError('agreement.suspended', `agreement: ${why}`));
    }
  };
  const members = new Members({
    identity,
    shelf: createMembershipShelf(store, sealer),
    agreements: () => agreements.list().map(({ signed }) => signed),
    mail,
    audit,
    attempts,
    clock,
    log,
    onChange: endSessions,
  });
  link.onState((state) => {
    if (state === 'online') members.wake();
  });
  members.refresh();
  return members;
}
