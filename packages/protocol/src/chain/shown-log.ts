/**
 * What a consent shows of its sender's audit log.
 *
 * Purpose: form, name and key of the two checkpoints, and that the later one does not contradict the earlier. A receiver
 * that writes the head down can hold the sender's export against it ever after.
 * Assumes: the consent's own signature was verified. Does not know: what the receiver knows of that log, witnesses' keys.
 */
import type { Agreement, Station } from '../agreement/ephemeral.ts';
import { type Checkpoint, isCheckpointSigned, parseCheckpoint } from '../audit/checkpoint.ts';
import { encodeHex, equalBytes, parseHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import type { MessageOf } from '../wire/messages.ts';

type Consent = MessageOf<'consent'>;

/** A head as logs write it down: number of entries, and the root over them, hex. */
export interface NotedHead {
  readonly size: number;
  readonly root: string;
}

/** Throws `log.note`, `wire.message` where one is missing. */
export function checkShownLog(
  { from, log }: Consent,
  { standing, parties }: Agreement,
  sender: Station,
): void {
  const isParty = parties.some(({ id }) => id === from);
  if (standing !== null && isParty && (log === null || log.witnessed === null)) {
    throw new TallyError('wire.message', 'consent.log: want a head, and one that was witnessed');
  }
  if (log === null) return;
  const head = signedBy(sender, log.head, 'head');
  if (log.witnessed === null) return;
  const witnessed = signedBy(sender, log.witnessed, 'witnessed');
  const isContinued =
    witnessed.origin === head.origin &&
    (witnessed.size < head.size || (witnessed.size === head.size && equalBytes(witnessed.root, head.root)));
  if (!isContinued) throw new TallyError('log.note', 'consent.log.head: not after the witnessed one');
}

function signedBy({ id, publicKey }: Station, note: string, field: string): Checkpoint {
  const checkpoint = parseCheckpoint(note);
  const isOwn = new RegExp(`^tallystick/${id}/[0-9a-f]{32}$`).test(checkpoint.origin);
  if (isOwn && isCheckpointSigned(checkpoint, parseHex(publicKey))) return checkpoint;
  throw new TallyError('log.note', `consent.log.${field}: not of the log of its sender, or not signed`);
}

/** The head that a consent shows, checked before; null: its sender keeps no log. */
export function notedHead({ log }: Pick<Consent, 'log'>): NotedHead | null {
  if (log === null) return null;
  const { size, root } = parseCheckpoint(log.head);
  return { size, root: encodeHex(root) };
}
