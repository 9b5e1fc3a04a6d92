/**
 * What stations tell each other of logs that are not as they were left.
 *
 * Purpose: a station whose own log does not open as it was left says so to everybody who knows it, so that it stands in
 * logs that still can be written; a station that finds another's log cut, taken back or written anew tells the oversight
 * bodies that watch it. Each says so until it was heard, over starts too.
 * Assumes: mail proves who speaks. A station's word about itself is believed; about others it is written down as the
 * word of who said it, and changes nothing: heads and proofs are what convinces (witness.ts, protocol/audit compare).
 * Does not know: agreements, sessions.
 */
import { parseCheckpoint } from '@tallystick/protocol/audit';
import { encodeHex, parseHex } from '@tallystick/protocol/bytes';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import { z } from 'zod';
import type { Fingerprint } from '../identity/index.ts';
import { type Log, pub, pubError } from '../log/index.ts';
import type { Mail } from '../mail/index.ts';
import type { AuditLog } from './log.ts';
import { type LogFault, logFaults, markBroken, noteWitness } from './marking.ts';
import type { WitnessStore } from './witness-store.ts';

const kind = 'log.fault';
/** Kind `log.fault`. */
const faultSchema = z.strictObject({
  of: z.string().min(1).max(32),
  code: z.enum(logFaults),
  /** Of itself: what of the log fits. Of another: the head that it was seen with, and does not go on from. */
  size: z.int().min(0),
  root: z.string().regex(/^[0-9a-f]{64}$/),
});
type Fault = z.infer<typeof faultSchema>;

export interface LogFaultsOptions {
  readonly audit: AuditLog;
  readonly store: WitnessStore;
  readonly mail: Pick<Mail, 'ask' | 'serve'>;
  readonly identity: { readonly id: string };
  readonly log: Log;
  peers(): ReadonlyMap<string, Fingerprint>;
  /** Who watches a station; of this station, too, where it is asked. */
  bodies(station: string): readonly string[];
}

export class LogFaults {
  private readonly options: LogFaultsOptions;
  /** Who has heard of our own log; and words of others that were written down: again and again they fill no disk. */
  private readonly heard = new Set<string>();
  private readonly noted = new Set<string>();

  constructor(options: LogFaultsOptions) {
    this.options = options;
    options.mail.serve(kind, (from, body) => this.hear(from, body));
  }

  /** Tells whoever has not heard yet. Never rejects. */
  async tell(): Promise<void> {
    await this.tellAll().catch((thrown: unknown) => {
      this.options.log.warn('audit.fault', { error: pubError(asTallyError(thrown)) });
    });
  }

  private async tellAll(): Promise<void> {
    const { audit, store, identity, peers, bodies } = this.options;
    const { broken, size, tree } = audit;
    const telling: Promise<void>[] = [];
    if (broken !== undefined) {
      const code = logFaults.find((one) => one === broken.code) ?? 'log.broken';
      const own: Fault = { of: identity.id, code, size, root: encodeHex(tree.root()) };
      for (const peer of peers().keys()) {
        if (!this.heard.has(peer)) telling.push(this.tellOne(peer, own, () => void this.heard.add(peer)));
      }
    }
    for (const { station, checkpoint, broken: code, told } of store.allHeld()) {
      if (code === null) continue;
      const head = parseCheckpoint(checkpoint);
      const fault: Fault = { of: station, code, size: head.size, root: encodeHex(head.root) };
      for (const body of bodies(station)) {
        if (body === identity.id || body === station || told.includes(body)) continue;
        telling.push(this.tellOne(body, fault, () => this.putTold(fault, body)));
      }
    }
    await Promise.all(telling);
  }

  private async tellOne(to: string, fault: Fault, done: () => void): Promise<void> {
    try {
      await this.options.mail.ask(to, kind, fault);
      done();
    } catch (thrown) {
      const error = pubError(asTallyError(thrown));
      this.options.log.debug('audit.fault', { to: pub(to), of: pub(fault.of), error });
    }
  }

  /** The head may have been accepted, or cosigned again, meanwhile: then nothing is left to remember. */
  private putTold({ of, code }: Fault, body: string): void {
    const { store } = this.options;
    const held = store.held(of);
    if (held?.broken === code) store.putHeld(of, { ...held, told: [...held.told, body] });
  }

  /** @throws TallyError `wire.message`, `peer.unknown`: then nothing was written. */
  private hear(from: string, body: unknown): Record<string, never> {
    const told = faultSchema.safeParse(body);
    if (!told.success) throw new TallyError('wire.message', 'log.fault: fields do not match');
    const { of, code, size } = told.data;
    if (!this.options.peers().has(of)) throw new TallyError('peer.unknown', 'log.fault.of: not pinned');
    const root = parseHex(told.data.root);
    const held = this.options.store.held(of);
    const isOwn = from === of && held !== undefined;
    if (isOwn && held.broken === null) markBroken(this.options, held, { of, size, root, code });
    else if (!isOwn || held.broken !== code) this.note(from, of, { size, root, code });
    return {};
  }

  private note(by: string, of: string, what: { size: number; root: Uint8Array; code: LogFault }): void {
    const key = `${by} ${of} ${what.code}`;
    if (this.noted.has(key)) return;
    this.noted.add(key);
    noteWitness(this.options, { of, by, ...what });
    this.options.log.warn('audit.told', { by: pub(by), of: pub(of), code: pub(what.code) });
  }
}
