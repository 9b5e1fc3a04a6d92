/** Child of `ledger.slow.test.ts`: does the steps of one session, says each when it is durable, waits to be killed. */
import { writeSync } from 'node:fs';
import { openStore } from '../store/index.ts';
import { consentOf, proposalOf, sideOn } from './ledger.testkit.ts';
import { memoryStore } from '../store/memory.ts';

const [, , directory, until] = process.argv;
if (directory === undefined) throw new Error('want a directory');
const north = sideOn(openStore(directory, { ownerVerified: true }), 'north');
const south = sideOn(memoryStore(), 'south');
const proposal = proposalOf(1);
north.ledger.reserve(proposal, north.list ?? null);
south.ledger.reserve(proposal, south.list ?? null);
if (until === 'charged') {
  const consents = new Map([north, south].map((side) => [side.id, consentOf(side, proposal)]));
  north.ledger.charge(proposal, consents);
}
writeSync(1, `${until}\n`);
setInterval(() => undefined, 1_000);
