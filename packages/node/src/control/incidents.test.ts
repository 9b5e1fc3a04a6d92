/** Incidents: what is due and what is late follows from the agreement and the log. */
import type { HeldAgreement } from '@tallystick/host/agreements';
import { openAuditLog } from '@tallystick/host/audit';
import { fakeClock } from '@tallystick/host/clock';
import { createIdentity } from '@tallystick/host/identity';
import { systemRandom } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import { memoryStore } from '@tallystick/host/store';
import { expect, test } from 'vitest';
import { incidentMethods } from './incidents.ts';

const hourMs = 3_600_000;

test('the contact is told within the hours that the agreement says, or it is late; both stand in the log', async () => {
  const clock = fakeClock(1_800_000_000_000);
  const identity = await createIdentity('alba', clock, systemRandom);
  const sealer = createSealer(new Uint8Array(32), systemRandom);
  const store = memoryStore();
  const log = () => openAuditLog({ store, sealer, clock, random: systemRandom, identity });
  const held = {
    id: 'a'.repeat(64),
    signed: { agreement: { incident: { contact: 'desk', notifyHours: 24 } } },
  } as unknown as HeldAgreement;
  const methodsOver = (audit: ReturnType<typeof log>) =>
    incidentMethods({ self: 'alba', audit, clock, random: systemRandom, agreement: () => held });
  const methods = methodsOver(log());

  const startMs = clock.nowMs();
  const one = methods['incident.open']({ agreement: 'pact', kind: 'loss' });
  expect(one).toMatchObject({ contact: 'desk', notifyByMs: startMs + 24 * hourMs, isLate: false });
  // It was known for a while: the hours run from then.
  const two = methods['incident.open']({ agreement: 'pact', kind: 'key', knownAtMs: startMs - 23 * hourMs });
  expect(two.notifyByMs).toBe(startMs + hourMs);
  const future = { agreement: 'pact', kind: 'key', knownAtMs: startMs + 1 } as const;
  expect(() => methods['incident.open'](future)).toThrow(/^knownAtMs: /);

  clock.advance(hourMs);
  expect(methods['incident.list']().map(({ isLate }) => isLate)).toEqual([false, false]);
  clock.advance(1);
  expect(methods['incident.list']().map(({ isLate }) => isLate)).toEqual([true, false]);
  methods['incident.notified']({ incident: one.incident });
  expect(methods['incident.notified']({ incident: two.incident.slice(0, 8) }).isLate).toBe(true);
  // Told once is told: a second time changes nothing.
  clock.advance(100 * hourMs);
  methods['incident.notified']({ incident: one.incident });
  // After a start, from the log alone.
  const listed = methodsOver(log())['incident.list']();
  expect(listed).toMatchObject([
    { incident: two.incident, isLate: true },
    { incident: one.incident, notifiedAtMs: startMs + hourMs + 1, isLate: false },
  ]);
  expect(() => methods['incident.notified']({ incident: 'ffff' })).toThrow(/of that id/);
});
