/**
 * A session in memory with the product's own parts: its importer, its vault's rooms, its jobs, its machines.
 *
 * Purpose: what a session of any terms answers over lists of files; frames are carried by hand, in random order among
 * links, and the clock stands still but for the collector's tick.
 * Assumes: nobody misbehaves. Does not know: channels, threads, ledgers, what the answer should be.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ed25519 } from '@noble/curves/ed25519.js';
import { systemRandom } from '@tallystick/host/random';
import type { Compute } from '@tallystick/node/compute';
import type { Vault } from '@tallystick/node/vault';
import { type Agreement, agreementId } from '@tallystick/protocol/agreement';
import { type ChainOutput, CollectorMachine, type Outcome, PartyMachine } from '@tallystick/protocol/chain';
import { TallyError } from '@tallystick/protocol/errors';
import type { LabelGroup } from '@tallystick/protocol/privacy';
import { fingerprintOfKey } from '@tallystick/protocol/signature';
import { defaultLimits, type MessageOf, signMessage } from '@tallystick/protocol/wire';
import { runJob } from '../../packages/node/src/session/jobs.ts';
import { exposeRoom } from '../../packages/node/src/vault/exposed.ts';
import type { ImportListOptions } from '../../packages/node/src/vault/list-types.ts';
import { VaultRoom } from '../../packages/node/src/vault/room.ts';

/** Terms that a test draws; all else is the same in every session. */
export type Terms = Pick<
  Agreement,
  'output' | 'verified' | 'recipes' | 'privacy' | 'labels' | 'sentinels'
> & {
  readonly collectors: 1 | 2;
};

export interface ListFile {
  readonly path: string;
  readonly options: ImportListOptions;
}

/** A line of what a receiver exports. */
export interface MatchedLine {
  readonly id: string;
  readonly matched: readonly string[];
  readonly matchedOn?: readonly (readonly string[])[];
}

export interface SessionEnd {
  /** By station: what it ended with, or the code of what ended it. */
  readonly ends: ReadonlyMap<string, Outcome | string>;
  /** By receiver of matches. */
  readonly matches: ReadonlyMap<string, readonly MatchedLine[]>;
  /** By party, as the session told it; null: a list that is not cut. Empty where it never began. */
  readonly groups: readonly (readonly LabelGroup[] | null)[];
  readonly sizes: readonly number[];
}

const nowMs = 1_700_000_000_000;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

interface Station {
  readonly id: string;
  readonly machine: PartyMachine | CollectorMachine;
  readonly vault: Vault | undefined;
  readonly file: ListFile | undefined;
  pieces: Uint8Array[];
  sealedMatches: Uint8Array | undefined;
  end: Outcome | string | undefined;
}

/** A vault's calls without a thread between: `exposed.ts` names them as `Vault` does. */
const roomOf = (compute: Compute) => exposeRoom(new VaultRoom(compute, systemRandom), compute);

/** Runs one session to its end at every station. `order` draws which link delivers next: a number below `count`. */
export async function playSession(
  compute: Compute,
  lists: ReadonlyMap<string, ListFile>,
  terms: Terms,
  order: (count: number) => number,
): Promise<SessionEnd> {
  const session = new Session(compute, lists, terms, order);
  return await session.play();
}

class Session {
  private readonly stations = new Map<string, Station>();
  private readonly agreement: Agreement;
  private readonly proposal: MessageOf<'proposal'>;
  private readonly keys = new Map<string, Uint8Array>();
  private readonly links = new Map<string, Uint8Array[]>();
  private readonly work: (() => Promise<void>)[] = [];
  private readonly order: (count: number) => number;
  private readonly frozen: { sizes: readonly number[]; groups: readonly (readonly LabelGroup[] | null)[] } = {
    sizes: [],
    groups: [],
  };
  private nowMs = nowMs;

  constructor(
    compute: Compute,
    lists: ReadonlyMap<string, ListFile>,
    { collectors, ...terms }: Terms,
    order: (count: number) => number,
  ) {
    this.order = order;
    const ids = [...lists.keys()].sort();
    const isSealed = terms.output.kind === 'counts' || terms.output.predicate !== null;
    const place = (id: string) => {
      const secret = systemRandom(32);
      this.keys.set(id, secret);
      const publicKey = ed25519.getPublicKey(secret);
      return { id, publicKey: hex(publicKey), fingerprint: fingerprintOfKey(publicKey) };
    };
    this.agreement = {
      ...terms,
      version: 1,
      standing: null,
      suite: 'ristretto255-SHA512',
      form: isSealed ? 'sealed' : 'direct',
      sentinels: isSealed ? terms.sentinels : 0,
      parties: ids.map(place),
      collectors: isSealed ? ['z1', 'z2'].slice(0, collectors).map(place) : [],
      purpose: 'test',
      subject: 'any',
      recipeVersion: 1,
      padTo: null,
      caps: null,
      chunkElements: 3,
      notAfterMs: nowMs + 3_600_000,
    };
    const [proposer = ''] = ids;
    const body = {
      type: 'proposal' as const,
      session: hex(systemRandom(16)),
      proposer,
      agreement: this.agreement,
      request: null,
      caseCommitment: null,
      proposedAtMs: nowMs,
      expiresAtMs: nowMs + 600_000,
      nonce: hex(systemRandom(32)),
    };
    this.proposal = signMessage(body, this.signer(proposer));
    for (const { id } of [...this.agreement.parties, ...this.agreement.collectors]) {
      const options = { id, sign: this.signer(id), random: systemRandom, limits: defaultLimits, nowMs };
      const file = lists.get(id);
      this.stations.set(id, {
        id,
        machine: file ? new PartyMachine(options) : new CollectorMachine(options),
        vault: file && (roomOf(compute) as unknown as Vault),
        file,
        pieces: [],
        sealedMatches: undefined,
        end: undefined,
      });
    }
  }

  private signer(id: string): (message: Uint8Array) => Uint8Array {
    return (message) => ed25519.sign(message, this.keys.get(id) as Uint8Array);
  }

  private station(id: string): Station {
    return this.stations.get(id) as Station;
  }

  async play(): Promise<SessionEnd> {
    const { proposer } = this.proposal;
    (this.station(proposer).machine as PartyMachine).propose(this.proposal, this.nowMs);
    for (let ticks = 0; ticks < 10; ) {
      for (const station of this.stations.values()) this.drain(station);
      const next = this.work.shift();
      if (next !== undefined) await next();
      else if (!this.deliver()) {
        const live = [...this.stations.values()].filter(({ machine }) => !machine.over);
        if (live.length === 0) break;
        // nothing moves: the clock's next tick
        this.nowMs = Math.min(...live.map(({ machine }) => machine.nextDeadlineMs()));
        for (const { machine } of live) machine.timeout(this.nowMs);
        ticks += 1;
      }
    }
    const matches = new Map<string, readonly MatchedLine[]>();
    for (const station of this.stations.values()) {
      if (station.sealedMatches !== undefined) matches.set(station.id, await this.exported(station));
    }
    const ends = new Map([...this.stations].map(([id, { end }]) => [id, end ?? 'none']));
    return { ends, matches, ...this.frozen };
  }

  /** One frame of a link; false where none is under way. */
  private deliver(): boolean {
    const busy = [...this.links].filter(([, frames]) => frames.length > 0);
    if (busy.length === 0) return false;
    const [key, frames] = busy[this.order(busy.length)] as [string, Uint8Array[]];
    const [from, to] = key.split('>') as [string, string];
    this.station(to).machine.receive(from, frames.shift() as Uint8Array, this.nowMs);
    return true;
  }

  private drain(station: Station): void {
    for (const output of station.machine.poll()) this.take(station, output);
  }

  private take(station: Station, output: ChainOutput): void {
    switch (output.type) {
      case 'send': {
        const key = `${station.id}>${output.to}`;
        this.links.set(key, [...(this.links.get(key) ?? []), output.bytes]);
        return;
      }
      case 'offer':
        return void this.work.push(() => this.consent(station, output.proposalHash));
      case 'job':
        return void this.work.push(() => this.run(station, output));
      case 'frozen':
        this.frozen.sizes = output.sizes;
        this.frozen.groups = output.labels;
        return;
      case 'finished':
        station.end = output.outcome;
        return;
      case 'aborted':
        station.end = output.error.code;
        return;
      case 'progress':
        return;
    }
  }

  /** As a node does: the list is opened in the vault, and what cannot be opened ends the session for everybody. */
  private async consent(station: Station, proposalHash: Uint8Array): Promise<void> {
    const { id, machine } = station;
    if (machine.over) return;
    const channels = [...this.stations.keys()]
      .filter((peer) => peer !== id)
      .map((peer) => ({
        peer,
        role: id < peer ? ('client' as const) : ('server' as const),
        exporterHash: createHash('sha256').update([id, peer].sort().join()).digest('hex'),
      }));
    const nothing = { identifiers: 0, keyCommitment: null, possession: null, listVersion: null, ledger: [] };
    if (station.vault === undefined) return machine.consent({ ...nothing, channels }, this.nowMs);
    try {
      const facts = await this.openList(station, proposalHash);
      machine.consent({ ...nothing, ...facts, listVersion: '1f'.repeat(32), channels }, this.nowMs);
    } catch (thrown) {
      machine.cancel(asTally(thrown), this.nowMs);
    }
  }

  private async openList(station: Station, proposalHash: Uint8Array) {
    const { agreement, proposal } = this;
    const { form, subject, recipes, privacy, labels } = agreement;
    const { path, options } = station.file as ListFile;
    const room = station.vault as unknown as ReturnType<typeof roomOf>;
    room.unlock(systemRandom(32));
    const job = room.importBegin(path, options, nowMs);
    for (let piece = await room.importNext(job); piece !== null; piece = await room.importNext(job))
      station.pieces.push(piece);
    const { meta } = room.importEnd(job);
    room.beginSession({
      session: proposal.session,
      listId: meta.listId,
      form,
      subject,
      recipes,
      agreementId: agreementId(agreement),
      nodeId: station.id,
      proposalHash,
      maxIdentifiers: 1000,
      identifiersPerRecord: privacy?.microEpsilon == null ? null : privacy.identifiersPerRecord,
      labels: labels?.find(({ party }) => party === station.id) ?? null,
    });
    for (const piece of station.pieces) room.pushPiece(proposal.session, piece);
    const opened = room.openSession(proposal.session);
    return {
      identifiers: opened.count,
      labels: opened.labels,
      keyCommitment: opened.commitment,
      possession: opened.possession,
    };
  }

  private async run(station: Station, { id, job }: Extract<ChainOutput, { type: 'job' }>): Promise<void> {
    const machine = station.machine as PartyMachine;
    const context = {
      vault: station.vault as Vault,
      session: this.proposal.session,
      self: station.id,
      agreement: () => this.agreement,
      sizes: () => this.frozen.sizes,
      onBlinded: () => undefined,
      onMatches: ({ sealedResult }: { readonly sealedResult: Uint8Array }) => {
        station.sealedMatches = sealedResult;
      },
    };
    try {
      machine.completed(id, await runJob(context, job), this.nowMs);
    } catch (thrown) {
      machine.failed(id, asTally(thrown), this.nowMs);
    }
  }

  /** What the owner is given. */
  private async exported(station: Station): Promise<MatchedLine[]> {
    const room = station.vault as unknown as ReturnType<typeof roomOf>;
    const path = `${station.file?.path}.${this.proposal.session}.matches`;
    const job = room.exportBegin(station.sealedMatches as Uint8Array, path, null, null);
    for (const piece of station.pieces) await room.exportPiece(job, piece);
    await room.exportEnd(job);
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as MatchedLine);
  }
}

function asTally(thrown: unknown): TallyError {
  if (thrown instanceof TallyError) return thrown;
  throw thrown;
}
