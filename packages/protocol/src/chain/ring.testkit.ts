/**
 * A session in memory: machines, a naive vault, a fake clock and links that can be made faulty.
 *
 * Purpose: every protocol test goes through here; the jobs are done by naive-vault.testkit.ts.
 * Does not know: channels, workers, files. Not part of the product.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { agreementId, type Agreement } from '../agreement/index.ts';
import { encodeHex, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { fingerprintOfKey } from '../signature/index.ts';
import { commitScalar, createPossession, elementDst, expandMessage } from '../suite/index.ts';
import { defaultLimits, signMessage, type Limits, type MessageOf } from '../wire/index.ts';
import { CollectorMachine } from './collector.ts';
import { labelTermsOf } from './labels.ts';
import { NaiveVault } from './naive-vault.testkit.ts';
import { PartyMachine } from './party.ts';
import type { StationMachine } from './station.ts';
import type { ChainOutput, Job, JobResult, Outcome } from './types.ts';

/** Deterministic bytes: sha-free xorshift, tests only. */
export function testRandom(seed: number): (length: number) => Uint8Array {
  let state = seed >>> 0 || 1;
  return (length) => {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      state ^= state << 13;
      state >>>= 0;
      state ^= state >>> 17;
      state ^= state << 5;
      state >>>= 0;
      out[i] = state & 0xff;
    }
    return out;
  };
}

/** A frame on its way; what `tamper` returns is delivered instead (none: lost; two: repeated). */
export type Tamper = (from: string, to: string, frame: Uint8Array) => readonly Uint8Array[];

export interface RingSetup {
  /** Identifiers by party id. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly output?: Agreement['output'];
  readonly seed?: number;
  readonly chunkElements?: number;
  readonly verified?: boolean;
  readonly collectors?: 1 | 2;
  readonly sentinels?: number;
  readonly privacy?: Agreement['privacy'];
  readonly labels?: Agreement['labels'];
  /** By party: the label of an identifier (a number among the agreement's). */
  readonly labelOf?: Readonly<Record<string, (identifier: string) => number>>;
  readonly limits?: Partial<Limits>;
  readonly tamper?: Tamper;
  /** Answers a job otherwise than the naive vault would; undefined: leave it to the vault. */
  readonly work?: (id: string, job: Job, vault: NaiveVault) => JobResult | undefined;
  /** A job that is answered later, by `answer`, or never; `settle` then goes on. */
  readonly holds?: (id: string, job: Job, answer: (result: JobResult) => void) => boolean;
}

/** Who collects; the second where a setup asks for two. */
export const collectorIds = ['zz-collector', 'zz-second'] as const;

export const testNowMs = 1_700_000_000_000;

interface Place {
  readonly machine: StationMachine;
  readonly vault: NaiveVault | undefined;
  outcome: Outcome | undefined;
  error: TallyError | undefined;
  readonly outputs: ChainOutput[];
}

/** All stations of a session, and the links between them: ordered per pair, in random order among pairs. */
export class Ring {
  readonly places = new Map<string, Place>();
  readonly agreement: Agreement;
  readonly proposal: MessageOf<'proposal'>;
  readonly sent: { from: string; to: string; frame: Uint8Array }[] = [];
  nowMs = testNowMs;
  private readonly setup: RingSetup;
  private readonly random: (n: number) => Uint8Array;
  private readonly links = new Map<string, Uint8Array[]>();
  private readonly keys = new Map<string, Uint8Array>();

  constructor(setup: RingSetup) {
    this.setup = setup;
    this.random = testRandom(setup.seed ?? 1);
    const ids = Object.keys(setup.lists).sort();
    const output = setup.output ?? { kind: 'counts' };
    const sealed = output.kind === 'counts' || output.predicate !== null;
    const station = (id: string) => {
      const secret = this.random(32);
      this.keys.set(id, secret);
      const publicKey = ed25519.getPublicKey(secret);
      return { id, publicKey: encodeHex(publicKey), fingerprint: fingerprintOfKey(publicKey) };
    };
    this.agreement = {
      version: 1,
      standing: null,
      suite: 'ristretto255-SHA512',
      form: sealed ? 'sealed' : 'direct',
      verified: setup.verified ?? true,
      sentinels: sealed ? (setup.sentinels ?? 2) : 0,
      parties: ids.map(station),
      collectors: sealed ? collectorIds.slice(0, setup.collectors ?? 1).map(station) : [],
      purpose: 'test',
      subject: 'person',
      recipes: ['name'],
      recipeVersion: 1,
      output,
      privacy: setup.privacy ?? null,
      padTo: null,
      labels: setup.labels ?? null,
      caps: null,
      chunkElements: setup.chunkElements ?? 3,
      notAfterMs: testNowMs + 3_600_000,
    };
    const proposer = ids[0] as string;
    const body = {
      type: 'proposal' as const,
      session: encodeHex(this.random(16)),
      proposer,
      agreement: this.agreement,
      request: null,
      caseCommitment: null,
      proposedAtMs: testNowMs,
      expiresAtMs: testNowMs + 600_000,
      nonce: encodeHex(this.random(32)),
    };
    this.proposal = signMessage(body, this.signer(proposer));
    const limits = { ...defaultLimits, ...setup.limits };
    for (const id of [...ids, ...this.agreement.collectors.map((collector) => collector.id)]) {
      const options = { id, sign: this.signer(id), random: this.random, limits, nowMs: this.nowMs };
      const list = setup.lists[id];
      const machine = list ? new PartyMachine(options) : new CollectorMachine(options);
      const vault = list && new NaiveVault(list, this.agreement, this.random);
      const terms = labelTermsOf(this.agreement, id);
      if (vault && terms) vault.label(terms, setup.labelOf?.[id] ?? (() => 0));
      this.places.set(id, { machine, vault, outcome: undefined, error: undefined, outputs: [] });
    }
  }

  signer(id: string): (message: Uint8Array) => Uint8Array {
    return (message) => ed25519.sign(message, this.keys.get(id) as Uint8Array);
  }

  place(id: string): Place {
    return this.places.get(id) as Place;
  }

  machine(id: string): StationMachine {
    return this.place(id).machine;
  }

  /** Proposes and runs until nothing moves. */
  run(): this {
    this.propose();
    this.settle();
    return this;
  }

  propose(): void {
    (this.machine(this.proposal.proposer) as PartyMachine).propose(this.proposal, this.nowMs);
  }

  /** Delivers everything, jobs in random order, until nothing is under way. */
  settle(): void {
    for (;;) {
      const jobs: { id: string; job: number; what: Job }[] = [];
      for (const id of this.places.keys()) this.drain(id, jobs);
      while (jobs.length > 0) {
        const [next] = jobs.splice((this.random(1)[0] as number) % jobs.length, 1);
        if (next === undefined) break;
        this.work(next.id, next.job, next.what);
        this.drain(next.id, jobs);
      }
      const busy = [...this.links].filter(([, frames]) => frames.length > 0);
      if (busy.length === 0) return;
      const [key, frames] = busy[(this.random(1)[0] as number) % busy.length] as [string, Uint8Array[]];
      const [from, to] = key.split('>') as [string, string];
      const frame = frames.shift() as Uint8Array;
      for (const delivered of this.setup.tamper?.(from, to, frame) ?? [frame]) {
        this.machine(to).receive(from, delivered, this.nowMs);
      }
    }
  }

  /** Time passes for everybody. */
  pass(ms: number): void {
    this.nowMs += ms;
    for (const { machine } of this.places.values()) machine.timeout(this.nowMs);
  }

  consent(id: string): void {
    const { machine, vault } = this.place(id);
    const others = [...this.places.keys()].filter((other) => other !== id);
    const channels = others.map((peer) => ({
      peer,
      role: id < peer ? ('client' as const) : ('server' as const),
      exporterHash: encodeHex(
        expandMessage(utf8([id, peer].sort().join()), utf8('exporter')).subarray(0, 32),
      ),
    }));
    if (vault === undefined) {
      const facts = { identifiers: 0, keyCommitment: null, possession: null, listVersion: null, ledger: [] };
      machine.consent({ ...facts, channels }, this.nowMs);
      return;
    }
    const offer = this.place(id).outputs.find((output) => output.type === 'offer');
    if (offer?.type !== 'offer') throw new Error(`${id}: no offer`);
    const statement = {
      dst: elementDst(agreementId(this.agreement)),
      nodeId: id,
      proposalHash: offer.proposalHash,
    };
    const possession = createPossession(vault.k, statement, this.random(32));
    const facts = {
      identifiers: vault.count,
      labels: vault.groups,
      keyCommitment: commitScalar(vault.k),
      possession,
      listVersion: '1f'.repeat(32),
      ledger: [],
      channels,
    };
    machine.consent(facts, this.nowMs);
  }

  private drain(id: string, jobs: { id: string; job: number; what: Job }[]): void {
    const place = this.place(id);
    for (const output of place.machine.poll()) {
      place.outputs.push(output);
      if (output.type === 'send') this.carry(id, output.to, output.bytes);
      if (output.type === 'job') jobs.push({ id, job: output.id, what: output.job });
      // What overtook the proposal may have ended it already.
      if (output.type === 'offer' && place.machine.state === 'offered') this.consent(id);
      if (output.type === 'finished') place.outcome = output.outcome;
      if (output.type === 'aborted') place.error = output.error;
      if (output.type === 'offer') this.drain(id, jobs);
    }
  }

  private carry(from: string, to: string, frame: Uint8Array): void {
    this.sent.push({ from, to, frame });
    const key = `${from}>${to}`;
    const link = this.links.get(key) ?? [];
    link.push(frame);
    this.links.set(key, link);
  }

  private work(id: string, job: number, what: Job): void {
    const { machine, vault } = this.place(id);
    const party = machine as PartyMachine;
    if (this.setup.holds?.(id, what, (result) => party.completed(job, result, this.nowMs))) return;
    try {
      const vaultOf = vault as NaiveVault;
      party.completed(job, this.setup.work?.(id, what, vaultOf) ?? vaultOf.run(what), this.nowMs);
    } catch (thrown) {
      const error =
        thrown instanceof TallyError ? thrown : new TallyError('element.encoding', 'element: no encoding');
      party.failed(job, error, this.nowMs);
    }
  }
}
