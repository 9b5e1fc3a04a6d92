/**
 * `tallystick agreement key | sign`: what an agreement needs of a data directory's identity.
 *
 * Purpose: print the key that an agreement names; put this identity's signature under an agreement.
 * Assumes: no node runs in the directory. Does not know: other signers.
 */
import { resolve } from 'node:path';
import { writePrivateFile } from '@tallystick/host/files';
import { signersOf, signStanding, standingId, wrongSignatures } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import { encodeSigned, requireAgreement } from '../agreement/files.ts';
import type { Run } from '../args/types.ts';
import { problemLines, writeNew } from './agreement.ts';
import { confirmRead } from './confirm.ts';
import { openIdentity } from './identity.ts';

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export const keyRun: Run = async (call) => {
  const { identity, release } = await openIdentity(call);
  try {
    const { id, fingerprint, publicKey } = identity;
    call.io.out.write(`${JSON.stringify({ id, fingerprint, publicKey: hexOf(publicKey) })}\n`);
    return 0;
  } finally {
    await release();
  }
};

export const signRun: Run = async (call) => {
  const { args, options, io } = call;
  const path = resolve(io.cwd, args[0] as string);
  const { agreement, signatures, isDraft } = await requireAgreement(path);
  const wrong = wrongSignatures({ agreement, signatures });
  if (wrong.length > 0)
    throw new TallyError('agreement.invalid', `${path}: ${problemLines(wrong).join('; ')}`);
  const out = options.text('out');
  if (isDraft && out === undefined) {
    throw new TallyError(
      'argument.invalid',
      '--out is missing: where the signed agreement is written; a draft stays as it is',
    );
  }
  const id = standingId(agreement);
  await confirmRead(call, id, 'this agreement', '`tallystick agreement show` prints');
  const { identity, release } = await openIdentity(call);
  try {
    const publicKey = hexOf(identity.publicKey);
    const place = signersOf(agreement).find((signer) => signer.id === identity.id);
    if (place === undefined || place.publicKey !== publicKey) {
      throw new TallyError(
        'argument.invalid',
        `${path}: does not name ${identity.id} with the key of this directory`,
      );
    }
    const others = signatures.filter(({ by }) => by !== identity.id);
    const own = signStanding(agreement, identity.id, publicKey, (message) => identity.sign(message));
    const bytes = encodeSigned({ agreement, signatures: [...others, own] });
    if (out === undefined) await writePrivateFile(path, bytes);
    else await writeNew(resolve(io.cwd, out), bytes);
    const [count, needed] = [others.length + 1, signersOf(agreement).length];
    if (options.on('json')) {
      const file = out === undefined ? path : resolve(io.cwd, out);
      const told = { id, signedBy: identity.id, signatures: count, needed, out: file };
      io.out.write(`${JSON.stringify(told)}\n`);
    } else {
      io.err.write(`signed by ${identity.id}: ${count} of ${needed} signatures\n`);
      io.out.write(`${id}\n`);
    }
    return 0;
  } finally {
    await release();
  }
};
