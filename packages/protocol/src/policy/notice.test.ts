/** Notices: who tells a body of a request, by whose key, of what it is a part. */
import { expect, test } from 'vitest';
import { standingId } from '../agreement/signed.ts';
import { isSigned } from '../wire/canonical.ts';
import { parseNotice, signNotice } from './notice.ts';
import { requestId } from './request.ts';
import { hashOf, keyOf, signerOf } from './world-agreement.testkit.ts';
import { sealWorld, type World, worldOf } from './world.testkit.ts';

type Known = NonNullable<ReturnType<Parameters<typeof parseNotice>[2]>>;

function toldOf(edit: (world: World) => void = () => undefined) {
  const world = worldOf('pair');
  edit(world);
  const { agreement, request } = sealWorld(world);
  return { agreement: agreement.agreement, id: standingId(agreement.agreement), request };
}
const { agreement, id, request } = toldOf();
const known =
  (replaced: Known['replaced'] = []) =>
  (asked: string) =>
    asked === id ? { agreement, replaced } : undefined;
const noticeOf = (by: string, key = by, of = request) => signNotice(of, by, signerOf(key));

function refusal(from: string, value: unknown, of = known()): string {
  try {
    parseNotice(from, value, of);
    return '';
  } catch (thrown) {
    return `${(thrown as { code: string }).code} ${(thrown as Error).message}`;
  }
}

test('the proposer tells, and whoever was asked: each under its own name', () => {
  for (const by of ['alba', 'borea']) {
    const notice = noticeOf(by);
    expect(parseNotice(by, notice, known())).toEqual(notice);
    const body = { by, request: requestId(request) };
    expect(isSigned('notice', body, notice.signature, keyOf(by))).toBe(true);
    expect(notice.request).toEqual(request);
  }
});

test('a proposer that brings no list tells, too', () => {
  const other = toldOf((world) => void (world.request.proposer = 'cedra'));
  expect(refusal('cedra', noticeOf('cedra', 'cedra', other.request))).toBe('');
});

const good = noticeOf('alba');
const stranger = toldOf((world) => void (world.request.proposer = 'delta')).request;
test.each<[string, string, unknown, string]>([
  ['no document', 'alba', null, 'wire.message request: fields do not match'],
  ['no request', 'alba', { signature: good.signature }, 'wire.message request: fields do not match'],
  [
    'a request of another form',
    'alba',
    { ...good, request: { ...request, extra: 1 } },
    'wire.message request: fields do not match',
  ],
  [
    'an agreement that is not held',
    'alba',
    noticeOf('alba', 'alba', { ...request, agreement: hashOf('another') }),
    'agreement.unknown request.agreement: not installed here',
  ],
  [
    'by a party that has no part in it',
    'cedra',
    noticeOf('cedra'),
    'wire.message request: cedra has no part in it',
  ],
  [
    'by a proposer that is no party',
    'delta',
    noticeOf('delta', 'delta', stranger),
    'notice.invalid notice: by: delta is no party of the agreement',
  ],
  ['without a signature', 'alba', { request }, 'notice.invalid notice: signature: want 128 hex digits'],
  [
    'a signature that is a number',
    'alba',
    { ...good, signature: 7 },
    'notice.invalid notice: signature: want 128 hex digits',
  ],
  [
    'a signature in a list',
    'alba',
    { ...good, signature: [good.signature] },
    'notice.invalid notice: signature: want 128 hex digits',
  ],
  [
    'more after the signature',
    'alba',
    { ...good, signature: `${good.signature}00` },
    'notice.invalid notice: signature: want 128 hex digits',
  ],
  [
    'more before it',
    'alba',
    { ...good, signature: `00${good.signature}` },
    'notice.invalid notice: signature: want 128 hex digits',
  ],
  [
    "by another's key",
    'alba',
    noticeOf('alba', 'borea'),
    'notice.invalid notice: signature: does not verify under the key of alba',
  ],
  [
    "another's notice",
    'borea',
    good,
    'notice.invalid notice: signature: does not verify under the key of borea',
  ],
  [
    'of another request',
    'alba',
    { ...good, request: { ...request, retentionDays: 1 } },
    'notice.invalid notice: signature: does not verify under the key of alba',
  ],
])('refused: %s', (_, from, value, want) => {
  expect(refusal(from, value)).toBe(want);
});

test('a key that was replaced tells no more, and the new one does', () => {
  const replaced = known([{ of: 'alba', officer: null, publicKey: keyOf('alba-2') }]);
  expect(refusal('alba', noticeOf('alba', 'alba-2'), replaced)).toBe('');
  expect(refusal('alba', good, replaced)).toContain('signature: does not verify');
});
