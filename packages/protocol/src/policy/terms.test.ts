/**
 * Terms of a session against the request and the agreement: every field, each difference named.
 */
import { describe, expect, test } from 'vitest';
import { agreementIdText, agreementSchema, parseAgreement, type Agreement } from '../agreement/ephemeral.ts';
import { encodeHex, parseHex } from '../bytes/index.ts';
import { fingerprintOfKey } from '../signature/index.ts';
import { checkStatedTerms, checkTerms, type StatedProposal, termsOf, type TermsFacts } from './terms.ts';
import { keyOf } from './world-agreement.testkit.ts';
import { type BaseName, sealWorld, type World, worldOf } from './world.testkit.ts';

function factsOf(base: BaseName, edit: (world: World) => void = () => undefined): TermsFacts {
  const world = worldOf(base);
  // A list owner that collects stands in the agreement, but no session of this version can have one.
  if (base === 'threat') world.request.collectors = ['hub-2', 'hub'];
  edit(world);
  const { agreement, request, state } = sealWorld(world);
  return { agreement: agreement.agreement, request, keys: state.membership.keys };
}

function proposalOf(facts: TermsFacts, change: Partial<Agreement> = {}): StatedProposal {
  const { proposer, caseCommitment, createdAtMs, expiresAtMs } = facts.request;
  const agreement = { ...termsOf(facts, 16), ...change };
  return { agreement, proposer, caseCommitment, proposedAtMs: createdAtMs, expiresAtMs };
}

const words = (facts: TermsFacts, proposal: StatedProposal): string[] =>
  checkTerms(facts, proposal).map(({ code, clause, at }) => `${code} ${clause} ${at}`);

describe.each(['pair', 'numbers', 'threat'] as const)('%s', (base) => {
  const facts = factsOf(base);

  test('the terms that a request means are terms, and differ in nothing', () => {
    const terms = termsOf(facts, 16);
    expect(parseAgreement(terms)).toEqual(terms);
    expect(words(facts, proposalOf(facts))).toEqual([]);
  });

  test('who takes part is ordered by id, whatever the request says', () => {
    const lists = facts.request.lists.toReversed();
    const collectors = facts.request.collectors.toReversed();
    const turned = { ...facts, request: { ...facts.request, lists, collectors } };
    const { parties } = termsOf(turned, 16);
    expect(parties).toEqual(termsOf(facts, 16).parties);
    expect(words(turned, proposalOf(turned))).toEqual([]);
  });

  test('every leaf of the terms, changed or left out, is a failed clause that names it', () => {
    const leaves = leavesOf(termsOf(facts, 16)).filter(([name]) => name !== 'chunkElements');
    expect(leaves.length).toBeGreaterThan(25);
    for (const path of leaves) {
      for (const value of [undefined, 'other', 7]) {
        const terms = setAt(termsOf(facts, 16), path, value) as Agreement;
        const failed = checkTerms(facts, { ...proposalOf(facts), agreement: terms });
        expect(
          failed.map(({ code, at }) => [code, at]),
          path.join('.'),
        ).toEqual([['terms.differ', `terms.${path.join('.')}`]]);
        expect(failed[0]?.clause).toMatch(/^[a-z]/);
      }
    }
  });

  test('a field, a party or a receiver more is a failed clause', () => {
    const terms = termsOf(facts, 16);
    const [first] = terms.parties;
    const more = { ...terms, more: 1 } as Agreement;
    expect(words(facts, { ...proposalOf(facts), agreement: more })).toHaveLength(1);
    const parties = [...terms.parties, { ...(first as Agreement['parties'][number]), id: 'zeta' }];
    expect(words(facts, proposalOf(facts, { parties }))).toEqual([
      `terms.differ parties terms.parties.${terms.parties.length}`,
    ]);
    const station = { id: 'zeta', publicKey: keyOf('zeta'), fingerprint: 'sha256:zeta' };
    expect(words(facts, proposalOf(facts, { collectors: [...terms.collectors, station] }))).toEqual([
      `terms.differ collectors terms.collectors.${terms.collectors.length}`,
    ]);
  });

  test('the terms of a run without an agreement are not those of the request', () => {
    expect(words(facts, proposalOf(facts, { standing: null }))).toEqual([
      'terms.differ request terms.standing',
    ]);
  });
});

describe('who does not hold the agreement', () => {
  test.each(['pair', 'numbers', 'threat'] as const)(
    '%s: finds the same, but for keys, budgets and which agreement it is',
    (base) => {
      const facts = factsOf(base);
      expect(checkStatedTerms(facts.request, proposalOf(facts))).toEqual([]);
      const blind = /^(?:version|standing|caps|chunkElements)\b|\.(?:publicKey|fingerprint)$/;
      for (const path of leavesOf(termsOf(facts, 16))) {
        const terms = setAt(termsOf(facts, 16), path, 'other') as Agreement;
        const proposal = { ...proposalOf(facts), agreement: terms };
        const failed = checkStatedTerms(facts.request, proposal);
        const at = path.join('.');
        expect(failed.length, at).toBe(blind.test(at) ? 0 : 1);
        // A station is an id here.
        for (const one of failed) expect(`terms.${at}`).toContain(one.at);
      }
    },
  );

  test('what the proposal repeats, and what is given out, are looked at too', () => {
    const facts = factsOf('numbers', (world) => void (world.request.output.statistics = ['pairs']));
    const proposal = { ...proposalOf(facts), proposer: 'borea' };
    expect(checkStatedTerms(facts.request, proposal).map(({ at }) => at)).toEqual([
      'proposal.proposer',
      'terms.output',
    ]);
  });
});

test('every field of terms is bound, but how long a chunk is', () => {
  const names = Object.keys(termsOf(factsOf('numbers'), 16)).sort();
  expect(names).toEqual(Object.keys(agreementSchema.shape).sort());
  const facts = factsOf('pair');
  expect(words(facts, proposalOf(facts, { chunkElements: 4096 }))).toEqual([]);
});

test('two requests under one agreement have different terms, and different elements', () => {
  const [one, two] = ['a', 'b'].map((nonce) =>
    factsOf('pair', (world) => void (world.request.nonce = nonce.repeat(64))),
  ) as [TermsFacts, TermsFacts];
  expect(agreementIdText(termsOf(one, 16))).not.toBe(agreementIdText(termsOf(two, 16)));
  expect(words(one, proposalOf(two))).toEqual(['terms.differ request terms.standing.request']);
});

test('a rotated key, with its fingerprint, takes the place of the agreed one', () => {
  const publicKey = keyOf('alba, next key');
  const rotated = factsOf('pair', (world) => {
    world.state.membership.keys.push(
      { of: 'alba', officer: 'ana', publicKey: keyOf('an officer') },
      { of: 'alba', officer: null, publicKey: keyOf('a key between') },
      { of: 'alba', officer: null, publicKey },
    );
  });
  const [alba] = termsOf(rotated, 16).parties;
  expect(alba).toEqual({ id: 'alba', publicKey, fingerprint: fingerprintOfKey(parseHex(publicKey)) });
  const old = { ...rotated, keys: [] };
  expect(words(rotated, proposalOf(old))).toEqual([
    'terms.differ parties terms.parties.0.publicKey',
    'terms.differ parties terms.parties.0.fingerprint',
  ]);
});

describe('what the proposal repeats', () => {
  const facts = factsOf('pair');
  const good = proposalOf(facts);
  const { createdAtMs, expiresAtMs } = facts.request;
  test.each<[string, Partial<StatedProposal>, ...string[]]>([
    ['another proposer', { proposer: 'borea' }, 'terms.differ request.proposer proposal.proposer'],
    [
      'another case',
      { caseCommitment: encodeHex(new Uint8Array(32)) },
      'terms.differ request.caseCommitment proposal.caseCommitment',
    ],
    ['no case', { caseCommitment: null }, 'terms.differ request.caseCommitment proposal.caseCommitment'],
    [
      'open for longer',
      { expiresAtMs: expiresAtMs + 1 },
      'terms.differ request.expiresAtMs proposal.expiresAtMs',
    ],
    ['in its last instant', { proposedAtMs: expiresAtMs - 1 }],
    [
      'proposed before it was drafted',
      { proposedAtMs: createdAtMs - 1 },
      'terms.time request.createdAtMs proposal.proposedAtMs',
    ],
    [
      'proposed when it is over',
      { proposedAtMs: expiresAtMs },
      'terms.time request.createdAtMs proposal.proposedAtMs',
    ],
  ])('%s', (_, change, ...want) => {
    expect(words(facts, { ...good, ...change })).toEqual(want);
  });
});

describe('counts are a histogram, for every party', () => {
  test('a request for pairs alone cannot be run', () => {
    const facts = factsOf('numbers', (world) => void (world.request.output.statistics = ['pairs']));
    expect(words(facts, proposalOf(facts))).toEqual([
      'terms.histogram request.output.statistics terms.output',
    ]);
  });
  test('nor one in which somebody who brings a list receives nothing', () => {
    const facts = factsOf('numbers', (world) => void world.request.output.receivers.pop());
    expect(words(facts, proposalOf(facts))).toEqual([
      'terms.receivers request.output.receivers terms.output',
    ]);
  });
});

test('budgets of nothing are no absence of a cap', () => {
  const facts = factsOf('pair', (world) => {
    Object.assign(world.agreement.privacy.budget, { microEpsilon: 0, records: 0 });
  });
  expect(termsOf(facts, 16).caps).toMatchObject({ microEpsilon: 1, records: 1 });
});

/** Paths to everything that is neither an object nor a list. */
function leavesOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [[]];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner).map((rest) => [name, ...rest]));
}

function setAt(document: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const copy = (
    Array.isArray(document) ? [...(document as unknown[])] : { ...(document as object) }
  ) as Record<string, unknown>;
  copy[name] = setAt(copy[name], rest, value);
  return copy;
}
