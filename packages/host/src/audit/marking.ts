/**
 * What is written of a log that does not go on as it was.
 *
 * Purpose: one entry in our log, and one mark beside the head that we hold, however often it is shown.
 * Assumes: whoever calls has the proof in hand. Does not know: how it was found.
 */
import type { EntryBody } from '@tallystick/protocol/audit';
import { encodeHex } from '@tallystick/protocol/bytes';
import { asTallyError } from '@tallystick/protocol/errors';
import { type Log, pub, pubError } from '../log/index.ts';
import type { AuditLog } from './log.ts';
import type { HeldLog, WitnessStore } from './witness-store.ts';

/** Why nothing of a log is cosigned any more: it is shorter than it was, another one, or its station says that it is broken. */
export const logFaults = ['log.rollback', 'log.fork', 'log.broken'] as const;
export type LogFault = (typeof logFaults)[number];

export interface MarkingOptions {
  readonly audit: Pick<AuditLog, 'append'>;
  readonly store: Pick<WitnessStore, 'putHeld'>;
  readonly log: Log;
  /** Something was found that was not known. Whoever watches that station is to hear of it. */
  readonly onFault?: (() => void) | undefined;
}

/** A head of the log of `of`, as `by` told or took it. */
interface Shown {
  readonly of: string;
  readonly by: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly code: LogFault | 'log.accepted';
}

/** @throws TallyError `log.*`, `store.write`: then nothing was written. */
export function writeWitness({ audit }: Pick<MarkingOptions, 'audit'>, shown: Shown): void {
  const { of, by, size, root, code } = shown;
  const body: EntryBody = {
    type: 'witness',
    by,
    session: null,
    agreement: null,
    request: null,
    of,
    size,
    root: encodeHex(root),
    code,
  };
  audit.append(body);
}

/** As `writeWitness`, where what follows is a refusal in any case. */
export function noteWitness(options: Pick<MarkingOptions, 'audit' | 'log'>, shown: Shown): void {
  try {
    writeWitness(options, shown);
  } catch (thrown) {
    options.log.error('audit.witness', { error: pubError(asTallyError(thrown)) });
  }
}

/** Written once: a partner that asks again and again fills no disk. */
export function markBroken(
  options: MarkingOptions,
  held: HeldLog,
  shown: Omit<Shown, 'by'> & { readonly code: LogFault },
): void {
  const { of, code } = shown;
  if (held.broken === code) return;
  noteWitness(options, { ...shown, by: of });
  options.store.putHeld(of, { ...held, broken: code, told: [] });
  options.log.warn('audit.refused', { peer: pub(of), code: pub(code) });
  options.onFault?.();
}
