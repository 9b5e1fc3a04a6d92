/**
 * `tallystick membership …`: what a member says of an agreement after signing, and what the others said.
 *
 * Purpose: one command a message; each says in words what it does before and after.
 * Assumes: the node runs, and whoever owns it may speak for it. Does not know: how members reach each other.
 */
import { resolve } from 'node:path';
import { systemClock } from '@tallystick/host/clock';
import type { Said } from '@tallystick/host/membership';
import { instantMs, standingId } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import { provePossession, suspensionReasons } from '@tallystick/protocol/membership';
import { requireAgreement } from '../agreement/files.ts';
import type { Call, Run } from '../args/types.ts';
import { nodeOf } from '../control/index.ts';
import { saidText, statusLines } from '../membership/words.ts';
import { styleFor } from '../render/text.ts';
import { choice } from './common.ts';
import { confirmRead } from './confirm.ts';
import { openNewIdentity } from './identity-replace.ts';

const agreementOf = (call: Call): string => call.args[0] as string;

function tell({ io, options }: Call, what: string, said: Said): undefined {
  io.out.write(options.on('json') ? `${JSON.stringify(said)}\n` : `${saidText(what, said)}\n`);
}

export const statusRun: Run = async (call) => {
  const { io, options, args } = call;
  const params = args[0] === undefined ? {} : { agreement: args[0] };
  const all = await nodeOf(call).call('membership.status', params);
  const style = styleFor(io.out.colour);
  if (options.on('json')) io.out.write(`${JSON.stringify(all)}\n`);
  else if (all.length === 0) io.out.write('no agreement is installed of which this station is a member\n');
  else {
    const pages = all.map((one) => statusLines(one, systemClock.nowMs(), style).join('\n'));
    io.out.write(`${pages.join('\n\n')}\n`);
  }
  const current = all.filter(({ time }) => time !== 'over');
  return current.length > 0 && current.every(({ standing }) => standing === 'open') ? 0 : 2;
};

export const affirmRun: Run = async (call) => {
  const { io, options } = call;
  const status = await nodeOf(call).call('membership.affirm', { agreement: agreementOf(call) });
  if (options.on('json')) io.out.write(`${JSON.stringify(status)}\n`);
  else io.out.write(`${statusLines(status, systemClock.nowMs(), styleFor(io.out.colour)).join('\n')}\n`);
  return 0;
};

export const suspendRun: Run = async (call) => {
  const reason = choice(call.options, 'reason', suspensionReasons);
  if (reason === undefined) {
    throw new TallyError('argument.invalid', `--reason is missing: one of ${suspensionReasons.join(', ')}`);
  }
  const said = await nodeOf(call).call('membership.suspend', { agreement: agreementOf(call), reason });
  return tell(call, 'suspended: from now on nothing runs under it here, nor where this is heard', said);
};

export const resumeRun: Run = async (call) => {
  const said = await nodeOf(call).call('membership.resume', { agreement: agreementOf(call) });
  return tell(
    call,
    'lifted, as far as this station is concerned; sessions run when all have lifted it',
    said,
  );
};

export const withdrawRun: Run = async (call) => {
  const node = nodeOf(call);
  const [status] = await node.call('membership.status', { agreement: agreementOf(call) });
  const agreement = status?.agreement ?? '';
  await confirmRead(
    call,
    agreement,
    'the agreement that is left for good',
    '`tallystick membership status` prints',
  );
  const said = await node.call('membership.withdraw', { agreement });
  return tell(call, 'withdrawn, for good: this station takes part in no session under it any more', said);
};

export const renewRun: Run = async (call) => {
  const { io, args } = call;
  const node = nodeOf(call);
  const [status] = await node.call('membership.status', { agreement: agreementOf(call) });
  const path = resolve(io.cwd, args[1] as string);
  const { agreement: next, signatures } = await requireAgreement(path);
  const self = status?.members.find(({ isSelf }) => isSelf)?.id;
  if (next.supersedes !== status?.agreement) {
    throw new TallyError('argument.invalid', `${path}: supersedes another agreement than this one`);
  }
  if (!signatures.some(({ by }) => by === self)) {
    throw new TallyError('argument.invalid', `${path}: ${self ?? 'this station'} has not signed it`);
  }
  const id = standingId(next);
  const fromMs = instantMs(next.notBefore) ?? 0;
  const said = await node.call('membership.renew', { agreement: next.supersedes, next: id, fromMs });
  return tell(
    call,
    `signed the next version, ${id}; once all have said so, it alone is in force from ${next.notBefore}`,
    said,
  );
};

export const rotateRun: Run = async (call) => {
  const node = nodeOf(call);
  const officer = call.options.text('officer') ?? null;
  const { agreement, from, sequence } = await node.call('membership.claim', { agreement: agreementOf(call) });
  const { identity, release } = await openNewIdentity(call);
  try {
    const publicKey = Buffer.from(identity.publicKey).toString('hex');
    if (officer === null && identity.id !== from) {
      throw new TallyError(
        'argument.invalid',
        `--new: want a directory of ${from}, got one of ${identity.id}`,
      );
    }
    const claim = { type: 'rotate' as const, agreement, from, sequence, officer, publicKey, atMs: 0 };
    const possession = provePossession(claim, (message) => identity.sign(message));
    const said = await node.call('membership.rotate', { agreement, officer, publicKey, possession });
    return tell(
      call,
      officer === null
        ? `named a new key of this station, ${identity.fingerprint}: every other member compares it by another way, and accepts it`
        : `officer ${officer} has a new key from now on`,
      said,
    );
  } finally {
    await release();
  }
};

export const acceptRun: Run = async (call) => {
  const [agreement, of, fingerprint] = call.args as [string, string, string];
  const said = await nodeOf(call).call('membership.accept', { agreement, of, fingerprint });
  return tell(
    call,
    `accepted the new key of ${of}; when it is in use, pin it: see \`tallystick peer add --help\``,
    said,
  );
};
