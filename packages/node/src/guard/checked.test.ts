/** Every path that a decision can fail is one that it says it looked at. */
import { beforeAll, expect, test } from 'vitest';
import { fakeClock } from '@tallystick/host/clock';
import { createIdentity, type SigningIdentity } from '@tallystick/host/identity';
import { systemRandom } from '@tallystick/host/random';
import { createProposal, stationOf } from '../session/proposal.ts';
import { checkedPaths, decide, type LocalRules } from './index.ts';

const clock = fakeClock();
let all: SigningIdentity[];
beforeAll(async () => {
  all = await Promise.all(
    ['alpha', 'beta', 'collector'].map((id) => createIdentity(id, clock, systemRandom)),
  );
});

test('what fails was looked at; what holds is not left out', () => {
  const [alpha, ...others] = all as [SigningIdentity, ...SigningIdentity[]];
  const terms = {
    with: ['beta'],
    collectors: ['collector'],
    subject: 'person' as const,
    recipes: ['document' as const, 'name' as const],
    output: { kind: 'counts' as const },
    purpose: 'a test',
  };
  const { proposal } = createProposal(
    '0'.repeat(32),
    terms,
    alpha,
    others.map(stationOf),
    clock.nowMs(),
    systemRandom,
  );
  const rules: LocalRules = {
    purposes: [],
    recipes: [],
    subjects: [],
    outputs: [],
    maxParties: 0,
    maxExpiryMs: 0,
  };
  const facts = { self: alpha, nowMs: clock.nowMs(), ledger: ['cap.sessions'] as const };
  const denial = decide(proposal, { ...facts, rules, peers: new Map() });
  const checked = checkedPaths(proposal, rules);
  const failed = denial.kind === 'denial' ? denial.failed : [];
  for (const { path } of failed) {
    expect(checked.some((one) => path === one || path.startsWith(`${one}.`))).toBe(true);
  }
  // Everything that was looked at failed here, but for ourselves.
  const held = checked.filter(
    (one) => !failed.some(({ path }) => path === one || path.startsWith(`${one}.`)),
  );
  expect(held).toEqual(['agreement.parties.0']);
  expect(checkedPaths(proposal, {})).toEqual([
    'agreement.parties.0',
    'agreement.parties.1',
    'agreement.collectors.0',
    'ledger',
  ]);
});
