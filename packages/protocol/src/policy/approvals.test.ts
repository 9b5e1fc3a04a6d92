/** What approvals sign, and what the agreement alone says of them, for whoever has no node at hand. */
import { expect, test } from 'vitest';
import { encodeHex } from '../bytes/index.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';
import { judgeApprovals, judgeRequester } from './approvals.ts';
import { type Approval, checkApprovalShape, checkRequestShape, requestId, signRequest } from './request.ts';
import { keyOf, signerOf } from './world-agreement.testkit.ts';
import { sealWorld, type World, worldOf } from './world.testkit.ts';

const judged = (edit: (world: World) => void): unknown => {
  const world = worldOf('pair');
  edit(world);
  const { agreement, request, nowMs } = sealWorld(world);
  return judgeApprovals(agreement.agreement, request, nowMs);
};
const first = (world: World) => world.approvals[0] as World['approvals'][number];

test('good ones, and too few of them: nothing failed', () => {
  expect(judged(() => undefined)).toEqual([]);
  expect(judged((world) => void (world.approvals = []))).toEqual([]);
});

test('one that does not count is a failed clause', () => {
  expect(judged((world) => void (first(world).key = 'alba/approver-2'))).toEqual([
    { clause: 'parties.0.officers', code: 'approval.signature', at: 'request.approvals.0' },
  ]);
  expect(
    judged((world) => void ((world.nowMs += 1), (first(world).change = { expiresAtMs: world.nowMs }))),
  ).toEqual([{ clause: 'parties.0.officers', code: 'approval.expired', at: 'request.approvals.0' }]);
});

test('a request whose text was changed after its requester signed it', () => {
  const { agreement, request, nowMs } = sealWorld(worldOf('pair'));
  const changed = { ...request, retentionDays: request.retentionDays - 1, approvals: [] };
  expect(judgeApprovals(agreement.agreement, changed, nowMs)).toEqual([
    { clause: 'parties.0.officers', code: 'requester.signature', at: 'request.requesterSignature' },
  ]);
});

test('a request that was just signed is approved by nobody yet', () => {
  const { request } = sealWorld(worldOf('pair'));
  const signed = signRequest(request, signerOf('alba/ana'));
  expect(signed).toEqual({ ...request, approvals: [] });
});

test('a signature says who asks, and is no approval', () => {
  const { agreement, request, nowMs } = sealWorld(worldOf('pair'));
  const [first] = request.approvals as [Approval];
  const taken = { ...request, requesterSignature: first.signature, approvals: [] };
  expect(judgeApprovals(agreement.agreement, taken, nowMs).map(({ code }) => code)).toEqual([
    'requester.signature',
  ]);
  // The other way round, by an officer who may do both by name only.
  const approval = { ...first, officer: 'ana', signature: request.requesterSignature };
  const codes = judgeApprovals(agreement.agreement, { ...request, approvals: [approval] }, nowMs);
  expect(codes.map(({ code }) => code)).toEqual(['approval.requester']);
});

test('judged by itself, with the keys that replaced those of the agreement', () => {
  const { agreement, request } = sealWorld(worldOf('pair'));
  const key = { of: 'alba', officer: 'ana', publicKey: keyOf('alba/new') };
  expect(judgeRequester(agreement.agreement, request, [])).toEqual([]);
  expect(judgeRequester(agreement.agreement, request, [key]).map(({ code }) => code)).toEqual([
    'requester.signature',
  ]);
});

test('what is signed is the hash of the request without approvals, in its domain', () => {
  const { request } = sealWorld(worldOf('pair'));
  const { approvals, requesterSignature: _, ...body } = request;
  const id = encodeHex(domainHash('request', canonicalBytes(body)));
  expect(requestId(request)).toBe(id);
  expect(approvals.map((one) => one.request)).toEqual([id, id, id]);
});

test('documents are checked before they are judged', () => {
  const { request } = sealWorld(worldOf('pair'));
  expect(checkRequestShape(request)).toEqual({ value: request, problems: [] });
  expect(checkRequestShape({ ...request, tier: 'x' }).problems).toEqual([
    { path: 'tier', code: 'term.unknown' },
  ]);
  const [approval] = request.approvals;
  expect(checkApprovalShape(approval)).toEqual({ value: approval, problems: [] });
  expect(checkApprovalShape({ ...approval, id: '' }).problems).toEqual([{ path: 'id', code: 'text.form' }]);
});
