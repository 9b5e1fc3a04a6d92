/** Who has to have confirmed a node's log before it starts anything under an agreement. */
import type { HeldAgreement } from '@tallystick/host/agreements';
import { openAuditLog } from '@tallystick/host/audit';
import type { SigningIdentity } from '@tallystick/host/identity';
import { silentLog } from '@tallystick/host/log';
import { systemRandom } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import { memoryStore } from '@tallystick/host/store';
import { expect, test } from 'vitest';
import { clock, House } from '../../packages/host/src/audit/house.testkit.ts';
import { keepWitnesses } from '../../packages/node/src/daemon/witnessing.ts';

const key = 'ab'.repeat(32);
const named = (id: string) => ({ id, publicKey: key });
const agreement = {
  parties: ['alpha', 'beta', 'gamma', 'delta'].map(named),
  collectors: null,
  oversight: [named('watch')],
};
const held = { id: 'a1', signed: { agreement } } as unknown as HeldAgreement;

/** @param away from the start on */
async function world(away: readonly string[], withdrawn: readonly string[] = []) {
  const house = new House();
  for (const id of away) house.away.add(id);
  // delta is a member whom nobody here pins.
  const ids = ['alpha', 'beta', 'gamma', 'watch'];
  for (const id of ids) await house.add(id);
  for (const id of ids.slice(1)) house.start(id);
  const identity = house.identities.get('alpha') as SigningIdentity;
  const store = memoryStore();
  const sealer = createSealer(systemRandom(32), systemRandom);
  const log = silentLog;
  const node = keepWitnesses({
    audit: openAuditLog({ store, sealer, clock, random: systemRandom, identity }),
    store,
    sealer,
    identity,
    clock,
    log,
    peers: () => new Map([...house.identities.values()].map(({ id, fingerprint }) => [id, fingerprint])),
    agreements: { list: () => [held], get: (id) => (id === 'a1' ? held : undefined) },
    withdrawn: () => withdrawn,
    mail: { ask: (to, kind, body) => house.ask('alpha', to, kind, body), serve: () => undefined },
  });
  return { house, node, confirmed: () => node.statusFor(['beta'], 'a1').confirmed };
}

test('every member that it knows by key, the partner and the body among them', async () => {
  const { house, node, confirmed } = await world(['gamma', 'watch']);
  await node.refresh(['beta'], 'a1');
  expect(confirmed()).toBe(false);
  house.away.delete('gamma');
  await node.refresh([], 'a1');
  expect(confirmed()).toBe(false);
  house.away.clear();
  await node.refresh([], 'a1');
  expect(confirmed()).toBe(true);
  node.stop();
});

test('not who has withdrawn', async () => {
  const { node, confirmed } = await world(['gamma'], ['gamma']);
  await node.refresh(['beta'], 'a1');
  expect(confirmed()).toBe(true);
  node.stop();
});
