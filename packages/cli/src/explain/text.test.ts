/** A decision in words: every code has some; a denial names each clause with its path and the agreement's own text. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DecisionRecord, SessionDetail, SessionExplanation } from '@tallystick/node/control';
import {
  problemTexts,
  readStrictJson,
  type StandingAgreement,
  stripComments,
} from '@tallystick/protocol/agreement';
import { denialTexts } from '@tallystick/protocol/policy';
import { styleFor } from '../render/text.ts';
import { explainText } from './text.ts';
import { reasonText } from './words.ts';

const plain = styleFor(false);
const templates = join(import.meta.dirname, '..', '..', '..', '..', 'examples', 'agreements');

const detail = {
  session: 'a'.repeat(32),
  state: 'aborted',
  purpose: 'case 7',
  proposer: 'north',
  parties: [
    { id: 'north', identifiers: 12 },
    { id: 'south', identifiers: null },
  ],
  collectors: [],
  output: { kind: 'matches', to: ['north'], predicate: null, which: false },
  own: null,
  privacy: null,
  storedResultOf: null,
  request: null,
  decisions: [],
  answers: [],
  error: null,
} as unknown as SessionDetail;

const decision: DecisionRecord = {
  phase: 'consent',
  atMs: 0,
  kind: 'permit',
  agreement: null,
  checked: ['agreement.parties.0', 'agreement.parties.1', 'ledger'],
  failed: [],
};

const explain = (change: Partial<SessionDetail>, agreement: SessionExplanation['agreement'] = null): string =>
  explainText({ self: 'south', detail: { ...detail, ...change }, agreement }, plain, 200);

test('every code of a decision has words', () => {
  for (const code of [...Object.keys(denialTexts), ...Object.keys(problemTexts)]) {
    expect(reasonText(code)).not.toBe(code);
  }
  expect(reasonText('rule.cap')).toBe('a rule of the node forbids it');
  expect(reasonText('unheard.of')).toBe('unheard.of');
});

test('a permit says by what, and who was asked', () => {
  const text = explain({
    state: 'done',
    decisions: [decision],
    answers: [
      { id: 'north', answer: 'consented', atMs: 0, reasons: [], approvals: [] },
      { id: 'south', answer: 'refused', atMs: null, reasons: ['person.declined'], approvals: [] },
    ],
  });
  expect(text).toContain('permitted by south');
  expect(text).toContain('holds    agreement.parties.0: north is who this node pinned');
  expect(text).toContain('holds    ledger');
  expect(text).toContain('no standing agreement');
  expect(text).toContain('north, party, proposed: consented, 1970-01-01 00:00:00 UTC');
  expect(text).toContain(
    'south (this node), party: refused: a person declined, without saying why (person.declined)',
  );
});

test('a denial names every clause, with the path', () => {
  const failed = [
    { clause: 'agreement.parties.0.id', code: 'peer.unknown', at: 'agreement.parties.0.id' },
    { clause: 'ledger', code: 'cap.sessions', at: 'ledger' },
  ];
  const text = explain({ decisions: [{ ...decision, kind: 'denial', failed }] });
  expect(text).toContain('denied by south');
  expect(text).toContain('failed   agreement.parties.0.id: nobody of this id is pinned here (peer.unknown)');
  expect(text).toContain('failed   ledger: no more sessions in this period (cap.sessions)');
  expect(text).toContain('holds    agreement.parties.1');
  expect(text).not.toContain('holds    agreement.parties.0');
  expect(text).not.toContain('holds    ledger');
});

test("under a standing agreement the agreement's own clause stands beside it", async () => {
  const draft = await readFile(join(templates, 'bilateral-pilot.jsonc'), 'utf8');
  const agreement = readStrictJson(stripComments(draft)).value as StandingAgreement;
  const request = {
    agreement: 'b'.repeat(64),
    proposer: 'north',
    requester: 'ana',
    tier: 'routine',
    uses: ['investigative-lead'],
    cost: { microEpsilon: 0, femtoDelta: 0, records: 9 },
    approvals: [{ of: 'north', officer: 'bo' }],
  } as unknown as SessionDetail['request'];
  const failed = [
    { clause: 'retention.resultDays', code: 'retention.too-long', at: 'request.retentionDays' },
  ];
  const asked = { ...decision, agreement: 'b'.repeat(64), checked: ['retention.resultDays'] };
  const text = explain({ request, decisions: [{ ...asked, kind: 'denial', failed }] }, agreement);
  expect(text).toContain(`standing agreement ${agreement.name}`);
  expect(text).toContain(
    'failed   retention.resultDays: results would be kept for longer than agreed (retention.too-long, by request.retentionDays)',
  );
  expect(text).toContain(`results ${agreement.retention.resultDays} days`);
  expect(text).not.toContain('holds    retention.resultDays');
  const earlier = { ...asked, checked: ['notAfter', 'caps'] };
  const permitted = { ...earlier, phase: 'start' as const };
  const ran = explain({ request, decisions: [earlier, permitted] }, agreement);
  expect(ran).toContain('  holds    notAfter, caps\n');
  expect(ran).toContain(`holds    notAfter\n             Ends: ${agreement.notAfter}`);
  expect(ran).toContain(`${agreement.caps.sessionsPerDay} sessions`);
  expect(text).toContain('bo of north');
  expect(text).toContain('as requested: 9 records');
});
