/**
 * Stations with logs that witness each other, for tests: mail without channels.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { fakeClock } from '../clock/index.ts';
import { createIdentity, type Fingerprint, type SigningIdentity } from '../identity/index.ts';
import { silentLog } from '../log/index.ts';
import type { Mail, MailHandler } from '../mail/index.ts';
import { systemRandom } from '../random/index.ts';
import { createSealer } from '../seal/index.ts';
import { memoryStore, type Store } from '../store/index.ts';
import { createWitnessStore, LogFaults, LogWitness, openAuditLog, type WitnessStore } from './index.ts';

export const clock = fakeClock(1_800_000_000_000);

/** A store that can be taken back to what it was: a copy of every document of the log. */
export function copyOf(store: Store): Store {
  const copy = memoryStore();
  for (const { key, value } of store.list('audit')) copy.put('audit', key, value);
  return copy;
}

export interface Station {
  readonly store: Store;
  readonly witness: LogWitness;
  readonly audit: ReturnType<typeof openAuditLog>;
  readonly witnesses: WitnessStore;
  readonly faults: LogFaults;
}

/** Stations that ask each other directly. */
export class House {
  readonly identities = new Map<string, SigningIdentity>();
  /** By station and kind. */
  private readonly handlers = new Map<string, MailHandler>();
  private readonly dataKeys = new Map<string, Uint8Array>();
  /** Ids that do not answer. */
  readonly away = new Set<string>();
  /** Who watches everybody. */
  readonly bodies: string[] = [];

  async add(id: string): Promise<void> {
    this.identities.set(id, await createIdentity(id, clock, systemRandom));
    this.dataKeys.set(id, systemRandom(32));
  }

  /** Starts the process of a station, on its store or on a copy of it. */
  start(id: string, store: Store = memoryStore()): Station {
    const identity = this.identities.get(id) as SigningIdentity;
    const sealer = createSealer(this.dataKeys.get(id) as Uint8Array, systemRandom);
    const audit = openAuditLog({ store, sealer, clock, random: systemRandom, identity });
    const peers = new Map<string, Fingerprint>(
      [...this.identities.values()].filter((one) => one.id !== id).map((one) => [one.id, one.fingerprint]),
    );
    const mail: Pick<Mail, 'ask' | 'serve'> = {
      ask: (peer, kind, body) => this.ask(id, peer, kind, body),
      serve: (kind, handler) => void this.handlers.set(`${id} ${kind}`, handler),
    };
    const witnesses = createWitnessStore(store, sealer);
    const given = { audit, store: witnesses, identity, clock, log: silentLog, peers: () => peers, mail };
    const faults = new LogFaults({ ...given, bodies: () => this.bodies });
    const witness = new LogWitness({ ...given, onFault: () => void faults.tell() });
    return { store, audit, witness, witnesses, faults };
  }

  async ask(from: string, to: string, kind: string, body: unknown): Promise<unknown> {
    const handler = this.handlers.get(`${to} ${kind}`);
    if (handler === undefined || this.away.has(to)) throw new TallyError('peer.absent', 'away');
    // As over a channel: nothing but JSON, and of an error its code.
    const answer: unknown = await handler(from, JSON.parse(JSON.stringify(body)));
    return JSON.parse(JSON.stringify(answer)) as unknown;
  }
}
