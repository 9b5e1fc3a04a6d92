/**
 * Emergencies, as the control API takes and shows them.
 *
 * Purpose: hand over a signed declaration or review, see where each emergency stands.
 * Assumes: whoever calls is the station's owner; the message is judged by its signature alone. Does not know: who signed.
 */
import { z } from 'zod';
import type { Emergencies, EmergencyReport, Told } from './emergencies.ts';

export const emergencyParams = {
  /** A message as `tallystick emergency declare` or `review` wrote it. */
  'emergency.take': z.strictObject({ message: z.unknown() }),
  'emergency.list': z.strictObject({}),
} as const;

export interface EmergencyResults {
  'emergency.take': Told & { readonly isNew: boolean };
  /** Newest first. */
  'emergency.list': readonly EmergencyReport[];
}

export function emergencyMethods(emergencies: Emergencies) {
  return {
    async 'emergency.take'({ message }: { message?: unknown }) {
      const { agreement, isNew } = emergencies.take(message);
      return { isNew, ...(await emergencies.tell(agreement)) };
    },
    'emergency.list': () => emergencies.list(),
  };
}
