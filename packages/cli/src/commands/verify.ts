/**
 * `tallystick verify`: whether what was signed in a session fits together.
 *
 * Purpose: the checks that this node made during a session, made again: no peer, no network.
 * Assumes: pins were compared by another way. Does not know: how a check is made.
 */
import { resolve } from 'node:path';
import { readBoundedFile } from '@tallystick/host/files';
import { parseFingerprint, parseNodeId } from '@tallystick/host/identity';
import { TallyError } from '@tallystick/protocol/errors';
import { maxEvidenceBytes, parseEvidence, verifyEvidence } from '@tallystick/protocol/evidence';
import type { Call, Run } from '../args/types.ts';
import { unverifiedExit } from '../exit/index.ts';
import { renderEvidence } from '../render/evidence.ts';
import { styleFor } from '../render/text.ts';
import { type EvidenceSource, ownEvidence } from './evidence-source.ts';
import { matchSession } from './session.ts';

export const run: Run = async (call) => {
  const { options, io } = call;
  const given = pinsOf(options.all('pin'));
  const { evidence, pins } = await sourceOf(call);
  const session = call.args[0] === undefined ? {} : { session: asked(call, evidence.session) };
  const report = verifyEvidence(evidence, { ...session, pins: new Map([...pins, ...given]) });
  if (options.on('json')) io.out.write(`${JSON.stringify(report)}\n`);
  else io.out.write(renderEvidence(report, styleFor(io.out.colour), io.out.columns));
  if (report.verdict === 'failed') return 1;
  return report.verdict === 'verified' ? 0 : unverifiedExit;
};

async function sourceOf(call: Call): Promise<EvidenceSource> {
  const file = call.options.text('file');
  if (file === undefined) {
    if (call.args[0] === undefined)
      throw new TallyError('argument.invalid', 'verify: want SESSION, or --file FILE');
    return ownEvidence(call, true);
  }
  if (call.options.text('data') !== undefined)
    throw new TallyError('argument.invalid', 'verify: want --data or --file, got both');
  const bytes = await readBoundedFile(resolve(call.io.cwd, file), maxEvidenceBytes);
  return { evidence: parseEvidence(bytes), pins: new Map() };
}

/** The session of the first argument, which may be the beginning of this one's id; another is left for the check to find. */
function asked(call: Call, session: string): string {
  try {
    return matchSession(call, [{ session }]);
  } catch (thrown) {
    if (thrown instanceof TallyError && thrown.code === 'session.unknown') return String(call.args[0]);
    throw thrown;
  }
}

/** `ID=FINGERPRINT`. @throws TallyError `argument.invalid`. */
function pinsOf(texts: readonly string[]): Map<string, string> {
  return new Map(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 0) throw new TallyError('argument.invalid', '--pin: want ID=FINGERPRINT');
      return [parseNodeId(text.slice(0, at), '--pin'), parseFingerprint(text.slice(at + 1), '--pin')];
    }),
  );
}
