/**
 * `tallystick approve | approve verify`: approvals, on disk.
 *
 * Purpose: an officer reads a request in words and signs its id; anybody checks such a signature.
 * Assumes: this machine's clock; the officer's own data directory. Does not know: nodes, what was used before.
 */
import { resolve } from 'node:path';
import { systemClock } from '@tallystick/host/clock';
import { systemRandom } from '@tallystick/host/random';
import { type StandingAgreement, standingId, verifySigned } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import {
  denialTexts,
  judgeApprovals,
  type PolicyRequest,
  requestId,
  signApproval,
} from '@tallystick/protocol/policy';
import { requireAgreement } from '../agreement/files.ts';
import { approvalText, readApproval, readRequest } from '../approve/files.ts';
import { instantText, requestLines } from '../approve/words.ts';
import type { Call, Run } from '../args/types.ts';
import { problemLines, writeNew } from './agreement.ts';
import { wholeNumber } from './common.ts';
import { confirmRead } from './confirm.ts';
import { openIdentity } from './identity.ts';

const hourMs = 3_600_000;
const longestHours = 720;
const approvalIdBytes = 16;

/** The agreement of --agreement, signed by all and the one that the request names. */
async function agreementFor(
  { options, io }: Call,
  request: PolicyRequest,
): Promise<StandingAgreement | undefined> {
  const file = options.text('agreement');
  if (file === undefined) return undefined;
  const { agreement, signatures } = await requireAgreement(resolve(io.cwd, file));
  const { problems } = verifySigned({ agreement, signatures });
  if (problems.length > 0)
    throw new TallyError('agreement.invalid', `${file}: ${problemLines(problems).join('; ')}`);
  if (standingId(agreement) !== request.agreement) {
    throw new TallyError('argument.invalid', '--agreement: not the one that the request names');
  }
  return agreement;
}

interface Officer {
  readonly of: string;
  readonly officer: string;
}

/** Who signs, as options, the directory and the agreement say together. @throws TallyError `argument.invalid`. */
function officerOf(
  { options }: Call,
  identity: { readonly id: string; readonly publicKey: Uint8Array },
  agreement: StandingAgreement | undefined,
): Officer {
  const key = Buffer.from(identity.publicKey).toString('hex');
  const found = agreement?.parties
    .flatMap(({ id, officers }) => officers.map((one) => ({ of: id, ...one })))
    .find(({ publicKey }) => publicKey === key);
  const of = options.text('of') ?? found?.of;
  const officer = options.text('officer') ?? found?.id ?? identity.id;
  if (of === undefined) {
    throw new TallyError(
      'argument.invalid',
      agreement === undefined
        ? '--of is missing: the party of the officer, or --agreement to look it up'
        : '--of is missing: the agreement names nobody with the key of this directory',
    );
  }
  return { of, officer };
}

function refuseRequester({ of, officer }: Officer, request: PolicyRequest): void {
  if (of !== request.proposer || officer !== request.requester) return;
  throw new TallyError(
    'agreement.denied',
    `--officer: ${of}/${officer} asks, and the requester may not approve`,
  );
}

function expiryOf({ options }: Call, request: PolicyRequest, nowMs: number): number {
  const hours = wholeNumber(options, 'expires', 1, longestHours);
  if (nowMs >= request.expiresAtMs)
    throw new TallyError('consent.expired', `request: expired ${instantText(request.expiresAtMs)}`);
  return hours === undefined ? request.expiresAtMs : nowMs + hours * hourMs;
}

/** Every failed clause of an approval as a line. */
const failureLines = (failed: ReturnType<typeof judgeApprovals>): string[] =>
  failed.map(({ clause, code }) => `${clause}: ${denialTexts[code as keyof typeof denialTexts]} (${code})`);

export const approveRun: Run = async (call) => {
  const { args, options, io } = call;
  const out = options.text('out');
  if (out === undefined)
    throw new TallyError('argument.invalid', '--out is missing: where the approval is written');
  const request = await readRequest(resolve(io.cwd, args[0] as string));
  const agreement = await agreementFor(call, request);
  const id = requestId(request);
  const nowMs = systemClock.nowMs();
  const expiresAtMs = expiryOf(call, request, nowMs);
  for (const line of requestLines(request, agreement)) io.err.write(`${line}\n`);
  await confirmRead(call, id, 'this request', 'stands above the request, once you have read it');
  const { identity, release } = await openIdentity(call);
  try {
    const who = officerOf(call, identity, agreement);
    refuseRequester(who, request);
    const body = {
      id: Buffer.from(systemRandom(approvalIdBytes)).toString('hex'),
      ...who,
      request: id,
      expiresAtMs,
    };
    const approval = signApproval(body, (message) => identity.sign(message));
    const failed =
      agreement === undefined ? [] : judgeApprovals(agreement, { ...request, approvals: [approval] }, nowMs);
    if (failed.length > 0) throw new TallyError('agreement.denied', failureLines(failed).join('; '));
    await writeNew(resolve(io.cwd, out), approvalText(approval));
    io.err.write(`approved by ${who.of}/${who.officer}, until ${instantText(expiresAtMs)}\n`);
    if (agreement === undefined) io.err.write('without --agreement: role and key were not checked\n');
    io.out.write(options.on('json') ? approvalText(approval) : `${approval.id}\n`);
    return 0;
  } finally {
    await release();
  }
};

export const verifyRun: Run = async (call) => {
  const { args, options, io } = call;
  const file = options.text('request');
  if (file === undefined)
    throw new TallyError('argument.invalid', '--request is missing: what the approval is for');
  const approval = await readApproval(resolve(io.cwd, args[0] as string));
  const request = await readRequest(resolve(io.cwd, file));
  const agreement = await agreementFor(call, request);
  if (agreement === undefined)
    throw new TallyError('argument.invalid', '--agreement is missing: it says whose signature counts');
  const failed = judgeApprovals(agreement, { ...request, approvals: [approval] }, systemClock.nowMs());
  const counts = failed.length === 0;
  const { of, officer, expiresAtMs } = approval;
  if (options.on('json')) {
    io.out.write(
      `${JSON.stringify({ counts, id: approval.id, of, officer, request: approval.request, expiresAtMs, failed })}\n`,
    );
  } else if (counts) {
    io.out.write(
      `counts: ${officer === null ? of : `${of}/${officer}`}, once, until ${instantText(expiresAtMs)}\n`,
    );
  } else for (const line of failureLines(failed)) io.out.write(`${line}\n`);
  return counts ? 0 : 4;
};
