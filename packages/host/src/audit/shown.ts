/**
 * The logs that stations show each other in their consents.
 *
 * Purpose: what ours shows, and whether another's goes on from the head that we cosigned: a log that is shorter now, or
 * other at the same length, is marked as a witness marks it, and no session with it starts.
 * Assumes: the machine checked form, name and key (protocol/chain). A head was known before its station can have
 * consented only if it was known before our channel to it was opened: the consent signs that channel.
 * Does not know: sessions, who may witness under an agreement.
 */
import { isCheckpointSigned, parseCheckpoint, withSignatures } from '@tallystick/protocol/audit';
import { equalBytes } from '@tallystick/protocol/bytes';
import { maxWitnessedChars, type ShownLog } from '@tallystick/protocol/wire';
import type { SigningIdentity } from '../identity/index.ts';
import type { AuditLog } from './log.ts';
import { type LogFault, markBroken, type MarkingOptions } from './marking.ts';
import type { WitnessStore } from './witness-store.ts';

export interface ShownLogsOptions extends MarkingOptions {
  readonly audit: AuditLog;
  readonly store: WitnessStore;
  readonly identity: Pick<SigningIdentity, 'publicKey'>;
}

export class ShownLogs {
  private readonly options: ShownLogsOptions;

  constructor(options: ShownLogsOptions) {
    this.options = options;
  }

  /** Ours, for a consent to these partners. @throws TallyError `log.broken`. */
  own(partners: readonly string[]): ShownLog {
    return {
      head: withSignatures(this.options.audit.checkpoint(), []),
      witnessed: this.witnessed(partners),
    };
  }

  /** How many entries the log of a station had at least; null: nothing of it was ever cosigned. */
  known(peer: string): number | null {
    const held = this.options.store.held(peer);
    return held === undefined ? null : parseCheckpoint(held.checkpoint).size;
  }

  /**
   * What stands against the log that a consent shows; null: nothing is known against it.
   * @param known what `known` gave before the channel to the station was opened
   */
  against(from: string, { head: note }: ShownLog, known: number | null): LogFault | null {
    const held = this.options.store.held(from);
    if (held === undefined) return null; // its people were asked meanwhile
    if (held.broken !== null) return held.broken;
    const head = parseCheckpoint(note);
    const cosigned = parseCheckpoint(held.checkpoint);
    const least = Math.min(known ?? 0, cosigned.size);
    const isOther =
      head.origin !== cosigned.origin ||
      (head.size === cosigned.size && !equalBytes(head.root, cosigned.root));
    const code = isOther ? 'log.fork' : head.size < least ? 'log.rollback' : null;
    if (code !== null) markBroken(this.options, held, { of: from, size: head.size, root: head.root, code });
    return code;
  }

  /** Our newest head that one of these cosigned, with the lines of everybody else who did; null: none. */
  private witnessed(partners: readonly string[]): string | null {
    const { store, identity } = this.options;
    const all = store
      .allWitnessed()
      .map(({ station, checkpoint }) => ({ station, checkpoint: parseCheckpoint(checkpoint) }))
      // After a change of our key the heads before it say nothing to who knows the new one.
      .filter(({ checkpoint }) => isCheckpointSigned(checkpoint, identity.publicKey));
    const newest = all
      .filter(({ station }) => partners.includes(station))
      .toSorted((a, b) => b.checkpoint.size - a.checkpoint.size)[0];
    if (newest === undefined) return null;
    const { text } = newest.checkpoint;
    let note = withSignatures(newest.checkpoint, []);
    for (const { checkpoint } of all) {
      if (checkpoint.text !== text) continue;
      const longer = withSignatures(parseCheckpoint(note), checkpoint.signatures);
      if (longer.length <= maxWitnessedChars) note = longer;
    }
    return note;
  }
}
