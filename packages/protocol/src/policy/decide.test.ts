/**
 * Boundary values of every clause through the real evaluators, alone and in pairs.
 */
import { describe, expect, test, vi } from 'vitest';
import { cases } from './cases.testkit.ts';
import { decide, type PolicyDecision } from './decide.ts';
import { denialTexts } from './denial-texts.ts';
import type { FailedClause } from './failure.ts';
import { sealWorld, worldOf, type World } from './world.testkit.ts';

vi.mock('../signature/index.ts', async (original) =>
  (await import('./memo.testkit.ts')).remembering(await original()),
);

const decideOn = (world: World): PolicyDecision => {
  const { agreement, rules, request, state, nowMs } = sealWorld(world);
  return decide(agreement, rules, request, state, nowMs);
};
const failed = (decision: PolicyDecision): readonly FailedClause[] =>
  decision.kind === 'permit' ? [] : decision.failed;
const words = (decision: PolicyDecision): string[] =>
  failed(decision)
    .map(({ code, clause }) => `${code} ${clause}`)
    .sort();

describe('one change', () => {
  test.each(cases)('$base: $name', ({ base, edit, want }) => {
    const world = worldOf(base);
    edit(world);
    const decision = decideOn(world);
    expect(words(decision)).toEqual([...want].sort());
    for (const { code, at } of failed(decision)) {
      expect(code).toMatch(/^[a-z][a-z0-9.-]{0,63}$/);
      expect(at).toMatch(/^(?:request|state|now)/);
    }
  });

  test('every code of the vocabulary is wanted by a case, and only those', () => {
    const wanted = new Set(cases.flatMap(({ want }) => want.map((word) => word.split(' ')[0] as string)));
    const clauses = [...wanted].filter((code) => !code.startsWith('rule.')).sort();
    expect(clauses).toEqual(Object.keys(denialTexts).sort());
  });

  test('no two cases of a base have one name', () => {
    const names = cases.map(({ base, name }) => `${base} ${name}`);
    expect(new Set(names).size).toBe(names.length);
  });
});
