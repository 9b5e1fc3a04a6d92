/** Local rules can only forbid, and whatever comes in, a decision comes out. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cases } from './cases.testkit.ts';
import { ruleCases } from './cases-rules.testkit.ts';
import { decide, type PolicyDecision } from './decide.ts';
import { sealWorld, worldOf, type World } from './world.testkit.ts';

const decideOn = (world: World): PolicyDecision => {
  const { agreement, rules, request, state, nowMs } = sealWorld(world);
  return decide(agreement, rules, request, state, nowMs);
};
const words = (decision: PolicyDecision): string[] =>
  decision.kind === 'permit' ? [] : decision.failed.map(({ code, clause, at }) => `${code} ${clause} ${at}`);

const ruleOf = fc.constantFrom(
  ...ruleCases.flatMap(({ edit }) => {
    const world = worldOf('pair');
    edit(world);
    return world.rules;
  }),
);
const caseOf = fc.constantFrom(...cases);

test('adding a rule never turns a denial into a permit, and takes no failed clause away', () => {
  fc.assert(
    fc.property(caseOf, fc.array(ruleOf, { maxLength: 4 }), ruleOf, fc.nat(), (given, rules, rule, place) => {
      const world = worldOf(given.base);
      given.edit(world);
      // Before the rules of the case too, so that paths of rules are compared without their number.
      const plain = (decision: PolicyDecision): string[] =>
        words(decision).map((word) => word.replace(/rules\.\d+/, 'rules'));
      world.rules.push(...rules);
      const before = plain(decideOn(world));
      world.rules.splice(place % (world.rules.length + 1), 0, rule);
      const after = plain(decideOn(world));
      for (const word of before) expect(after).toContain(word);
      expect(after.length).toBeGreaterThanOrEqual(before.length);
    }),
    { numRuns: 60, endOnFailure: true },
  );
});

/** Replaces the value at one place of a document. */
function mutate(document: unknown, choose: readonly number[], value: unknown): unknown {
  if (typeof document !== 'object' || document === null || choose.length === 0) return value;
  const copy = (Array.isArray(document) ? [...(document as unknown[])] : { ...document }) as Record<
    string,
    unknown
  >;
  const keys = Object.keys(copy);
  const key = keys[(choose[0] as number) % (keys.length + 1)] ?? 'unknown';
  copy[key] = mutate(copy[key], choose.slice(1), value);
  return copy;
}

describe('total', () => {
  const anything = fc.jsonValue({ maxDepth: 3 });

  test('any JSON in, a denial out, never a throw', () => {
    fc.assert(
      fc.property(anything, anything, anything, anything, anything, (...values) => {
        const decision = decide(...values);
        expect(decision.kind).toBe('denial');
        expect(words(decision).join()).not.toContain('decision.failed');
      }),
      { numRuns: 300, endOnFailure: true },
    );
  });

  test('any JSON in one place of good documents: a decision, and no code but those of the vocabulary', () => {
    const { agreement, rules, request, state, nowMs } = sealWorld(worldOf('threat'));
    const good = [agreement, rules, request, state, nowMs];
    fc.assert(
      fc.property(
        fc.nat(4),
        fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }),
        anything,
        (which, choose, value) => {
          const args = good.map((one, i) => (i === which ? mutate(one, choose, value) : one));
          const decision = decide(args[0], args[1], args[2], args[3], args[4]);
          expect(words(decision).join()).not.toContain('decision.failed');
          // Whatever in the agreement is touched was not signed so.
          if (which === 0 && JSON.stringify(args[0]) !== JSON.stringify(agreement))
            expect(decision.kind).toBe('denial');
        },
      ),
      { numRuns: 300, endOnFailure: true },
    );
  });

  test('what is no JSON at all denies', () => {
    const { agreement, rules, request, state, nowMs } = sealWorld(worldOf('pair'));
    const thrower = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no');
        },
        get: () => {
          throw new Error('no');
        },
      },
    );
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const bad of [undefined, Number.NaN, 1n, thrower, cycle, () => 1, new Map()]) {
      expect(decide(bad, rules, request, state, nowMs).kind).toBe('denial');
      expect(decide(agreement, bad, request, state, nowMs).kind).toBe('denial');
      expect(decide(agreement, rules, bad, state, nowMs).kind).toBe('denial');
      expect(decide(agreement, rules, request, bad, nowMs).kind).toBe('denial');
      expect(decide(agreement, rules, request, state, bad).kind).toBe('denial');
    }
    expect(decide(agreement, rules, request, state, nowMs)).toEqual({ kind: 'permit' });
  });

  test.each(['__proto__', 'constructor', 'toString', 'extra'])('an unknown field %s denies', (name) => {
    const { agreement, rules, request, state, nowMs } = sealWorld(worldOf('pair'));
    const withField = (value: object): unknown =>
      JSON.parse(JSON.stringify(value).replace('{', `{${JSON.stringify(name)}:1,`));
    for (const args of [
      [withField(agreement), rules, request, state],
      [{ ...agreement, agreement: withField(agreement.agreement) }, rules, request, state],
      [agreement, [withField({ rule: 'verified' })], request, state],
      [agreement, rules, withField(request), state],
      [agreement, rules, request, withField(state)],
    ]) {
      const decision = decide(args[0], args[1], args[2], args[3], nowMs);
      expect(words(decision).join()).toMatch(/field\.unknown/);
    }
  });
});
