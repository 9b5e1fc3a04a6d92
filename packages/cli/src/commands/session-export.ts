/**
 * `tallystick session export`: the evidence of a session as a file.
 *
 * Purpose: for an auditor, without what opens a commitment to a stream; for an adjudicator, with it.
 * Assumes: the data directory is the caller's. Does not know: what evidence proves.
 */
import { resolve } from 'node:path';
import { writePrivateFile } from '@tallystick/host/files';
import { TallyError } from '@tallystick/protocol/errors';
import { encodeEvidence } from '@tallystick/protocol/evidence';
import type { Run } from '../args/types.ts';
import { ownEvidence } from './evidence-source.ts';

export const run: Run = async (call) => {
  const { options, io } = call;
  const out = options.text('out');
  if (out === undefined) throw new TallyError('argument.invalid', '--out FILE is missing');
  const path = resolve(io.cwd, out);
  const { evidence } = await ownEvidence(call, options.on('with-salts'));
  await writePrivateFile(path, encodeEvidence(evidence));
  const what = evidence.salts ? 'with salts: for an adjudicator alone' : 'without salts';
  io.out.write(`evidence of ${evidence.session}, ${what}: ${path}\n`);
  return 0;
};
