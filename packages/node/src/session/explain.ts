/**
 * What a session keeps of its decisions, and of what others said.
 *
 * Purpose: so that somebody can ask later why it was permitted or denied.
 * Assumes: messages were verified by the chain. Does not know: words for people.
 */
import type { StandingAgreement } from '@tallystick/protocol/agreement';
import type { SignedMessage } from '@tallystick/protocol/wire';
import type { DecisionRecord, SessionAnswer } from '../control/explain.ts';
import type { MessageOf } from '@tallystick/protocol/wire';
import { checkedPaths, type Decision, type LocalRules } from '../guard/index.ts';

/** A decision by pins, own rules and ledger. */
export function decisionRecord(
  phase: DecisionRecord['phase'],
  proposal: MessageOf<'proposal'>,
  rules: LocalRules,
  decision: Decision,
  atMs: number,
): DecisionRecord {
  const failed = decision.kind === 'permit' ? [] : decision.failed;
  return {
    phase,
    atMs,
    kind: decision.kind,
    agreement: null,
    checked: checkedPaths(proposal, rules),
    failed: failed.map(({ path, reason }) => ({ clause: path, code: reason, at: path })),
  };
}

/** What decide() looks at, beside the terms of the session. */
const decidedClauses = [
  'notBefore',
  'notAfter',
  'version',
  'supersedes',
  'parties',
  'collectors',
  'oversight',
  'purposes',
  'prohibitedUses',
  'lists',
  'outputs',
  'tiers',
  'privacy',
  'caps',
  'retention',
  'suites',
  'software',
  'freshness',
  'suspension',
] as const satisfies readonly (keyof StandingAgreement)[];

/** A decision by a standing agreement. */
export function agreementRecord(
  phase: DecisionRecord['phase'],
  { request }: MessageOf<'proposal'>,
  failed: DecisionRecord['failed'],
  atMs: number,
): DecisionRecord {
  const kind = failed.length === 0 ? 'permit' : 'denial';
  return {
    phase,
    atMs,
    kind,
    agreement: request?.agreement ?? null,
    checked: [...decidedClauses, 'terms'],
    failed,
  };
}

/** Consents and refusals, in the order in which they came. */
export function answersOf(messages: readonly SignedMessage[]): SessionAnswer[] {
  return messages.flatMap((message): SessionAnswer[] => {
    if (message.type === 'consent') {
      const { from: id, atMs } = message;
      const approvals = message.approvals.map(({ of, officer }) => ({ of, officer }));
      return [{ id, answer: 'consented', atMs, reasons: [], approvals }];
    }
    if (message.type !== 'refusal') return [];
    return [{ id: message.from, answer: 'refused', atMs: null, reasons: message.reasons, approvals: [] }];
  });
}
