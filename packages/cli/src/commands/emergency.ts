/**
 * `tallystick emergency declare | review | tell | list`.
 *
 * Purpose: officers and bodies sign in their own directories, a node tells. Assumes: this machine's clock.
 * Does not know: how stations tell each other, what a decision makes of it.
 */
import { resolve } from 'node:path';
import { systemClock } from '@tallystick/host/clock';
import type { EmergencyReport } from '@tallystick/host/emergencies';
import {
  findingTerms,
  groundTerms,
  readStrictJson,
  type StandingAgreement,
  standingId,
  verifySigned,
} from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import {
  applyEmergency,
  emergencyTexts,
  type EmergencyMessage,
  signEmergency,
} from '@tallystick/protocol/policy';
import { canonicalBytes } from '@tallystick/protocol/wire';
import { readText, requireAgreement } from '../agreement/files.ts';
import { instantText } from '../approve/words.ts';
import type { Call, Run } from '../args/types.ts';
import { nodeOf } from '../control/index.ts';
import { type Style, styleFor } from '../render/text.ts';
import { problemLines, writeNew } from './agreement.ts';
import { choice } from './common.ts';
import { openIdentity } from './identity.ts';

const missing = (what: string): TallyError => new TallyError('argument.invalid', `--${what} is missing`);

async function signedAgreement({ options, io }: Call): Promise<StandingAgreement> {
  const file = options.text('agreement');
  if (file === undefined) throw missing('agreement');
  const { agreement, signatures } = await requireAgreement(resolve(io.cwd, file));
  const { problems } = verifySigned({ agreement, signatures });
  if (problems.length === 0) return agreement;
  throw new TallyError('agreement.invalid', `${file}: ${problemLines(problems).join('; ')}`);
}

/** What the officer or body of the directory signs, written to --out. */
async function signMessage(
  call: Call,
  make: (publicKey: string, sign: (message: Uint8Array) => Uint8Array) => EmergencyMessage,
): Promise<EmergencyMessage> {
  const out = call.options.text('out');
  if (out === undefined) throw missing('out');
  const { identity, release } = await openIdentity(call);
  try {
    const key = Buffer.from(identity.publicKey).toString('hex');
    const message = make(key, (bytes) => identity.sign(bytes));
    await writeNew(resolve(call.io.cwd, out), `${new TextDecoder().decode(canonicalBytes(message))}\n`);
    return message;
  } finally {
    await release();
  }
}

/** The emergency's id, and that nobody has heard of it yet. */
function printSigned({ options, io }: Call, what: string, emergency: string): void {
  io.err.write(`${what}, and told to nobody: \`tallystick emergency tell FILE --data NODE\`\n`);
  const out = resolve(io.cwd, options.text('out') ?? '');
  io.out.write(`${options.on('json') ? JSON.stringify({ emergency, out }) : emergency}\n`);
}

const nobody = (who: string): TallyError =>
  new TallyError('emergency.refused', `--data: the agreement names no ${who} with the key of this directory`);

export const declareRun: Run = async (call) => {
  const { options } = call;
  const agreement = await signedAgreement(call);
  const grounds = choice(options, 'grounds', groundTerms);
  if (grounds === undefined) throw missing('grounds');
  const nowMs = systemClock.nowMs();
  let id = '';
  await signMessage(call, (key, sign) => {
    const party = agreement.parties.find(({ officers }) => officers.some((one) => one.publicKey === key));
    const officer = party?.officers.find(({ publicKey }) => publicKey === key);
    if (party === undefined || officer === undefined) throw nobody('officer');
    const head = { agreement: standingId(agreement), of: party.id, officer: officer.id };
    const message = signEmergency({ type: 'declare', ...head, grounds, atMs: nowMs }, sign);
    // What every station would refuse is not written.
    const outcome = applyEmergency({ agreement, keys: [], nowMs }, [], message);
    if (outcome.kind === 'refused')
      throw new TallyError('emergency.refused', outcome.reasons.map((one) => emergencyTexts[one]).join('; '));
    if (outcome.kind === 'applied') id = outcome.emergencies[0]?.id ?? '';
    return message;
  });
  printSigned(call, 'declared', id);
  return 0;
};

export const reviewRun: Run = async (call) => {
  const { args, options } = call;
  const emergency = (args[0] as string).toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(emergency))
    throw new TallyError('argument.invalid', 'EMERGENCY: want the 64 characters of its id');
  const agreement = await signedAgreement(call);
  const finding = choice(options, 'finding', findingTerms);
  if (finding === undefined) throw missing('finding');
  await signMessage(call, (key, sign) => {
    const body = agreement.oversight.find(({ publicKey }) => publicKey === key);
    if (body === undefined) throw nobody('oversight body');
    if (!body.powers.includes('authorise'))
      throw new TallyError('emergency.refused', `${body.id}: ${emergencyTexts['body.power']}`);
    return signEmergency(
      {
        type: 'review',
        agreement: standingId(agreement),
        by: body.id,
        emergency,
        finding,
        atMs: systemClock.nowMs(),
      },
      sign,
    );
  });
  printSigned(call, 'reviewed', emergency);
  return 0;
};

export const tellRun: Run = async (call) => {
  const { args, options, io } = call;
  const path = resolve(io.cwd, args[0] as string);
  const { value, problems } = readStrictJson(await readText(path));
  if (problems.length > 0) throw new TallyError('argument.invalid', `${path}: ${problemLines(problems)[0]}`);
  const done = await nodeOf(call).call('emergency.take', { message: value });
  if (options.on('json')) io.out.write(`${JSON.stringify(done)}\n`);
  else {
    io.out.write(`${done.isNew ? 'taken' : 'known before'}; told ${done.told.join(', ') || 'nobody'}\n`);
    if (done.missed.length > 0)
      io.out.write(`not reached, and told as soon as they are there: ${done.missed.join(', ')}\n`);
  }
  return 0;
};

function standing(one: EmergencyReport, style: Style): string {
  const { review } = one;
  if (one.isLocking)
    return style.bad(`not reviewed by ${instantText(one.reviewDueAtMs)}: the tier is LOCKED`);
  const life = one.isInForce
    ? `in force until ${instantText(one.lapsesAtMs)}`
    : review?.finding === 'not-justified'
      ? 'ended by its review'
      : `lapsed ${instantText(one.lapsesAtMs)}`;
  if (review === null) return `${life}; review due ${instantText(one.reviewDueAtMs)}`;
  return `${life}; reviewed ${instantText(review.atMs)} by ${one.reviewedBy.join(', ')}: ${review.finding}`;
}

export const listRun: Run = async (call) => {
  const { options, io } = call;
  const all = await nodeOf(call).call('emergency.list', {});
  if (options.on('json')) io.out.write(`${JSON.stringify(all)}\n`);
  else if (all.length === 0) io.out.write('no emergencies\n');
  else {
    const style = styleFor(io.out.colour);
    for (const one of all) {
      io.out.write(
        `${style.bold(one.id)}\n  ${one.agreement.name}: ${one.grounds}, declared ${instantText(one.declaredAtMs)} by ${one.of}/${one.officer}\n  ${standing(one, style)}\n`,
      );
    }
  }
  return 0;
};
