/**
 * The vault from the inside: what the worker exposes, as plain calls with values that can be cloned.
 *
 * Purpose: hold the data key, the sessions, the imports and exports under way; hand each call to the one it is
 * for. Long inputs and outputs go in pieces, so that no callback crosses the threads.
 * Assumes: one caller, which is `client.ts`. Does not know: threads, Comlink.
 */
import { readBoundedFile } from '@tallystick/host/files';
import { createSealer, dataKeyBytes, type Sealer } from '@tallystick/host/seal';
import { TallyError } from '@tallystick/protocol/errors';
import { deriveIdentifiers, isRecordOf, parseRecipes } from '@tallystick/protocol/records';
import type { Correction } from '@tallystick/protocol/redress';
import type { RandomBytes } from '@tallystick/protocol/suite';
import type { HandlingMarks } from '../control/handling.ts';
import type { Compute } from '../compute/types.ts';
import { maxEnquiryBytes } from '../lists/index.ts';
import { IdentifierSet } from './flat/identifier-set.ts';
import { explainRecord, ListImport, readReport } from './list-reading.ts';
import type { ImportListOptions, ListCheck, ListOptions, RecordChoice } from './list-types.ts';
import { ListLabels } from './labels.ts';
import { PieceReader } from './pieces.ts';
import { Enquiry, foundSessions, meantRecords, tagsFor } from './enquiry.ts';
import type { CheckedEnquiry, CorrectionTerms, EnquirySource, HeldResult } from './enquiry-types.ts';
import { readResult, ResultExport } from './result.ts';
import { VaultSession } from './session.ts';
import { type StoredRecord, unpackRecord } from './stored-record.ts';
import type { ImportOutcome, OpenedSession, OpenSession } from './types.ts';

/** A session whose list is still coming in. */
interface Opening {
  readonly request: OpenSession;
  readonly set: IdentifierSet;
  readonly reader: PieceReader;
  readonly labels: ListLabels | null;
  readonly counts: { records: number; withoutIdentifiers: number; cut: number };
}

export class VaultRoom {
  readonly #compute: Compute;
  readonly #random: RandomBytes;
  #sealerOpen: Sealer | undefined;
  readonly #openings = new Map<string, Opening>();
  readonly #sessions = new Map<string, VaultSession>();
  readonly #imports = new Map<number, ListImport>();
  readonly #exports = new Map<number, ResultExport>();
  readonly #enquiries = new Map<number, Enquiry>();
  #nextId = 1;

  constructor(compute: Compute, random: RandomBytes) {
    this.#compute = compute;
    this.#random = random;
  }

  unlock(dataKey: Uint8Array): void {
    if (this.#sealerOpen !== undefined) throw new TallyError('session.state', 'vault: is unlocked already');
    if (dataKey.length !== dataKeyBytes) {
      throw new TallyError('store.key', `data key: want ${dataKeyBytes} bytes, got ${dataKey.length}`);
    }
    this.#sealerOpen = createSealer(dataKey, this.#random);
    dataKey.fill(0);
  }

  checkList(
    path: string,
    options: ListOptions,
    recipes: readonly string[],
    nowMs: number,
  ): Promise<ListCheck> {
    return readReport(path, options, parseRecipes(recipes), nowMs);
  }

  explainRecord(
    path: string,
    options: ListOptions,
    record: RecordChoice,
    recipes: readonly string[],
  ): Promise<string> {
    return explainRecord(path, options, record, parseRecipes(recipes));
  }

  // imports: begin, next until null, end

  importBegin(path: string, options: ImportListOptions, nowMs: number): number {
    const listId = Buffer.from(this.#random(16)).toString('hex');
    return this.#keep(this.#imports, new ListImport(this.#sealer(), listId, path, options, nowMs));
  }

  async importNext(id: number): Promise<Uint8Array | null> {
    return await this.#named(this.#imports, id).next();
  }

  importEnd(id: number): ImportOutcome {
    const outcome = this.#named(this.#imports, id).outcome();
    this.#imports.delete(id);
    return outcome;
  }

  async importAbort(id: number): Promise<void> {
    const running = this.#imports.get(id);
    this.#imports.delete(id);
    await running?.abort();
  }

  // sessions: begin, push the list's pieces, open

  beginSession(request: OpenSession): void {
    const { session, listId, subject } = request;
    if (this.#sessions.has(session) || this.#openings.has(session)) {
      throw new TallyError('session.busy', 'session: one of this name is open');
    }
    const recipes = parseRecipes(request.recipes);
    const set = new IdentifierSet(new DataView(this.#random(4).buffer).getUint32(0));
    const counts = { records: 0, withoutIdentifiers: 0, cut: 0 };
    const labels = request.labels == null ? null : new ListLabels(request.labels);
    const most = request.identifiersPerRecord ?? Number.POSITIVE_INFINITY;
    const reader = new PieceReader(this.#sealer(), `list/${listId}`, (value, number) => {
      const record = unpackRecord(value as StoredRecord); // sealed by this vault: it has this shape
      if (!isRecordOf(record, subject)) return;
      counts.records += 1;
      const { identifiers } = deriveIdentifiers(record, recipes);
      if (identifiers.length === 0) counts.withoutIdentifiers += 1;
      counts.cut += Math.max(0, identifiers.length - most);
      const label = labels?.numberOf(record) ?? 0;
      for (const identifier of identifiers.slice(0, most)) {
        const at = set.add(identifier, number);
        labels?.note(at, label);
      }
    });
    this.#openings.set(session, { request, set, reader, counts, labels });
  }

  pushPiece(session: string, piece: Uint8Array): void {
    const opening = this.#opening(session);
    this.#fill(opening, () => opening.reader.push(piece));
  }

  openSession(session: string): OpenedSession {
    const opening = this.#opening(session);
    const { request, set, reader, counts, labels } = opening;
    this.#fill(opening, () => reader.end());
    if (set.count === 0) {
      throw new TallyError(
        'list.empty',
        'list: no record of the subject has an identifier under the recipes',
      );
    }
    this.#openings.delete(session);
    set.seal();
    const tools = { compute: this.#compute, random: this.#random, sealer: () => this.#sealer() };
    const announced = labels?.announce(request.padTo ?? 1);
    const fillers = fillersFor(announced?.map(({ size }) => size) ?? [set.count], set.count, request);
    const opened = new VaultSession(request, set, { fillers, labels }, tools);
    this.#sessions.set(session, opened);
    const duplicates = set.pairs - set.count;
    return {
      count: set.count,
      ...counts,
      duplicates,
      fillers,
      labels: announced ?? null,
      ...opened.commit(),
    };
  }

  blindList(session: string): Promise<void> {
    return this.session(session).blindList();
  }

  /** The open session of this name; throws `session.unknown`. */
  session(name: string): VaultSession {
    const session = this.#sessions.get(name);
    if (session === undefined) throw new TallyError('session.unknown', 'session: none of this name is open');
    return session;
  }

  endSession(name: string): void {
    this.#openings.get(name)?.set.wipe();
    this.#openings.get(name)?.labels?.wipe();
    this.#openings.delete(name);
    this.#sessions.get(name)?.end();
    this.#sessions.delete(name);
  }

  // results

  resultCounts(sealedResult: Uint8Array): { identifiers: number; records: number } {
    const { identifiers, records } = readResult(this.#sealer(), sealedResult).head;
    return { identifiers, records };
  }

  exportBegin(
    sealedResult: Uint8Array,
    outPath: string,
    handling: HandlingMarks | null,
    only: Correction | null,
  ): number {
    const suffix = Buffer.from(this.#random(6)).toString('hex');
    return this.#keep(
      this.#exports,
      new ResultExport(this.#sealer(), sealedResult, { outPath, suffix, handling, only }),
    );
  }

  async exportPiece(id: number, piece: Uint8Array): Promise<void> {
    await this.#named(this.#exports, id).push(piece);
  }

  async exportEnd(id: number): Promise<void> {
    await this.#named(this.#exports, id).end();
    this.#exports.delete(id);
  }

  async exportAbort(id: number): Promise<void> {
    const running = this.#exports.get(id);
    this.#exports.delete(id);
    await running?.abort();
  }

  // enquiries: begin, a result, its list's pieces, until all are read; end

  async enquiryBegin(source: EnquirySource): Promise<number> {
    const text =
      'text' in source
        ? source.text
        : Buffer.from(await readBoundedFile(source.path, maxEnquiryBytes)).toString();
    return this.#keep(this.#enquiries, new Enquiry(this.#sealer(), text));
  }

  enquiryResult(id: number, held: HeldResult): void {
    this.#named(this.#enquiries, id).beginResult(held);
  }

  enquiryPiece(id: number, piece: Uint8Array): void {
    this.#named(this.#enquiries, id).push(piece);
  }

  enquiryResultEnd(id: number): void {
    this.#named(this.#enquiries, id).endResult();
  }

  enquiryEnd(id: number): CheckedEnquiry {
    const checked = this.#named(this.#enquiries, id).end(this.#random);
    this.#enquiries.delete(id);
    return checked;
  }

  enquiryAbort(id: number): void {
    this.#enquiries.delete(id);
  }

  foundSessions(finding: Uint8Array): string[] {
    return foundSessions(this.#sealer(), finding);
  }

  correctionTags(
    finding: Uint8Array,
    sealedResult: Uint8Array,
    terms: CorrectionTerms,
  ): readonly string[] | null {
    return tagsFor(this.#sealer(), finding, sealedResult, terms, this.#random);
  }

  meantRecords(sealedResult: Uint8Array, correction: Correction): number {
    return meantRecords(this.#sealer(), sealedResult, correction).size;
  }

  async close(): Promise<void> {
    for (const name of [...this.#openings.keys(), ...this.#sessions.keys()]) this.endSession(name);
    for (const id of this.#imports.keys()) await this.importAbort(id);
    for (const id of this.#exports.keys()) await this.exportAbort(id);
    this.#enquiries.clear();
    this.#sealerOpen?.destroy();
    this.#sealerOpen = undefined;
    await this.#compute.close();
  }

  #sealer(): Sealer {
    if (this.#sealerOpen === undefined) throw new TallyError('store.key', 'vault: is locked');
    return this.#sealerOpen;
  }

  #opening(session: string): Opening {
    const opening = this.#openings.get(session);
    if (opening === undefined)
      throw new TallyError('session.unknown', 'session: none of this name is opening');
    return opening;
  }

  /** Reads on, and stops where the list brings more than the session permits. */
  #fill({ request, set }: Opening, read: () => void): void {
    read();
    if (set.count > request.maxIdentifiers) {
      throw new TallyError('list.cap', `list: want at most ${request.maxIdentifiers} identifiers, got more`);
    }
  }

  #keep<T>(running: Map<number, T>, one: T): number {
    const id = this.#nextId;
    this.#nextId += 1;
    running.set(id, one);
    return id;
  }

  #named<T>(running: Map<number, T>, id: number): T {
    const one = running.get(id);
    if (one === undefined)
      throw new TallyError('session.unknown', 'work: nothing of this number is under way');
    return one;
  }
}

/**
 * Random elements up to the next multiple, of the list or of each of its parts; empty ones are filled as well.
 * @param parts sizes, already whole multiples where the list is cut by labels. Throws `list.cap`.
 */
function fillersFor(parts: readonly number[], count: number, { padTo, maxIdentifiers }: OpenSession): number {
  if (padTo == null) return 0;
  if (!Number.isSafeInteger(padTo) || padTo < 1) {
    throw new TallyError('argument.invalid', 'padTo: want a whole number from 1');
  }
  const size = parts.reduce((sum, part) => sum + Math.max(1, Math.ceil(part / padTo)) * padTo, 0);
  if (size > maxIdentifiers) {
    throw new TallyError('list.cap', `list: want at most ${maxIdentifiers} identifiers, padded ${size}`);
  }
  return size - count;
}
