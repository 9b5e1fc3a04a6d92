/** Before the start: logs that partners show, whatever was agreed. */
import type { MessageOf } from '@tallystick/protocol/wire';
import { expect, test } from 'vitest';
import { SessionPermission } from './permission.ts';

type Consent = MessageOf<'consent'>;
const proposal = { request: null, agreement: { parties: [] as unknown[] } } as MessageOf<'proposal'>;
const log = { head: 'a head', witnessed: null };
const consents = new Map(
  ['north', 'south', 'collector'].map((from): [string, Consent] => [
    from,
    {
      from,
      log: from === 'collector' ? null : log,
      approvals: [],
      identifiers: 1,
      listVersion: null,
    } as unknown as Consent,
  ]),
);

test('a log that does not go on from what was witnessed is a reason not to start', () => {
  const asked: unknown[] = [];
  const host = {
    identity: { id: 'north' },
    shownLogs: {
      against: (...shown: unknown[]) => (asked.push(shown), 'log.rollback'),
    },
  };
  const permission = new SessionPermission({ host } as never);
  permission.heard('south', { greeting: {}, knownLog: 7 } as never);
  expect(permission.start(proposal, consents)).toEqual(['log.rollback']);
  // Ours is not asked about, nor who keeps none; what was known is what was known before the channel.
  expect(asked).toEqual([['south', log, 7]]);
  host.shownLogs.against = () => null as never;
  expect(permission.start(proposal, consents)).toEqual([]);
});
