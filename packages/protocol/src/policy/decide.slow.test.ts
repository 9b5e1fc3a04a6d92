/**
 * Boundary values of every clause through the real evaluators, one at a time; pairs are in test/agreement/pairs.slow.test.ts.
 */
import { describe, expect, test } from 'vitest';
import { cases } from './cases.testkit.ts';
import { decide, decideStated, type PolicyDecision } from './decide.ts';
import { denialTexts } from './denial-texts.ts';
import type { FailedClause } from './failure.ts';
import { sealWorld, worldOf } from './world.testkit.ts';

/** Whether `at` names a place of the documents; what follows a space is for people. */
function isThere(documents: unknown, at: string): boolean {
  let place = documents;
  for (const step of (at.split(' ')[0] as string).split('.')) {
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, step)) return false;
    place = (place as Record<string, unknown>)[step];
  }
  return true;
}

/** Found beside decide(): by checkTerms (terms.test.ts), and by a node that holds no such agreement. */
const termsCodes = Object.keys(denialTexts).filter((code) =>
  /^(?:terms\.|agreement\.(?:unknown|required)$)/.test(code),
);

const failed = (decision: PolicyDecision): readonly FailedClause[] =>
  decision.kind === 'permit' ? [] : decision.failed;
const words = (decision: PolicyDecision): string[] =>
  failed(decision)
    .map(({ code, clause }) => `${code} ${clause}`)
    .sort();

/** Clauses that look at the request, too, and need what only nodes know. */
const nodesOwn =
  /^(?:approval|custodian|requester|oversight|emergency|rule|proposal\.replayed|party\.(?:alone|absent)|list\.repeated)/;

describe('one change', () => {
  const titled = cases.map((one) => [`${one.base}: ${one.name}`, one] as const);
  test.each(titled)('%s', (_, { base, edit, want }) => {
    const world = worldOf(base);
    edit(world);
    const sealed = sealWorld(world);
    const decision = decide(sealed.agreement, sealed.rules, sealed.request, sealed.state, sealed.nowMs);
    expect(decision.kind).toBe(want.length === 0 ? 'permit' : 'denial');
    expect(words(decision)).toEqual([...want].sort());
    for (const { code, at } of failed(decision)) {
      expect(code).toMatch(/^[a-z][a-z0-9.-]{0,63}$/);
      expect(isThere({ request: sealed.request, state: sealed.state, now: sealed.nowMs }, at), at).toBe(true);
    }
    // Who holds the agreement alone finds the same of what is asked, and nothing of what only nodes know.
    const stated = decideStated(sealed.agreement.agreement, sealed.request, sealed.nowMs);
    const asked = failed(decision).filter(
      ({ code, at }) => /^(?:request\.|now$)/.test(at) && !nodesOwn.test(code),
    );
    expect(stated).toEqual(expect.arrayContaining([...asked]));
    expect(asked).toEqual(expect.arrayContaining([...stated]));
  });

  test('every code of the vocabulary is wanted by a case, and only those', () => {
    const wanted = new Set(cases.flatMap(({ want }) => want.map((word) => word.split(' ')[0] as string)));
    const clauses = [...wanted, ...termsCodes].filter((code) => !code.startsWith('rule.')).sort();
    expect(clauses).toEqual(Object.keys(denialTexts).sort());
  });

  test('no two cases of a base have one name', () => {
    const names = cases.map(({ base, name }) => `${base} ${name}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('documents that do not parse are named, all of them, with the path', () => {
  const good = sealWorld(worldOf('pair'));
  const { agreement, request, state } = good;
  const decideWith = (change: Partial<Record<keyof typeof good, unknown>>): string[] => {
    const args = { ...good, ...change };
    return failed(decide(args.agreement, args.rules, args.request, args.state, args.nowMs)).map(
      ({ clause, code, at }) => `${clause} ${code} ${at}`,
    );
  };

  test.each<[string, Partial<Record<keyof typeof good, unknown>>, ...string[]]>([
    ['a request', { request: { ...request, tier: 'urgent' } }, 'request.tier term.unknown request'],
    ['no request', { request: null }, 'request field.type request'],
    ['a state', { state: { ...state, extra: 1 } }, 'state.extra field.unknown state'],
    ['no time', { nowMs: -1 }, 'now number.range now'],
    ['half a time', { nowMs: 0.5 }, 'now field.type now'],
    ['a rule', { rules: [{ rule: 'permit' }] }, 'rules.0.rule term.unknown rules'],
    [
      'an agreement',
      { agreement: { ...agreement, signatures: [] } },
      ...['parties.0', 'parties.1', 'parties.2', 'oversight.0', 'oversight.1'].map(
        (path) => `${path} signature.missing agreement`,
      ),
    ],
    ['no agreement', { agreement: 7 }, 'agreement field.type agreement'],
    ['signatures of nothing', { agreement: { signatures: [] } }, 'agreement field.missing agreement'],
    [
      'all of them',
      {
        agreement: { ...agreement, signatures: agreement.signatures.slice(1) },
        rules: {},
        request: [],
        state: 1,
        nowMs: null,
      },
      'parties.0 signature.missing agreement',
      'rules field.type rules',
      'request field.type request',
      'state field.type state',
      'now field.type now',
    ],
  ])('%s', (_, change, ...want) => {
    expect(decideWith(change)).toEqual(want);
  });

  test('what cannot even be read is a denial of its own', () => {
    const unreadable = {
      get agreement() {
        throw new Error('no');
      },
    };
    expect(decide(unreadable, [], request, state, good.nowMs)).toEqual({
      kind: 'denial',
      failed: [{ clause: 'decision', code: 'decision.failed', at: 'decision' }],
    });
  });

  test.each(['id', 'signature'] as const)('an approval with a longer %s, at either end', (name) => {
    const [approval] = request.approvals;
    for (const value of [`${approval?.[name]}0`, `0${approval?.[name]}`]) {
      const approvals = [{ ...approval, [name]: value }];
      expect(decideWith({ request: { ...request, approvals } })).toEqual([
        `request.approvals.0.${name} text.form request`,
      ]);
    }
  });

  test('local rules are heard although another document does not parse', () => {
    expect(decideWith({ rules: [{ rule: 'nothing' }], state: null })).toEqual([
      'state field.type state',
      'rules.0 rule.nothing request',
    ]);
  });
});
