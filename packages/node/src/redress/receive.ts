/**
 * Corrections that partners send.
 *
 * Purpose: taken only for a session that both had and that is done; logged, kept, answered alike whether or not the
 * result is still held. Which own records are meant, this node finds out for itself.
 * Assumes: mail proved who asks. Does not know: why the partner corrects.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { parseCorrection } from '@tallystick/protocol/redress';
import type { ControlParams } from '../control/api.ts';
import { digestOf } from './outgoing.ts';
import type { RedressHost } from './redress.ts';

/** Of one session; a partner that sends more floods. */
const mostCorrections = 1000;

export function receiver(host: RedressHost) {
  const { self, clock, audit, vault, shelf } = host;
  return {
    /** Throws `wire.message`, `session.unknown`, `session.busy`. */
    async take(from: string, body: unknown): Promise<{ taken: true }> {
      const correction = parseCorrection(body);
      const { session, action, correction: id } = correction;
      const detail = host.session(session);
      if (detail?.state !== 'done' || !detail.parties.some((party) => party.id === from) || from === self) {
        throw new TallyError('session.unknown', 'correction: no session of ours with the sender');
      }
      const all = shelf.corrections();
      if (all.some((one) => one.correction === id && one.from === from)) return { taken: true };
      if (all.filter((one) => one.session === session && one.from === from).length >= mostCorrections) {
        throw new TallyError('session.busy', 'correction: too many for this session');
      }
      const result = host.result(session);
      const isTagged = correction.tags.length > 0 && result !== undefined;
      const records = isTagged ? await vault.meantRecords(result.sealed, correction) : null;
      audit.append({
        type: 'correction',
        by: from,
        session,
        agreement: null,
        request: null,
        ticket: id,
        to: self,
        commitment: digestOf(correction),
      });
      const receivedAtMs = clock.nowMs();
      shelf.addCorrection({
        correction: id,
        from,
        session,
        action,
        receivedAtMs,
        records,
        correctionBody: correction,
      });
      return { taken: true };
    },

    /** Throws `redress.unknown`, `session.state` where the result is not held. */
    async export({ correction: id, out }: ControlParams<'redress.export'>): Promise<{ records: number }> {
      const kept = shelf.corrections().find((one) => one.correction === id);
      if (kept === undefined) throw new TallyError('redress.unknown', 'correction: none of this id');
      const result = host.result(kept.session);
      const { correctionBody: body } = kept;
      if (result === undefined || body.tags.length === 0) {
        throw new TallyError(
          'session.state',
          'correction: names its session alone, or the result is not held',
        );
      }
      audit.append({
        type: 'export',
        by: self,
        session: kept.session,
        agreement: null,
        request: null,
        what: 'result',
        digest: null,
      });
      const marks = host.session(kept.session)?.marks ?? null;
      await vault.exportResult(result.sealed, host.chunks(result.listId), out, marks, body);
      return { records: await vault.meantRecords(result.sealed, body) };
    },
  };
}
