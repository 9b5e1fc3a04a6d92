/**
 * What is left of a session: its record, its sealed matches, its evidence.
 *
 * Purpose: kept when it is offered, and again when it is over; a session that cannot be kept is not done.
 * Assumes: the vault has sealed the matches. Does not know: channels, why a session ended.
 */
import { pub, pubError } from '@tallystick/host/log';
import type { SessionPump } from '@tallystick/host/pump';
import type { PartyMachine } from '@tallystick/protocol/chain';
import { asTallyError } from '@tallystick/protocol/errors';
import type { SessionDetail } from '../control/api.ts';
import type { SessionFacts } from './detail.ts';
import { keptEvidence } from './evidence.ts';
import type { SealedResult, SessionHost } from './types.ts';

export interface KeepContext {
  readonly host: SessionHost;
  readonly facts: SessionFacts;
  readonly pump: SessionPump<PartyMachine>;
  detail(): SessionDetail;
}

/** @param matches kept only if the session is done */
export async function keepSession(
  { host, facts, pump, detail }: KeepContext,
  matches: SealedResult | undefined,
): Promise<void> {
  try {
    const result = facts.state === 'done' ? matches : undefined;
    const evidence = keptEvidence(pump.machine.record, facts, host.identity);
    await host.save(detail(), result, evidence);
  } catch (thrown) {
    failAtKeeping(host, facts, thrown);
  }
}

/** A session that cannot be kept, or not be written to the log, is not done. */
export function failAtKeeping({ log, identity }: SessionHost, facts: SessionFacts, thrown: unknown): void {
  const error = asTallyError(thrown);
  log.error('session.keep', { session: pub(facts.session), error: pubError(error) });
  if (facts.state !== 'done') return;
  facts.state = 'aborted';
  facts.outcome = undefined;
  facts.failure = { error, by: identity.id };
}
