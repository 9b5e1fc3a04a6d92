/**
 * Which partners are told of a correction, and what.
 *
 * Purpose: who received the matches of a session in which the record was, and has the record itself, gets tags that only
 * it can read; who cannot be known to have it, the session's name; who received nothing, nothing.
 * Assumes: the finding is of this node. Does not know: how corrections travel.
 */
import { canonicalBytes } from '@tallystick/protocol/wire';
import { createHash } from 'node:crypto';
import type { Correction } from '@tallystick/protocol/redress';
import type { SessionDetail } from '../control/api.ts';
import type { RedressHost } from './redress.ts';
import type { Outgoing } from './shelf.ts';

/** Partners that received matches; whether each is certain to hold what matched. */
export function receiversOf(
  { parties, output }: SessionDetail,
  self: string,
): { id: string; tells: 'tags' | 'which' | 'session' }[] {
  if (output === null || output.kind !== 'matches') return [];
  const others = parties.map(({ id }) => id).filter((id) => id !== self && output.to.includes(id));
  // Two parties, or on all lists: what matched, all have. Otherwise only the result can say who, where it was agreed.
  const { predicate, which } = output;
  const tells = predicate === null || predicate.kind === 'all' ? 'tags' : which ? 'which' : 'session';
  return others.map((id) => ({ id, tells }));
}

export async function correctionsFor(
  { self, random, vault, session: sessionOf, result: resultOf }: RedressHost,
  finding: Uint8Array,
  sessions: readonly string[],
  action: Correction['action'],
): Promise<Outgoing[]> {
  const hex = (bytes: number): string => Buffer.from(random(bytes)).toString('hex');
  const outgoing: Outgoing[] = [];
  for (const session of sessions) {
    const detail = sessionOf(session);
    if (detail === undefined) continue;
    for (const { id: partner, tells } of receiversOf(detail, self)) {
      const salt = hex(32);
      // A result that was deleted meanwhile leaves no tags to make: the session alone is named.
      const result = resultOf(session);
      const isTold = tells !== 'session' && result !== undefined;
      const tags = isTold
        ? await vault.correctionTags(finding, result.sealed, {
            session,
            salt,
            partner,
            which: tells === 'which',
          })
        : [];
      if (tags === null) continue;
      const correction: Correction = { correction: hex(16), session, action, salt, tags: [...tags] };
      outgoing.push({ to: partner, correction });
    }
  }
  return outgoing;
}

/** To the audit log, before any of them leaves. */
export function noteOutgoing({ audit, self }: RedressHost, outgoing: readonly Outgoing[]): void {
  for (const { to, correction } of outgoing) {
    audit.append({
      type: 'correction',
      by: self,
      session: correction.session,
      agreement: null,
      request: null,
      ticket: correction.correction,
      to,
      commitment: digestOf(correction),
    });
  }
}

/** The same in the sender's log and in the receiver's; its salt keeps the tags from being guessed from it. */
export const digestOf = (correction: Correction): string =>
  createHash('sha256').update(canonicalBytes(correction)).digest('hex');
