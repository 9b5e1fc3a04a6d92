/** `tallystick approve`: what is shown, what is signed, and who may not. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StandingAgreement, standingId } from '@tallystick/protocol/agreement';
import { unlockDirectory } from '@tallystick/host/directory';
import { systemRandom } from '@tallystick/host/random';
import {
  type PolicyRequest,
  type RequestDraft,
  requestId,
  signApproval,
  signRequest,
} from '@tallystick/protocol/policy';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeSigned } from '../../packages/cli/src/agreement/files.ts';
import { requestLines } from '../../packages/cli/src/approve/words.ts';
import { agreementOf, signerOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import { sealWorld, signAll, worldOf } from '../../packages/protocol/src/policy/world.testkit.ts';
import { cli } from '../cli/helpers.ts';

let folder = '';
let agreement: StandingAgreement;
let request: PolicyRequest;
let signAsAna: (message: Uint8Array) => Uint8Array;
const hour = 3_600_000;
const at = (name: string): string => join(folder, name);
const secret = (id: string): string[] => ['--data', at(id), '--key-file', at(`${id}.key`)];
const run = (...args: string[]) => cli(['approve', ...args], { cwd: folder });

/** The request of the tests' world, as if it had been made now. */
function requestNow(change: Partial<RequestDraft> = {}): PolicyRequest {
  const createdAtMs = Date.now();
  const times = { createdAtMs, expiresAtMs: createdAtMs + hour };
  const made = sealWorld(worldOf('pair')).request;
  return signRequest({ ...made, ...times, agreement: standingId(agreement), ...change }, signAsAna);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ts-approve-'));
  agreement = agreementOf();
  const alba = agreement.parties[0] as StandingAgreement['parties'][number];
  for (const id of ['ana', 'approver-1', 'stranger']) {
    expect((await cli(['init', id, ...secret(id)])).code).toBe(0);
    const { out } = await cli(['agreement', 'key', ...secret(id)]);
    const officer = alba.officers.find((one) => one.id === id);
    if (officer !== undefined) officer.publicKey = (JSON.parse(out) as { publicKey: string }).publicKey;
  }
  const ana = await unlockDirectory(at('ana'), { kind: 'file', path: at('ana.key') }, systemRandom);
  ana.store.close();
  signAsAna = (message) => ana.identity.sign(message);
  request = requestNow();
  await writeFile(at('agreement.json'), encodeSigned(signAll(agreement)));
  await writeFile(at('request.json'), JSON.stringify(request));
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const verify = (approval: string, file = 'request.json') =>
  run('verify', approval, '--request', file, '--agreement', 'agreement.json', '--json');
const codesOf = (out: string): string[] =>
  (JSON.parse(out) as { failed: { code: string }[] }).failed.map(({ code }) => code);

describe('approve', () => {
  test('shows the request, signs it, and the signature counts for it and nothing else', async () => {
    const id = requestId(request).slice(0, 8);
    const done = await run(
      'request.json',
      '--agreement',
      'agreement.json',
      '--id',
      id,
      '--out',
      'good.json',
      ...secret('approver-1'),
    );
    expect(done).toMatchObject({ code: 0 });
    for (const line of requestLines(request, agreement)) expect(done.err).toContain(line);
    expect(done.err).toContain('approved by alba/approver-1');
    expect(await verify('good.json')).toMatchObject({
      code: 0,
      out: expect.stringContaining('"counts":true') as string,
    });
    await writeFile(at('other.json'), JSON.stringify(requestNow({ retentionDays: 11 })));
    const other = await verify('good.json', 'other.json');
    expect(other.code).toBe(4);
    expect(codesOf(other.out)).toEqual(['approval.other-request']);
  });

  test('a request that its requester has not signed is approved by nobody who has the agreement', async () => {
    await writeFile(at('forged.json'), JSON.stringify({ ...request, requesterSignature: '00'.repeat(64) }));
    const given = ['--agreement', 'agreement.json', '--id', requestId(request), '--out', 'none.json'];
    const done = await run('forged.json', ...given, ...secret('approver-1'));
    expect(done).toMatchObject({ code: 4, out: '' });
    expect(done.err).toContain('(requester.signature)');
    expect(codesOf((await verify('good.json', 'forged.json')).out)).toEqual(['requester.signature']);
  });

  test('without the agreement it says what it did not check; --expires is heard', async () => {
    const done = await run(
      'request.json',
      '--of',
      'alba',
      '--id',
      requestId(request),
      '--expires',
      '3',
      '--out',
      'bare.json',
      ...secret('approver-1'),
    );
    expect(done.err).toContain('role and key were not checked');
    expect(done.code).toBe(0);
    const { expiresAtMs } = JSON.parse(await readFile(at('bare.json'), 'utf8')) as { expiresAtMs: number };
    expect(expiresAtMs).toBeGreaterThan(request.expiresAtMs);
    expect((await verify('bare.json')).code).toBe(0);
  });

  test.each<[string, string[], string, string]>([
    ['nobody approves what they have not read', [], 'approver-1', '--id is missing'],
    ['the id of another request', ['--id', '00000000'], 'approver-1', '--id: want the id'],
    ['the requester', ['--id', 'own'], 'ana', 'the requester may not approve'],
    ['whom the agreement does not name', ['--id', 'own'], 'stranger', 'names nobody with the key'],
    [
      'under the name of an officer whose key it is not',
      ['--id', 'own', '--of', 'alba', '--officer', 'approver-2'],
      'stranger',
      'approval.signature',
    ],
    ['a colleague of another role', ['--id', 'own', '--officer', 'keeper'], 'approver-1', 'approval.role'],
    ['without --out', ['--id', 'own'], 'approver-1', '--out is missing'],
    ['hours that are none', ['--id', 'own', '--expires', '0'], 'approver-1', '--expires'],
  ])('refuses: %s', async (name, args, who, message) => {
    const given = args.map((one) => (one === 'own' ? requestId(request) : one));
    const out = name === 'without --out' ? [] : ['--out', 'none.json'];
    const done = await run('request.json', '--agreement', 'agreement.json', ...given, ...out, ...secret(who));
    expect(done.err).toContain(message);
    expect(done).toMatchObject({ out: '' });
    expect(done.code).not.toBe(0);
    await expect(readFile(at('none.json'))).rejects.toThrow('ENOENT');
  });

  test('refuses the requester without an agreement, an expired request, a draft, and what is no request', async () => {
    const given = ['--id', requestId(request), '--out', 'none.json'];
    const own = await run('request.json', ...given, '--of', 'alba', ...secret('ana'));
    expect(own).toMatchObject({ code: 4, out: '' });
    await writeFile(at('old.json'), JSON.stringify(requestNow({ expiresAtMs: 1 })));
    expect((await run('old.json', ...given, '--of', 'alba', ...secret('approver-1'))).err).toContain(
      'expired',
    );
    await writeFile(at('draft.jsonc'), JSON.stringify(agreement));
    const draft = await run('request.json', ...given, '--agreement', 'draft.jsonc', ...secret('approver-1'));
    expect(draft.err).toContain('signature.missing');
    for (const [text, word] of [
      ['{', 'not JSON'],
      [JSON.stringify({ ...request, extra: 1 }), 'extra'],
      [
        JSON.stringify(request).replace('"tier"', '"tier":"imminent","tier"'),
        'tier: this field stands twice',
      ],
    ] as const) {
      await writeFile(at('broken.json'), text);
      const broken = await run('broken.json', ...given, '--of', 'alba', ...secret('approver-1'));
      expect(broken).toMatchObject({ code: 2, out: '' });
      expect(broken.err).toContain(word);
    }
  });
});

test('verify names what is wrong: a changed byte, a past hour, a stranger', async () => {
  const body = {
    id: 'ab'.repeat(16),
    of: 'borea',
    officer: 'approver-1',
    request: requestId(request),
    expiresAtMs: Date.now() + hour,
  };
  const sign = signerOf('borea/approver-1');
  for (const [approval, ...codes] of [
    [signApproval(body, sign)],
    [{ ...signApproval(body, sign), expiresAtMs: body.expiresAtMs + 1 }, 'approval.signature'],
    [signApproval({ ...body, expiresAtMs: 1 }, sign), 'approval.expired'],
    [signApproval({ ...body, officer: 'nobody' }, sign), 'approval.unknown'],
  ] as const) {
    await writeFile(at('approval.json'), JSON.stringify(approval));
    const done = await verify('approval.json');
    expect(codesOf(done.out)).toEqual(codes);
    expect(done.code).toBe(codes.length === 0 ? 0 : 4);
  }
});

test('every field of a request is shown', () => {
  const shown = (change: Partial<PolicyRequest>): string =>
    requestLines({ ...request, ...change }, undefined)
      .slice(1)
      .join('\n');
  const numbers = sealWorld(worldOf('numbers')).request;
  const threat = sealWorld(worldOf('threat')).request;
  for (const field of Object.keys(request) as (keyof PolicyRequest)[]) {
    // The nonce says nothing to a reader; it is in the id. A signature is checked, not read.
    if (field === 'nonce' || field === 'requesterSignature') continue;
    const texts = [request, numbers, threat].map((one) => shown({ [field]: one[field] }));
    const differs = new Set([request, numbers, threat].map((one) => JSON.stringify(one[field]))).size > 1;
    if (differs) expect(new Set(texts).size, field).toBeGreaterThan(1);
    else
      expect(field).toMatch(
        /^(agreement|proposer|requester|caseCommitment|suite|subject|recipes|recipeVersion|retentionDays|createdAtMs|expiresAtMs|verified|approvals)$/,
      );
  }
  for (const [field, value] of [
    ['agreement', 'ff'.repeat(32)],
    ['proposer', 'cedra'],
    ['requester', 'eva'],
    ['caseCommitment', 'ee'.repeat(32)],
    ['suite', 'other'],
    ['subject', 'any'],
    ['recipes', ['name']],
    ['recipeVersion', 7],
    ['retentionDays', 77],
    ['createdAtMs', 1],
    ['expiresAtMs', 2],
    ['verified', false],
  ] as const)
    expect(shown({ [field]: value }), field).not.toBe(shown({}));
});
