/** The people of a run's agreement: their keys stand in it, nothing else is changed, and their approvals count. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@tallystick/host/clock';
import { createIdentity } from '@tallystick/host/identity';
import { systemRandom } from '@tallystick/host/random';
import {
  checkStanding,
  readStrictJson,
  signersOf,
  signStanding,
  type StandingAgreement,
  standingId,
  stripComments,
  verifySigned,
} from '@tallystick/protocol/agreement';
import { judgeApprovals } from '@tallystick/protocol/policy';
import { expect, test } from 'vitest';
import { diffAgreements } from '../../packages/cli/src/agreement/diff.ts';
import { makeOfficers } from '../../packages/cli/src/local/officers.ts';
import { sealWorld, worldOf } from '../../packages/protocol/src/policy/world.testkit.ts';
import { root } from '../cli/helpers.ts';

async function template(name: string): Promise<StandingAgreement> {
  const text = await readFile(join(root, 'examples/agreements', name), 'utf8');
  const { value } = checkStanding(readStrictJson(stripComments(text)).value);
  if (value === undefined) throw new Error(name);
  return value;
}

test.each(['bilateral-pilot.jsonc', 'five-country-counts.jsonc', 'emergency-clause.jsonc'])(
  '%s: signed by its own keys it stands, and only keys differ from the draft',
  async (name) => {
    const draft = await template(name);
    const officers = makeOfficers(draft);
    const ids = [...draft.parties, ...(draft.collectors ?? []), ...draft.oversight].map(({ id }) => id);
    const identities = new Map(
      await Promise.all(
        ids.map(async (id) => [id, await createIdentity(id, systemClock, systemRandom)] as const),
      ),
    );
    const stations = new Map(
      [...identities].map(([id, { fingerprint, publicKey }]) => [
        id,
        { fingerprint, publicKey: Buffer.from(publicKey).toString('hex') },
      ]),
    );
    const agreement = officers.fillIn(draft, stations);
    const signatures = signersOf(agreement).map(({ id, publicKey }) =>
      signStanding(agreement, id, publicKey, (message) => identities.get(id)?.sign(message) ?? message),
    );
    expect(verifySigned({ agreement, signatures }).problems).toEqual([]);
    const changed = diffAgreements(draft, agreement).map(({ path }) => path.split('.').at(-1));
    expect([...new Set(changed)].sort()).toEqual(['fingerprint', 'publicKey']);

    // What the draft calls a list can be compared as often as the draft permits.
    const { caps, lists } = agreement;
    const share = Math.floor(caps.pairRecordsPerDay / caps.pairSessionsPerDay);
    for (const { maxIdentifiers } of lists) expect(share).toBeGreaterThanOrEqual(maxIdentifiers);

    const [party] = agreement.parties;
    const proposer = party?.id ?? '';
    const requester = officers.analystOf(proposer);
    expect(party?.officers.find(({ id }) => id === requester)?.role).toBe('analyst');
    for (const tier of ['routine', 'imminent'] as const) {
      const { request } = sealWorld(worldOf('pair'));
      const asked = officers.ask({
        ...request,
        agreement: standingId(agreement),
        proposer,
        requester,
        tier,
      });
      const approvals = agreement.parties.flatMap(({ id }) => officers.approve(asked, id));
      const needed = agreement.tiers[tier]?.approvals ?? 0;
      expect(approvals.length).toBe(needed * agreement.parties.length);
      expect(judgeApprovals(agreement, { ...asked, approvals }, request.createdAtMs)).toEqual([]);
    }
  },
);
