/**
 * `--agreement FILE` of somebody who collects: agreements to hold sessions to.
 *
 * Purpose: each is read, and everybody has to have signed it; a line says what is held.
 * Assumes: whoever starts the process was given the files by the parties. Does not know: who is told of a refusal.
 */
import { resolve } from 'node:path';
import { type StandingAgreement, standingId, verifySigned } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import { requireAgreement } from '../agreement/files.ts';
import type { OptionSpec } from '../args/types.ts';
import type { Call } from '../args/types.ts';
import { problemLines } from './agreement.ts';

export const heldOption: OptionSpec = {
  name: 'agreement',
  value: 'FILE',
  multiple: true,
  help: 'a signed agreement: sessions under it that ask for what it does not permit are refused here, too',
};

/** @throws TallyError `agreement.invalid`, `file.*`. */
export function heldAgreements({ options, io }: Call): Promise<StandingAgreement[]> {
  return Promise.all(
    options.all('agreement').map(async (file) => {
      const { agreement, signatures } = await requireAgreement(resolve(io.cwd, file));
      const { problems } = verifySigned({ agreement, signatures });
      if (problems.length === 0) return agreement;
      throw new TallyError('agreement.invalid', `${file}: ${problemLines(problems).join('; ')}`);
    }),
  );
}

/** What is held, as lines. */
export function heldLines(held: readonly StandingAgreement[]): string {
  if (held.length === 0)
    return 'holds no agreement: refuses terms that differ from their request, and no more\n';
  return held
    .map((one) => `holds agreement ${one.name}, version ${one.version}: ${standingId(one)}\n`)
    .join('');
}
