/** What a session leaves in the audit log at its end: whose fault it was is an attempt, an absence is none. */
import type { Attempts, AuditLog } from '@tallystick/host/audit';
import { silentLog } from '@tallystick/host/log';
import type { EntryBody } from '@tallystick/protocol/audit';
import { type ErrorCode, TallyError } from '@tallystick/protocol/errors';
import type { MessageOf, SignedMessage } from '@tallystick/protocol/wire';
import { describe, expect, test } from 'vitest';
import { SessionAudit } from './audit.ts';
import { newFacts, type SessionFacts } from './detail.ts';

type Attempt = Parameters<Attempts['note']>[0];
const hashOf = (text: string): string => Buffer.from(text).toString('hex').padStart(64, '0');
const session = '7'.repeat(32);
const standing = { agreement: hashOf('agreement'), request: hashOf('request') };

function proposalAmong(others: readonly string[], isStanding = true): MessageOf<'proposal'> {
  const station = (id: string) => ({ id, publicKey: hashOf(id), fingerprint: `sha256:${id}` });
  return {
    type: 'proposal',
    session,
    proposer: 'alpha',
    agreement: {
      version: 1,
      standing: isStanding ? standing : null,
      suite: 'ristretto255-SHA512',
      form: 'direct',
      parties: ['alpha', ...others].map(station),
      collectors: [],
      purpose: 'find',
      subject: 'any',
      recipes: ['name'],
      recipeVersion: 1,
      verified: true,
      sentinels: 0,
      output: { kind: 'matches', to: ['alpha'], predicate: null, which: false },
      privacy: null,
      padTo: null,
      labels: null,
      caps: null,
      chunkElements: 16,
      notAfterMs: 10,
    },
    request: null,
    caseCommitment: null,
    proposedAtMs: 1,
    expiresAtMs: 10,
    nonce: hashOf('nonce'),
    signature: '0'.repeat(128),
  };
}

/** The end of a session at alpha. */
function ended(change: Partial<SessionFacts>, messages: readonly SignedMessage[] = []) {
  const entries: EntryBody[] = [];
  const attempts: Attempt[] = [];
  const audit = new SessionAudit(
    {
      audit: { append: (body: EntryBody) => void entries.push(body) } as unknown as AuditLog,
      attempts: { note: (one: Attempt) => void attempts.push(one) } as unknown as Attempts,
      identity: { id: 'alpha' },
      log: silentLog,
    },
    session,
  );
  audit.ended({ ...newFacts(session, 'alpha', 0, undefined), state: 'aborted', ...change }, messages);
  return { entries, attempts };
}

const failed = (code: ErrorCode, by = 'alpha') => ({ failure: { error: new TallyError(code, 'x'), by } });

describe('what a peer did that does not belong', () => {
  test.each<ErrorCode>([
    'consent.mismatch',
    'wire.order',
    'consent.signature',
    'chain.proof',
    'wire.message',
  ])('%s is an attempt, by name where it can only have been one', (code) => {
    const two = ended({ proposal: proposalAmong(['beta']), ...failed(code) });
    expect(two.attempts).toEqual([{ from: 'beta', code, agreement: standing.agreement }]);
    expect(two.entries).toMatchObject([{ type: 'result', outcome: 'aborted', code, ...standing }]);
    const three = ended({ proposal: proposalAmong(['beta', 'gamma']), ...failed(code) });
    expect(three.attempts).toEqual([{ from: null, code, agreement: standing.agreement }]);
    // Before anybody has proposed it is of no agreement, and there is no session to end.
    const none = ended({ proposal: undefined, ...failed(code) });
    expect(none).toEqual({ entries: [], attempts: [{ from: null, code }] });
  });

  test('by the name that the error gives, where it gives one', () => {
    const attemptsOf = (among: readonly string[]) => {
      const error = new TallyError('chain.proof', 'x', { among });
      return ended({ proposal: proposalAmong(['beta', 'gamma']), failure: { error, by: 'alpha' } }).attempts;
    };
    expect(attemptsOf(['gamma'])).toMatchObject([{ from: 'gamma' }]);
    expect(attemptsOf(['beta', 'gamma'])).toMatchObject([{ from: null }]);
    expect(attemptsOf([])).toMatchObject([{ from: null }]);
  });

  test('without an agreement it is of none', () => {
    const { attempts } = ended({ proposal: proposalAmong(['beta'], false), ...failed('wire.order') });
    expect(attempts).toEqual([{ from: 'beta', code: 'wire.order' }]);
  });
});

test.each<[string, Partial<SessionFacts>]>([
  ['somebody left', failed('peer.left')],
  ['nobody came in time', failed('session.deadline')],
  ['the agreement denies', failed('agreement.denied')],
  ['a partner refused', failed('consent.refused')],
  ['this machine failed', failed('store.write')],
  ['another station says that it found something', failed('wire.order', 'beta')],
])('%s: no attempt', (_, change) => {
  const { attempts, entries } = ended({ proposal: proposalAmong(['beta']), ...change });
  expect(attempts).toEqual([]);
  expect(entries).toMatchObject([{ type: 'result', outcome: 'aborted' }]);
});

test("others' refusals stand before the end, with their reasons; our own was written before it left", () => {
  const refusal = (from: string): SignedMessage => ({
    type: 'refusal',
    session,
    from,
    proposalHash: hashOf('proposal'),
    reasons: ['rule.purposes', 'caps.sessions'],
    signature: '0'.repeat(128),
  });
  const { entries } = ended(
    { proposal: proposalAmong(['beta', 'gamma']), ...failed('consent.refused', 'gamma') },
    [refusal('gamma'), refusal('alpha')],
  );
  expect(entries).toMatchObject([
    { type: 'refuse', by: 'gamma', reasons: ['rule.purposes', 'caps.sessions'], ...standing },
    { type: 'result', by: 'alpha', code: 'consent.refused', transcript: null, records: null },
  ]);
});
