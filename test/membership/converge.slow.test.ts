/**
 * Whatever is said, by whom, and whoever could reach whom meanwhile: once the lines are whole again, all have one list.
 */
import type { TallyError } from '@tallystick/protocol/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agreementOf, hashOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import { nowMs, signAll } from '../../packages/protocol/src/policy/world.testkit.ts';
import { createRing, everybody, settle, until } from './ring.testkit.ts';

const signed = signAll(agreementOf());
const who = fc.constantFrom(...everybody);
const step = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), one: who, other: who }),
  fc.record({ kind: fc.constant('mend' as const) }),
  fc.record({ kind: fc.constant('restart' as const), one: who }),
  fc.record({ kind: fc.constant('suspend' as const), one: who }),
  fc.record({ kind: fc.constant('renew' as const), one: who, next: fc.nat(3) }),
  fc.record({ kind: fc.constant('resume' as const), one: who }),
);

test('every member comes to the same list, and nobody is taken for a liar', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
      const ring = createRing(signed, nowMs);
      try {
        const at = await ring.startAll();
        await ring.pass(1_000);
        // What a station said counts here even where the list of members refuses it: the model is the fold itself.
        for (const one of steps) {
          if (one.kind === 'cut') ring.cut.add(`${one.one} ${one.other}`);
          else if (one.kind === 'mend') ring.cut.clear();
          else if (one.kind === 'restart') {
            const { store, stop } = at[one.one] as (typeof at)[string];
            await stop();
            at[one.one] = await ring.start(one.one, store);
          } else {
            const { members } = at[one.one] as (typeof at)[string];
            const lifts = members
              .roll(ring.agreement)
              .membership.suspensions.map(({ by, sequence }) => ({ by, sequence }));
            const saying =
              one.kind === 'suspend'
                ? { type: 'suspend' as const, reason: 'incident' as const }
                : one.kind === 'renew'
                  ? { type: 'renew' as const, next: hashOf(`next ${one.next}`), fromMs: one.next }
                  : { type: 'resume' as const, lifts };
            if (one.kind === 'resume' && lifts.length === 0) continue;
            const said = await members.say(ring.agreement, saying).then(
              () => 'said',
              (error: TallyError) => error.code,
            );
            // Cut off from all since a restart, it may only suspend.
            expect(['said', 'membership.unheard']).toContain(said);
          }
          await settle();
        }
        ring.cut.clear();
        await ring.pass(12 * 60_000);
        const hashes = (): string[] => everybody.map((id) => (at[id] as (typeof at)[string]).hash());
        await until(() => new Set(hashes()).size === 1);
        for (const id of everybody) {
          const { facts, status, audit } = at[id] as (typeof at)[string];
          expect(facts()).toMatchObject({
            suspendedBy: (at['alba'] as (typeof at)[string]).facts().suspendedBy,
            renewed: (at['alba'] as (typeof at)[string]).facts().renewed,
          });
          expect(status().members.some(({ hasForked }) => hasForked)).toBe(false);
          expect(audit.filter(({ type }) => type === 'attempt')).toEqual([]);
        }
      } finally {
        await ring.close();
      }
    }),
    { numRuns: 12, endOnFailure: true },
  );
}, 300_000);
