/**
 * `tallystick agreement status`: whether an agreement stands, is in force, and what its members have said since.
 *
 * Purpose: signatures, time, and the membership messages of a file, one JSON object a line, in the order they came.
 * Assumes: this machine's clock. Does not know: how messages travel; what a running node heard is `membership status`.
 */
import { resolve } from 'node:path';
import { systemClock } from '@tallystick/host/clock';
import {
  instantMs,
  missingSignatures,
  readStrictJson,
  type SignedAgreement,
  signersOf,
  standingId,
  wrongSignatures,
} from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import {
  applyMembership,
  emptyMembership,
  type Membership,
  policyMembership,
} from '@tallystick/protocol/membership';
import { readText, requireAgreement } from '../agreement/files.ts';
import type { Run } from '../args/types.ts';
import { problemLines } from './agreement.ts';

const dayMs = 86_400_000;

type Time = 'not-yet' | 'in-force' | 'over';

function timeOf({ agreement }: SignedAgreement, nowMs: number): Time {
  if (nowMs < (instantMs(agreement.notBefore) ?? Infinity)) return 'not-yet';
  return nowMs < (instantMs(agreement.notAfter) ?? -Infinity) ? 'in-force' : 'over';
}

interface Folded {
  readonly membership: Membership;
  /** What was not taken: the line and why. */
  readonly refused: readonly { readonly line: number; readonly reasons: readonly string[] }[];
}

/** @throws TallyError `file.*`. */
async function foldFile(signed: SignedAgreement, path: string): Promise<Folded> {
  let membership = emptyMembership(signed);
  const refused: { line: number; reasons: readonly string[] }[] = [];
  const lines = (await readText(path)).split('\n');
  for (const [i, text] of lines.entries()) {
    if (text.trim() === '') continue;
    const { value, problems } = readStrictJson(text);
    const outcome = problems.length > 0 ? undefined : applyMembership(membership, value);
    if (outcome?.kind === 'applied') membership = outcome.membership;
    else if (outcome?.kind === 'forked') {
      membership = outcome.membership;
      refused.push({ line: i + 1, reasons: ['message.forked'] });
    } else refused.push({ line: i + 1, reasons: outcome?.reasons ?? problems.map(({ code }) => code) });
  }
  return { membership, refused };
}

function timeText(time: Time, { agreement }: SignedAgreement, nowMs: number): string {
  if (time === 'not-yet') return `in force from ${agreement.notBefore}`;
  if (time === 'over') return `ended ${agreement.notAfter}`;
  const days = Math.floor(((instantMs(agreement.notAfter) ?? nowMs) - nowMs) / dayMs);
  return `in force until ${agreement.notAfter}, ${days} days`;
}

function memberLines({ membership, refused }: Folded): string[] {
  const { suspendedBy, withdrawn, renewed } = policyMembership(membership, '');
  return [
    suspendedBy.length === 0 ? 'not suspended' : `suspended by ${suspendedBy.join(', ')}`,
    ...(withdrawn.length === 0 ? [] : [`withdrawn: ${withdrawn.join(', ')}`]),
    ...renewed.map(({ next, fromMs }) => `renewed by all as ${next}, from ${new Date(fromMs).toISOString()}`),
    ...refused.map(({ line, reasons }) => `message on line ${line} refused: ${reasons.join(', ')}`),
  ];
}

export const run: Run = async ({ args, options, io }) => {
  const path = resolve(io.cwd, args[0] as string);
  const signed = await requireAgreement(path);
  if (signed.isDraft) throw new TallyError('argument.invalid', `${path}: a draft, which nobody has signed`);
  const nowMs = systemClock.nowMs();
  const time = timeOf(signed, nowMs);
  const wrong = wrongSignatures(signed);
  const missing = missingSignatures(signed);
  const messages = options.text('messages');
  const folded = messages === undefined ? undefined : await foldFile(signed, resolve(io.cwd, messages));
  const members = folded === undefined ? undefined : policyMembership(folded.membership, '');
  const isGood =
    time === 'in-force' &&
    wrong.length + missing.length === 0 &&
    (members === undefined || members.suspendedBy.length === 0) &&
    members?.renewed.every(({ fromMs }) => nowMs < fromMs) !== false &&
    (folded?.refused.length ?? 0) === 0;
  if (options.on('json')) {
    const { name, version } = signed.agreement;
    const said = folded === undefined ? null : { ...members, refused: folded.refused };
    const facts = { id: standingId(signed.agreement), name, version, time, wrong, missing, members: said };
    io.out.write(`${JSON.stringify(facts)}\n`);
    return isGood ? 0 : 2;
  }
  const { agreement, signatures } = signed;
  io.out.write(
    `${agreement.title}: ${agreement.name}, version ${agreement.version}\nid ${standingId(agreement)}\n`,
  );
  io.out.write(`${timeText(time, signed, nowMs)}\n`);
  io.out.write(`signatures: ${signatures.length} of ${signersOf(agreement).length}\n`);
  for (const line of problemLines([...wrong, ...missing])) io.out.write(`  ${line}\n`);
  for (const line of folded === undefined ? ['no messages given: --messages FILE'] : memberLines(folded))
    io.out.write(`${line}\n`);
  return isGood ? 0 : 2;
};
