/**
 * Witnesses: stations that pin each other cosign the heads of each other's audit logs.
 *
 * Purpose: asked, this station cosigns a head only with a proof that it continues the head it cosigned before; a log
 * that is shorter, or other, is refused for good, and both write it down. Asking, it learns at every start whether
 * somebody has seen more of its log than it has: then it was restored from an old copy, and it starts nothing.
 * Assumes: mail proves who asks, by its pin. Does not know: when a session wants witnesses (guard).
 */
import {
  type Checkpoint,
  cosign,
  cosignedAtMs,
  encodeSignatureLine,
  isCheckpointSigned,
  isConsistent,
  parseCheckpoint,
  parseSignatureLine,
  withSignatures,
  witnessKey,
} from '@tallystick/protocol/audit';
import { encodeHex, equalBytes, parseHex } from '@tallystick/protocol/bytes';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import { fingerprintOfKey } from '@tallystick/protocol/signature';
import { maxClockSkewMs } from '@tallystick/protocol/wire';
import { z } from 'zod';
import type { Clock } from '../clock/index.ts';
import type { Fingerprint, SigningIdentity } from '../identity/index.ts';
import { type Log, pub, pubError } from '../log/index.ts';
import type { Mail } from '../mail/index.ts';
import type { AuditLog } from './log.ts';
import { type LogFault, markBroken, noteWitness, writeWitness } from './marking.ts';
import type { HeldLog, WitnessStore } from './witness-store.ts';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const note = z.string().max(64 * 1024);

/** Kind `log.witness`. */
const askSchema = z.strictObject({
  publicKey: hex32,
  checkpoint: note,
  /** Size of the head that the proof starts from. */
  old: z.number().int().min(0),
  proof: z.array(hex32).max(64),
});
const replySchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('cosigned'), publicKey: hex32, line: z.string().max(512) }),
  /** The head that the witness knows is of another size than `old`: ask again from there. */
  z.strictObject({ type: z.literal('known'), checkpoint: note }),
]);
type Ask = z.infer<typeof askSchema>;
type Reply = z.infer<typeof replySchema>;

/** How long a witness may take, and how long one who asks us waits while we ask back; in milliseconds. */
const askMs = 30_000;
const backMs = 10_000;
/** Nobody who cosigned so lately is asked back. */
const freshMs = 60_000;

export interface WitnessOptions {
  readonly audit: AuditLog;
  readonly store: WitnessStore;
  readonly mail: Pick<Mail, 'ask' | 'serve'>;
  readonly identity: SigningIdentity;
  readonly clock: Clock;
  readonly log: Log;
  peers(): ReadonlyMap<string, Fingerprint>;
  /** As of `MarkingOptions`. */
  readonly onFault?: (() => void) | undefined;
}

export interface LogStatus {
  /** The log is as this station left it, and no witness knows another. */
  readonly intact: boolean;
  /** Each of these partners has cosigned it since the start. */
  readonly confirmed: boolean;
  /** When the partner whose last cosignature is the oldest gave it; null: one never has. */
  readonly witnessedAtMs: number | null;
}

export class LogWitness {
  private readonly options: WitnessOptions;
  private readonly confirmed = new Set<string>();
  private readonly asking = new Map<string, Promise<void>>();

  constructor(options: WitnessOptions) {
    this.options = options;
    options.mail.serve('log.witness', (from, body) => this.answer(from, body));
  }

  /** As a decision about a session with these partners wants it. */
  statusFor(partners: readonly string[]): LogStatus {
    const { audit, store } = this.options;
    const times = partners.map((peer) => store.witnessed(peer)?.atMs ?? null);
    const isHeard = times.length > 0 && !times.includes(null);
    return {
      intact: audit.broken === undefined,
      confirmed: partners.length > 0 && this.isConfirmedBy(partners),
      witnessedAtMs: isHeard ? Math.min(...(times as number[])) : null,
    };
  }

  /** Whether each of these has cosigned our head since the start. */
  isConfirmedBy(stations: readonly string[]): boolean {
    return stations.every((peer) => this.confirmed.has(peer));
  }

  /** Why nothing of this partner's log is cosigned any more; null: nothing is known against it. */
  problemOf(partner: string): HeldLog['broken'] {
    return this.options.store.held(partner)?.broken ?? null;
  }

  /** Asks these partners to cosign our head, all at once. Never rejects: who did not answer has not cosigned. */
  async refresh(partners: readonly string[] = [...this.options.peers().keys()]): Promise<void> {
    await Promise.all(partners.map((peer) => this.refreshOne(peer)));
  }

  /**
   * The operator asked the partner's people: its log is taken as it is from now on. What was held is written down, on
   * disk, before it is given up.
   * @throws TallyError `peer.unknown`; `log.*`, `store.write`: then it is held as before.
   */
  accept(peer: string): void {
    const { store, identity } = this.options;
    const held = store.held(peer);
    if (held === undefined) throw new TallyError('peer.unknown', `${peer}: no log of it is known here`);
    const { size, root } = parseCheckpoint(held.checkpoint);
    writeWitness(this.options, { of: peer, size, root, code: 'log.accepted', by: identity.id });
    store.dropHeld(peer);
  }

  // --- asking ------------------------------------------------------------------------------------------------

  private refreshOne(peer: string, timeoutMs = askMs): Promise<void> {
    const under = this.asking.get(peer);
    if (under !== undefined) return under;
    // It is known to be under way before anything of it is: whom we ask may ask back at once.
    const asked = Promise.resolve()
      .then(() => this.ask(peer, timeoutMs))
      .catch((thrown: unknown) => {
        const error = pubError(asTallyError(thrown));
        this.options.log.debug('audit.witness', { peer: pub(peer), error });
      })
      .finally(() => this.asking.delete(peer));
    this.asking.set(peer, asked);
    return asked;
  }

  private async ask(peer: string, timeoutMs: number): Promise<void> {
    const { audit, store, clock } = this.options;
    if (audit.broken !== undefined) throw audit.broken;
    const before = store.witnessed(peer);
    let old = before === undefined ? 0 : parseCheckpoint(before.checkpoint).size;
    for (let turn = 0; turn < 3; turn++) {
      const checkpoint = audit.checkpoint();
      const reply = await this.askFrom(peer, checkpoint, old, timeoutMs);
      if (reply.type === 'cosigned') {
        return this.takeLine(peer, checkpoint, parseHex(reply.publicKey), reply.line, clock.nowMs());
      }
      const known = parseCheckpoint(reply.checkpoint);
      if (!this.isOurs(peer, known)) {
        // It sees for itself that no proof leads there, and writes it down, too.
        if (known.size !== old) {
          await this.askFrom(peer, checkpoint, known.size, timeoutMs).catch(() => undefined);
        }
        const { size, root } = known;
        noteWitness(this.options, { of: peer, by: peer, size, root, code: 'log.rollback' });
        const text = `audit log: ${peer} has seen ${known.size} entries that are not those here`;
        throw audit.stop(new TallyError('log.rollback', text));
      }
      old = known.size;
    }
    throw new TallyError('wire.order', 'log.witness: it never knows what it knew');
  }

  private async askFrom(
    peer: string,
    checkpoint: Checkpoint,
    old: number,
    timeoutMs: number,
  ): Promise<Reply> {
    const { audit, mail, identity } = this.options;
    const { size } = checkpoint;
    const proof = audit.tree.consistency(Math.min(old, size), size).map(encodeHex);
    const publicKey = encodeHex(identity.publicKey);
    const body: Ask = { publicKey, checkpoint: withSignatures(checkpoint, []), old, proof };
    const parsed = replySchema.safeParse(await mail.ask(peer, 'log.witness', body, { timeoutMs }));
    if (parsed.success) return parsed.data;
    throw new TallyError('wire.message', 'log.witness: no answer of this form');
  }

  private takeLine(
    peer: string,
    checkpoint: Checkpoint,
    publicKey: Uint8Array,
    text: string,
    nowMs: number,
  ): void {
    if (fingerprintOfKey(publicKey) !== this.options.peers().get(peer)) {
      throw new TallyError('channel.pin', `${peer}: cosigned with another key`);
    }
    const key = witnessKey(peer, publicKey);
    const cosigned = withSignatures(checkpoint, [parseSignatureLine(text)]);
    const atMs = cosignedAtMs(parseCheckpoint(cosigned), key);
    if (atMs === undefined) throw new TallyError('consent.signature', `${peer}: its cosignature is none`);
    if (Math.abs(atMs - nowMs) > maxClockSkewMs) throw new TallyError('consent.clock', `${peer}: its clock`);
    this.options.store.putWitnessed(peer, {
      publicKey: encodeHex(publicKey),
      checkpoint: cosigned,
      atMs: Math.min(atMs, nowMs),
    });
    this.confirmed.add(peer);
  }

  /** Whether a head that a witness knows is one of this log. Only our own signature makes it count. */
  private isOurs(peer: string, known: Checkpoint): boolean {
    const { audit } = this.options;
    if (known.origin !== audit.origin || !isCheckpointSigned(known, audit.keyOf(known.size))) {
      throw new TallyError('log.note', `${peer}: shows no head that we signed`);
    }
    return known.size <= audit.size && equalBytes(audit.tree.root(known.size), known.root);
  }

  // --- answering ---------------------------------------------------------------------------------------------

  private async answer(from: string, body: unknown): Promise<Reply> {
    const reply = this.judge(from, body);
    // Who asks is about to need us, too: a session wants both logs confirmed.
    if (reply.type === 'cosigned' && !this.isFresh(from) && !this.asking.has(from)) {
      await this.refreshOne(from, backMs);
    }
    return reply;
  }

  private isFresh(peer: string): boolean {
    const atMs = this.options.store.witnessed(peer)?.atMs ?? 0;
    return this.confirmed.has(peer) && this.options.clock.nowMs() - atMs < freshMs;
  }

  private judge(from: string, body: unknown): Reply {
    const { store, identity, clock, peers } = this.options;
    const asked = askSchema.safeParse(body);
    if (!asked.success) throw new TallyError('wire.message', 'log.witness: fields do not match');
    const { old, proof, publicKey } = asked.data;
    if (fingerprintOfKey(parseHex(publicKey)) !== peers().get(from)) {
      throw new TallyError('channel.pin', 'log.witness.publicKey: not the pinned one');
    }
    const checkpoint = parseCheckpoint(asked.data.checkpoint);
    if (
      !checkpoint.origin.startsWith(`tallystick/${from}/`) ||
      !isCheckpointSigned(checkpoint, parseHex(publicKey))
    ) {
      throw new TallyError('log.note', 'log.witness.checkpoint: not signed by its station');
    }
    const held = store.held(from);
    const wrong = held && this.against(from, held, checkpoint, { old, proof: proof.map(parseHex) });
    if (held !== undefined && wrong !== 'none') {
      if (wrong !== undefined) this.mark(from, held, checkpoint, wrong);
      return { type: 'known', checkpoint: held.checkpoint };
    }
    const key = witnessKey(identity.id, identity.publicKey);
    const line = cosign(checkpoint, key, clock.nowMs(), (message) => identity.sign(message));
    store.putHeld(from, {
      publicKey,
      checkpoint: withSignatures(checkpoint, [line]),
      broken: null,
      told: [],
    });
    return {
      type: 'cosigned',
      publicKey: encodeHex(identity.publicKey),
      line: encodeSignatureLine(line),
    };
  }

  /** What a head that is shown has against it; undefined: the proof starts from another head than the one known here. */
  private against(
    from: string,
    held: HeldLog,
    shown: Checkpoint,
    { old, proof }: { old: number; proof: readonly Uint8Array[] },
  ): 'log.rollback' | 'log.fork' | 'none' | undefined {
    const known = parseCheckpoint(held.checkpoint);
    if (known.origin !== shown.origin) {
      this.mark(from, held, shown, 'log.fork');
      throw new TallyError('log.fork', `${from}: shows another audit log than before`);
    }
    if (shown.size < known.size) return 'log.rollback';
    if (shown.size === known.size) return equalBytes(known.root, shown.root) ? 'none' : 'log.fork';
    if (known.size !== old) return undefined;
    return isConsistent(known, shown, proof) ? 'none' : 'log.fork';
  }

  private mark(of: string, held: HeldLog, { size, root }: Checkpoint, code: LogFault): void {
    markBroken(this.options, held, { of, size, root, code });
  }
}
