/** What an owner does about agreements and the clock, in the audit log. */
import { openAuditLog } from '@tallystick/host/audit';
import { createAgreementShelf } from '@tallystick/host/agreements';
import { fakeClock } from '@tallystick/host/clock';
import { createIdentity } from '@tallystick/host/identity';
import { systemRandom } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import { memoryStore } from '@tallystick/host/store';
import { parseEntry } from '@tallystick/protocol/audit';
import { beforeEach, expect, test } from 'vitest';
import { standingMethods } from '../../packages/node/src/control/standing.ts';
import { agreementAmong } from '../oversight/kit.ts';

type Host = Parameters<typeof standingMethods>[0];

let methods: ReturnType<typeof standingMethods>;
let agreement: ReturnType<typeof agreementAmong>;
let types: () => string[];
let last: () => unknown;
let jumpMs: number | null;

beforeEach(async () => {
  const clock = fakeClock(1_800_000_000_000);
  const store = memoryStore();
  const sealer = createSealer(new Uint8Array(32).fill(9), systemRandom);
  const identity = await createIdentity('alba', clock, systemRandom);
  const audit = openAuditLog({ store, sealer, clock, random: systemRandom, identity });
  agreement = agreementAmong([identity]);
  jumpMs = null;
  const clockTrust = {
    get jumpMs() {
      return jumpMs;
    },
    acknowledge() {
      jumpMs = null;
    },
  };
  const agreements = createAgreementShelf(store, sealer, identity, audit);
  const host = { identity, agreements, clockTrust, audit, clock, random: systemRandom };
  methods = standingMethods({ ...host, onAgreement: () => undefined } as unknown as Host);
  const entries = () => [...audit.leaves()].map((leaf) => parseEntry(leaf));
  types = () => entries().map(({ type }) => type);
  last = () => entries().at(-1);
});

test('who looked at the clock is no attempt: an entry of its own says by how much it had jumped', () => {
  jumpMs = -7_200_000.25;
  expect(methods['clock.acknowledge']({})).toEqual({ jumpedByMs: -7_200_000 });
  expect(last()).toMatchObject({ type: 'clock', by: 'alba', jumpedByMs: -7_200_000 });
  expect(methods['clock.acknowledge']({})).toEqual({ jumpedByMs: null });
  expect(last()).toMatchObject({ type: 'clock', jumpedByMs: null });
  expect(types()).not.toContain('attempt');
});

test('an agreement that is installed leaves who signed it, once; one that is refused an attempt', async () => {
  await methods['agreement.install']({ agreement: agreement.signed });
  const signers = agreement.signed.signatures.length;
  expect(types().filter((type) => type === 'sign')).toHaveLength(signers);
  expect(last()).toMatchObject({ type: 'sign', agreement: agreement.id });
  await methods['agreement.install']({ agreement: agreement.signed });
  expect(types().filter((type) => type === 'sign')).toHaveLength(signers);
  const { signatures } = agreement.signed;
  const unsigned = { ...agreement.signed, signatures: signatures.slice(1) };
  expect(() => methods['agreement.install']({ agreement: unsigned })).toThrow(/signature/);
  expect(last()).toMatchObject({ type: 'attempt', code: 'agreement.invalid' });
});
