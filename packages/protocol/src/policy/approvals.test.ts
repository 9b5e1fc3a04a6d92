/** What approvals sign, and what the agreement alone says of them, for whoever has no node at hand. */
import { expect, test } from 'vitest';
import { encodeHex } from '../bytes/index.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';
import { judgeApprovals } from './approvals.ts';
import { checkApprovalShape, checkRequestShape, requestId } from './request.ts';
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

test('what is signed is the hash of the request without approvals, in its domain', () => {
  const { request } = sealWorld(worldOf('pair'));
  const { approvals, ...body } = request;
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
