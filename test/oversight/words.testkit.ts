/**
 * What bodies say, and the station that hears it: for the tests of each rule alone, without process or network.
 */
import { fakeClock } from '@tallystick/host/clock';
import { createSealer } from '@tallystick/host/seal';
import { systemRandom } from '@tallystick/host/random';
import type { EntryBody } from '@tallystick/protocol/audit';
import { standingId } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import {
  type PolicyState,
  signApproval,
  signVeto,
  type Verdict,
  type Veto,
} from '@tallystick/protocol/policy';
import {
  agreementOf,
  hashOf,
  keyOf,
  signerOf,
} from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import { nowMs, signAll } from '../../packages/protocol/src/policy/world.testkit.ts';
import { requestUnder } from './kit.ts';

type Keys = PolicyState['membership']['keys'];

export const hourMs = 3_600_000;
export const sealer = createSealer(new Uint8Array(32).fill(4), systemRandom);
export const terms = agreementOf();
// Two bodies with every power.
for (const body of terms.oversight) body.powers = ['authorise', 'veto', 'suspend'];
export const signed = signAll(terms);
export const agreement = standingId(terms);
export const times = { createdAtMs: nowMs, expiresAtMs: nowMs + hourMs };
export const { id: request, request: asked } = requestUnder(agreement, 'one', times);
export const rotated = (of: string): Keys => [{ of, officer: null, publicKey: keyOf(`${of}-2`) }];

export const vetoOf = (by = 'watch', about = request, key = by, change: Partial<Veto> = {}): Verdict => {
  const body = { agreement, request: about, by, reason: 'unclear', atMs: nowMs, ...change } as const;
  return { kind: 'veto', veto: signVeto(body, signerOf(key)) };
};
export const yesOf = (by = 'watch', n = 1, about = request, key = by): Verdict => {
  const body = { id: hashOf(`${by} ${n}`).slice(0, 32), of: by, officer: null, request: about };
  return {
    kind: 'authorise',
    agreement,
    approval: signApproval({ ...body, expiresAtMs: nowMs + hourMs }, signerOf(key)),
  };
};

/** Of the station whose rules are tested: every file has `beforeEach(freshWorld)`. */
export const world = {
  clock: fakeClock(nowMs),
  entries: [] as EntryBody[],
  isLogFull: false,
  keys: [] as Keys,
};
export function freshWorld(): void {
  Object.assign(world, { clock: fakeClock(nowMs), entries: [], isLogFull: false, keys: [] });
}

export const audit = {
  append(body: EntryBody): never {
    if (world.isLogFull) throw new TallyError('store.write', 'no room');
    world.entries.push(body);
    return undefined as never;
  },
};

export const typesOf = (): string[] => world.entries.map(({ type, by }) => `${type} ${by}`);

export const codeOf = (act: () => unknown): string => {
  try {
    act();
    return '';
  } catch (thrown) {
    return (thrown as TallyError).code;
  }
};
