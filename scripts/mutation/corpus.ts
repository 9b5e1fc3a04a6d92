/**
 * Inputs of a decision, on which a mutant that no test killed is compared with the code as it is.
 *
 * Purpose: two changes at once; the cases alone it has passed. A mutant that permits what is denied, or lists a failed
 * clause less, weakens a denial, whatever the list of survivors says of it.
 * Assumes: it is bound into the room's script, so that it sees the room's modules. Does not know: mutants.
 */
import { cases } from '../../packages/protocol/src/policy/cases.testkit.ts';
import { decide, type PolicyDecision } from '../../packages/protocol/src/policy/decide.ts';
import { sealWorld, worldOf } from '../../packages/protocol/src/policy/world.testkit.ts';

export type Inputs = ReturnType<typeof sealWorld>;

/** Of the pairs of cases of one base every `nth`. */
export function inputs(nth: number): Inputs[] {
  const sealed: Inputs[] = [];
  for (const [i, one] of cases.entries()) {
    for (const [j, other] of cases.entries()) {
      if (other.base !== one.base || i === j || (i * 31 + j) % nth !== 0) continue;
      const world = worldOf(one.base);
      try {
        one.edit(world);
        other.edit(world);
        sealed.push(sealWorld(world));
      } catch {
        // Two changes that do not go together, as when the second needs what the first took away.
      }
    }
  }
  return sealed;
}

export function decideOn({ agreement, rules, request, state, nowMs }: Inputs): PolicyDecision {
  return decide(agreement, rules, request, state, nowMs);
}
