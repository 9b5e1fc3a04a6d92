/**
 * The guard: every clause that fails is named, and nothing but a pinned key is believed.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { fakeClock } from '@tallystick/host/clock';
import { createIdentity, type SigningIdentity } from '@tallystick/host/identity';
import { systemRandom } from '@tallystick/host/random';
import { createProposal, stationOf } from '../session/proposal.ts';
import { decide, type GuardFacts } from './guard.ts';

const clock = fakeClock();
let alpha: SigningIdentity;
let beta: SigningIdentity;
let collector: SigningIdentity;

beforeAll(async () => {
  [alpha, beta, collector] = (await Promise.all(
    ['alpha', 'beta', 'collector'].map((id) => createIdentity(id, clock, systemRandom)),
  )) as [SigningIdentity, SigningIdentity, SigningIdentity];
});

function proposal() {
  const terms = {
    with: ['beta'],
    collectors: ['collector'],
    subject: 'person' as const,
    recipes: ['document' as const, 'name' as const],
    output: { kind: 'counts' as const },
    purpose: 'a test',
    expiresInMs: 60_000,
  };
  const others = [beta, collector].map(stationOf);
  return createProposal('0'.repeat(32), terms, alpha, others, clock.nowMs(), systemRandom).proposal;
}

const factsOfBeta = (): GuardFacts => ({
  self: beta,
  peers: new Map([
    ['alpha', alpha.fingerprint],
    ['collector', collector.fingerprint],
  ]),
  rules: {},
  nowMs: clock.nowMs(),
  ledger: [],
});

const failures = (change: Partial<GuardFacts>, edit?: (p: ReturnType<typeof proposal>) => void): string[] => {
  const given = proposal();
  edit?.(given);
  const decision = decide(given, { ...factsOfBeta(), ...change });
  return decision.kind === 'permit' ? [] : decision.failed.map(({ path, reason }) => `${path} ${reason}`);
};

test('what the ledger has against a proposal is a clause like others', () => {
  expect(failures({ ledger: ['cap.sessions', 'cap.epsilon'] })).toEqual([
    'ledger cap.sessions',
    'ledger cap.epsilon',
  ]);
});

describe('stations', () => {
  test('pinned by id, fingerprint and key: permitted', () => {
    expect(failures({})).toEqual([]);
  });

  test('everybody who is not pinned is named', () => {
    expect(failures({ peers: new Map() })).toEqual([
      'agreement.parties.0.id peer.unknown',
      'agreement.collectors.0.id peer.unknown',
    ]);
  });

  test('a pin of another key', () => {
    const peers = new Map([...factsOfBeta().peers, ['alpha', collector.fingerprint] as const]);
    expect(failures({ peers })).toEqual([
      'agreement.parties.0.fingerprint peer.fingerprint',
      'agreement.parties.0.publicKey peer.key',
    ]);
  });

  test('the pinned fingerprint over a key that is not behind it', () => {
    const edit = (p: ReturnType<typeof proposal>): void => {
      const station = p.agreement.parties[0];
      if (station) station.publicKey = stationOf(collector).publicKey;
    };
    expect(failures({}, edit)).toEqual(['agreement.parties.0.publicKey peer.key']);
  });

  test('another key under our own name', () => {
    expect(failures({ self: { ...alpha, id: 'beta' } })).toEqual([
      'agreement.parties.1.fingerprint self.fingerprint',
      'agreement.parties.1.publicKey self.key',
    ]);
  });
});

describe('local rules can only forbid', () => {
  test.each([
    [{ purposes: ['a test'] }, []],
    [{ purposes: [] }, ['agreement.purpose rule.purpose']],
    [{ recipes: ['document'] as const }, ['agreement.recipes.1 rule.recipe']],
    [{ subjects: ['organisation'] as const }, ['agreement.subject rule.subject']],
    [{ outputs: ['matches'] as const }, ['agreement.output.kind rule.output']],
    [{ maxParties: 1 }, ['agreement.parties rule.parties']],
    [{ maxExpiryMs: 59_999 }, ['expiresAtMs rule.expiry']],
    [
      { purposes: [], outputs: [], maxExpiryMs: 0 },
      ['agreement.purpose rule.purpose', 'agreement.output.kind rule.output', 'expiresAtMs rule.expiry'],
    ],
  ])('%j', (rules, want) => {
    expect(failures({ rules })).toEqual(want);
  });

  test('reasons fit into a refusal', () => {
    const rules = { purposes: [], recipes: [], subjects: [], outputs: [], maxParties: 0, maxExpiryMs: 0 };
    for (const failure of failures({ rules, peers: new Map() })) {
      expect(failure.split(' ')[1]).toMatch(/^[a-z][a-z0-9.-]{0,63}$/);
    }
  });
});
