/**
 * Two sides of redress: vaults with sealed lists and results, and the plaintext view of both.
 *
 * Purpose: for the tests of enquiries and of tickets. Does not know: what is asked. Not part of the product.
 */
import { randomBytes } from 'node:crypto';
import { systemRandom } from '@tallystick/host/random';
import { createSealer, dataKeyBytes } from '@tallystick/host/seal';
import type { RecipeName } from '@tallystick/protocol/records';
import { openVault, type Vault } from '../vault/index.ts';
import { ResultWriter } from '../vault/result.ts';
import {
  importInto,
  plainIdentifiers,
  type PlainRecord,
  randomLists,
  type SealedList,
  temporaryFolder,
  writeList,
} from '../vault/vault.testkit.ts';

export const recipes: RecipeName[] = ['document', 'name'];

export interface Side {
  readonly id: string;
  readonly vault: Vault;
  readonly key: Uint8Array;
  readonly list: readonly PlainRecord[];
  readonly sealed: SealedList;
}

/** Two sides with lists of their own, of which some records are on both by their names alone. */
export interface Sides {
  readonly folder: string;
  readonly alpha: Side;
  readonly beta: Side;
  close(): Promise<void>;
}

export async function openSides(): Promise<Sides> {
  const folder = await temporaryFolder();
  const [one, two] = randomLists(2, 60) as [PlainRecord[], PlainRecord[]];
  const common = one.slice(0, 12).map((record, i) => ({ ...record, id: `c-${i}`, passport: '' }));
  const side = async (id: string, list: readonly PlainRecord[]): Promise<Side> => {
    const key = randomBytes(dataKeyBytes);
    const vault = await openVault({ inline: true });
    await vault.unlock(new Uint8Array(key));
    const sealed = await importInto(vault, await writeList(folder.path, `${id}.csv`, list));
    return { id, vault, key, list, sealed };
  };
  const [alpha, beta] = await Promise.all([side('alpha', one), side('beta', [...two, ...common])]);
  return {
    folder: folder.path,
    alpha,
    beta,
    async close() {
      await Promise.all([alpha.vault.close(), beta.vault.close()]);
      await folder.remove();
    },
  };
}

/** Identifiers as recipes of the session see them. */
export function identifiersOf(
  record: Pick<PlainRecord, 'name' | 'passport'>,
  names: readonly RecipeName[],
): string[] {
  const [passport, name] =
    record.passport === ''
      ? [undefined, plainIdentifiers({ ...record, id: '' })[0]]
      : plainIdentifiers({ ...record, id: '' });
  return [
    ...(names.includes('document') && passport !== undefined ? [passport] : []),
    ...(names.includes('name') && name !== undefined ? [name] : []),
  ];
}

/** The result that names these records of a side's list, as a session would have sealed it. */
export async function resultOf(
  side: Side,
  others: ReadonlySet<string>,
): Promise<{ sealed: Uint8Array; named: PlainRecord[] }> {
  const named = side.list.filter((record) => identifiersOf(record, recipes).some((one) => others.has(one)));
  const writer = new ResultWriter(createSealer(side.key, systemRandom), {
    listId: side.sealed.meta.listId,
    identifiers: named.length,
    records: named.length,
  });
  for (const record of named) {
    const own = identifiersOf(record, recipes).filter((one) => others.has(one));
    writer.add({ record: side.list.indexOf(record), identifiers: own.map((one) => typed(one)) });
  }
  return { sealed: writer.end(), named };
}

/** As the recipes write it. */
const typed = (one: string): string => (one.startsWith('Q') ? `passport:${one}` : `name:${one}`);

export const enquiryOf = ({ name, passport }: Pick<PlainRecord, 'name' | 'passport'>): string =>
  JSON.stringify({
    names: name === '' ? [] : [name],
    documents: passport === '' ? [] : [{ kind: 'passport', number: passport }],
  });
