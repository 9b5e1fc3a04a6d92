/**
 * Random lists, their plaintext answers, and vaults that talk to each other, for the tests of the room.
 *
 * Purpose: an oracle that knows nothing of recipes: it compares passport numbers and sorted words.
 * Assumes: lists hold plain lower-case words and plain numbers, on which every recipe agrees with the oracle.
 * Does not know: importers, threads.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TallyError } from '@tallystick/protocol/errors';
import type { ListOptions } from './list-types.ts';
import type { FreezeSession, OpenedSession, OpenSession, SealedListMeta, Vault } from './types.ts';

export const csvOptions: ListOptions = {
  format: 'csv',
  columns: { id: 'id', name: 'name', documents: [{ kind: 'passport', number: 'docno' }] },
};

export interface PlainRecord {
  readonly id: string;
  readonly name: string;
  readonly passport: string;
}

/** Made-up words without meaning to any recipe. */
function word(): string {
  let text = 'zq';
  for (let i = 0; i < 6; i++) text += 'bdfgklnprtv'[randomInt(11)];
  return text;
}

/** Records drawn from a common stock, so that lists overlap in names, in passports, in both, in neither. */
export function randomLists(lists: number, size: number): PlainRecord[][] {
  const names = Array.from({ length: size * 2 }, () => [word(), word()]);
  const passports = Array.from({ length: size * 2 }, () => `Q${randomInt(1e9, 1e10)}`);
  return Array.from({ length: lists }, (_, list) =>
    Array.from({ length: size }, (__, i) => {
      const words = names[randomInt(names.length)] as string[];
      const name = (randomInt(2) === 0 ? words : words.toReversed()).join(' ');
      const passport = randomInt(4) === 0 ? '' : (passports[randomInt(passports.length)] as string);
      return { id: `r${list}-${i}`, name, passport };
    }),
  );
}

/** What the recipes `document` and `name` see in a record. */
export function plainIdentifiers(record: PlainRecord): string[] {
  const name = record.name.split(' ').toSorted().join(' ');
  return record.passport === '' ? [name] : [record.passport, name];
}

export const plainSet = (list: readonly PlainRecord[]): Set<string> =>
  new Set(list.flatMap(plainIdentifiers));

/** The plaintext answer: own records that share an identifier with `others`, and how many identifiers do. */
export function plainMatches(list: readonly PlainRecord[], others: ReadonlySet<string>) {
  const records = list.filter((record) => plainIdentifiers(record).some((one) => others.has(one)));
  const identifiers = [...plainSet(list)].filter((one) => others.has(one)).length;
  return { ids: records.map((record) => record.id).toSorted(), records: records.length, identifiers };
}

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'tallystick-vault-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export async function writeList(folder: string, name: string, list: readonly PlainRecord[]): Promise<string> {
  const path = join(folder, name);
  const rows = list.map(({ id, name: own, passport }) => `${id},${own},${passport}\n`);
  await writeFile(path, `id,name,docno\n${rows.join('')}`);
  return path;
}

export interface SealedList {
  readonly pieces: Uint8Array[];
  readonly meta: SealedListMeta;
}

export async function importInto(vault: Vault, path: string): Promise<SealedList> {
  const pieces: Uint8Array[] = [];
  const { meta } = await vault.importList(path, csvOptions, 0, (piece) => {
    pieces.push(piece);
  });
  return { pieces, meta };
}

/** Opens a session named `s` on a sealed list. */
export function openOn(
  vault: Vault,
  list: SealedList,
  agreementId: Uint8Array,
  change: Partial<OpenSession> = {},
): Promise<OpenedSession> {
  const request: OpenSession = {
    session: 's',
    listId: list.meta.listId,
    form: 'direct',
    subject: 'any',
    recipes: ['document', 'name'],
    agreementId,
    nodeId: 'node',
    proposalHash: new Uint8Array(32),
    maxIdentifiers: 1000,
    ...change,
  };
  return vault.openSession(request, list.pieces);
}

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** Terms of a light direct session between two that both receive, seen from number `self`. */
export function termsOf(
  self: number,
  totals: readonly number[],
  change: Partial<FreezeSession> = {},
): FreezeSession {
  return {
    tagContext: new Uint8Array(32).fill(7),
    tagBytes: 8,
    parties: totals.map((_, i) => `node-${i}`),
    self,
    totals,
    sentinels: 0,
    verified: false,
    receives: true,
    peerReceives: true,
    which: false,
    ...change,
  };
}

/** Ranges of a stream of `count`, `size` at a time. */
export function ranges(count: number, size: number): { start: number; size: number }[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, c) => ({
    start: c * size,
    size: Math.min(size, count - c * size),
  }));
}

/** The code a call fails with; `undefined` where it does not fail. */
export async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof TallyError)) throw thrown;
    return thrown.code;
  }
}
