/**
 * Terms of the tests' requests, written by hand: what a request means, field by field, without the code that makes them.
 */
import { describe, expect, test } from 'vitest';
import type { Agreement } from '../agreement/ephemeral.ts';
import { standingId } from '../agreement/signed.ts';
import { parseHex } from '../bytes/index.ts';
import { fingerprintOfKey } from '../signature/index.ts';
import { requestId } from './request.ts';
import { checkTerms, type StatedProposal, type TermsFacts, termsOf } from './terms.ts';
import { keyOf } from './world-agreement.testkit.ts';
import { type BaseName, hour, nowMs, sealWorld, type World, worldOf } from './world.testkit.ts';

function factsOf(base: BaseName, edit: (world: World) => void = () => undefined): TermsFacts {
  const world = worldOf(base);
  edit(world);
  const { agreement, request, state } = sealWorld(world);
  return { agreement: agreement.agreement, request, keys: state.membership.keys };
}

const station = (id: string, key = id) => ({
  id,
  publicKey: keyOf(key),
  fingerprint: fingerprintOfKey(parseHex(keyOf(key))),
});
const caps = { periodDays: 30, sessions: null, records: 400_000, versions: 3, microEpsilon: 2_000_000 };
const common = ({ agreement, request }: TermsFacts) => ({
  version: 1,
  standing: { agreement: standingId(agreement), request: requestId(request) },
  suite: 'ristretto255-SHA512',
  subject: 'person',
  recipes: ['document'],
  recipeVersion: 1,
  verified: true,
  caps,
  notAfterMs: nowMs + hour,
  chunkElements: 16,
});

test('matches of two', () => {
  const facts = factsOf('pair');
  expect(termsOf(facts, 16)).toEqual({
    ...common(facts),
    form: 'direct',
    parties: [station('alba'), station('borea')],
    collectors: [],
    purpose: 'find',
    sentinels: 0,
    output: { kind: 'matches', to: ['alba', 'borea'], predicate: null, which: false },
    privacy: null,
    padTo: null,
    labels: null,
  });
});

test('counts of three', () => {
  const facts = factsOf('numbers');
  expect(termsOf(facts, 16)).toEqual({
    ...common(facts),
    form: 'sealed',
    parties: [station('alba'), station('borea'), station('cedra')],
    collectors: [station('hub')],
    purpose: 'measure',
    sentinels: 460,
    output: { kind: 'counts' },
    privacy: {
      minCount: 10,
      microEpsilon: 500_000,
      deltaExponent: 9,
      identifiersPerRecord: 8,
      mechanism: 'gaussian',
    },
    padTo: 1000,
    labels: [{ party: 'alba', field: 'risk', labels: ['high'], minSize: 10 }],
  });
});

test('exact counts, and counts without any settings', () => {
  const exact = factsOf('numbers', ({ request }) => {
    if (request.privacy) Object.assign(request.privacy, { noise: null, padTo: null });
  });
  expect(termsOf(exact, 16)).toMatchObject({
    privacy: {
      minCount: 10,
      microEpsilon: null,
      deltaExponent: null,
      identifiersPerRecord: 8,
      mechanism: 'laplace',
    },
    padTo: null,
  });
  const none = factsOf('numbers', ({ request }) => void (request.privacy = null));
  expect(termsOf(none, 16)).toMatchObject({ privacy: null, padTo: null });
});

describe('matches of three', () => {
  test.each<[string, Partial<World['request']['output']>, unknown]>([
    ['on two lists', { predicate: 'at-least', atLeast: 2 }, { kind: 'atLeast', lists: 2 }],
    ['on all', { predicate: 'all', atLeast: null }, { kind: 'all' }],
    ['on any', { predicate: 'any', atLeast: null }, { kind: 'any' }],
    // Neither is a request that decide() permits: the terms are those of the predicate that is named, or the narrowest.
    ['on all, and a number', { predicate: 'all', atLeast: 2 }, { kind: 'all' }],
    ['on at least nothing', { predicate: 'at-least', atLeast: null }, { kind: 'all' }],
  ])('%s', (_, output, predicate) => {
    const facts = factsOf('threat', ({ request }) => void Object.assign(request.output, output));
    expect(termsOf(facts, 16)).toMatchObject({
      form: 'sealed',
      sentinels: 460,
      output: { kind: 'matches', to: ['alba', 'borea'], predicate, which: true },
    });
  });
});

describe('stations', () => {
  test("an officer's key that was rotated after the station's is not the station's", () => {
    const facts = factsOf('pair', ({ state: { membership } }) => {
      membership.keys.push(
        { of: 'alba', officer: null, publicKey: keyOf('alba, next key') },
        { of: 'alba', officer: 'ana', publicKey: keyOf('an officer') },
        { of: 'borea', officer: 'approver-1', publicKey: keyOf('another officer') },
      );
    });
    expect(termsOf(facts, 16).parties).toEqual([station('alba', 'alba, next key'), station('borea')]);
  });

  test('whom the agreement does not name is left out, and what nobody may collect has no collector', () => {
    const facts = factsOf('threat', ({ request, agreement }) => {
      request.collectors = ['stranger', 'hub'];
      agreement.collectors = null;
    });
    expect(termsOf(facts, 16).collectors).toEqual([]);
  });
});

describe('a difference is named where it begins', () => {
  const facts = factsOf('pair');
  const against = (change: object): string[] => {
    const { proposer, caseCommitment, createdAtMs, expiresAtMs } = facts.request;
    const agreement = { ...termsOf(facts, 16), ...change } as Agreement;
    const proposal: StatedProposal = {
      agreement,
      proposer,
      caseCommitment,
      proposedAtMs: createdAtMs,
      expiresAtMs,
    };
    return checkTerms(facts, proposal).map(({ at }) => at);
  };
  test.each<[string, object, string[]]>([
    ['something where nothing is wanted', { privacy: { minCount: 0 } }, ['terms.privacy']],
    ['nothing where something is wanted', { standing: null }, ['terms.standing']],
    ['a text for an object', { output: 'other' }, ['terms.output']],
    ['a text for a list', { parties: 'other' }, ['terms.parties']],
    ['a list for a text', { suite: ['ristretto255-SHA512'] }, ['terms.suite']],
    ['the same members, and no list', { recipes: { 0: 'document' } }, ['terms.recipes']],
    ['no members, and no list', { collectors: {} }, ['terms.collectors']],
  ])('%s', (_, change, want) => {
    expect(against(change)).toEqual(want);
  });
});
