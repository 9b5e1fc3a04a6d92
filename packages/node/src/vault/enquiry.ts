/**
 * A person's enquiry against the results that are held.
 *
 * Purpose: whether one of the own records in a result is the person's: their identifiers, by the recipes of that
 * session, against those of every record that the result names. The data never leave the vault; what leaves is a salted
 * commitment, and a finding that only the vault opens and whose size says nothing.
 * Assumes: results and lists are this vault's own. Does not know: tickets, dates, partners.
 *
 * Every result and every list is read to its end, and every named record is derived, whether one was found or not.
 */
import { encodeHex, utf8 } from '@tallystick/protocol/bytes';
import { TallyError } from '@tallystick/protocol/errors';
import { correctionTags, isTagged, type Correction } from '@tallystick/protocol/redress';
import {
  deriveIdentifiers,
  isRecordOf,
  parseRecipes,
  recipeNames,
  type WatchlistRecord,
} from '@tallystick/protocol/records';
import type { RandomBytes } from '@tallystick/protocol/suite';
import { canonicalBytes, domainHash } from '@tallystick/protocol/wire';
import { parseEnquiry } from '../lists/index.ts';
import type { CorrectionTerms, HeldResult } from './enquiry-types.ts';
import { PieceReader } from './pieces.ts';
import { readResult, type ResultRow } from './result.ts';
import type { Sealer } from './sealing.ts';
import { type StoredRecord, unpackRecord } from './stored-record.ts';

const findingContext = 'redress/finding';
/** A finding is a multiple of so many bytes, at least so many for every few results. */
const findingBlockBytes = 4096;
const resultsToABlock = 16;

/** Of one held result: numbers of records in the own list. */
interface Finding {
  readonly session: string;
  readonly records: readonly number[];
}

export class Enquiry {
  readonly #sealer: Sealer;
  readonly #record: WatchlistRecord;
  readonly #findings: Finding[] = [];
  #reading: { readonly reader: PieceReader; readonly found: number[]; readonly session: string } | undefined;

  /** @param json as `parseEnquiry` reads it. Throws `list.format`, `list.empty`. */
  constructor(sealer: Sealer, json: string) {
    this.#sealer = sealer;
    this.#record = parseEnquiry(json);
    if (deriveIdentifiers(this.#record, recipeNames).identifiers.length === 0) {
      throw new TallyError('list.empty', 'enquiry: nothing in it becomes an identifier');
    }
  }

  /** The next result; its list's pieces are to be pushed before `endResult`. */
  beginResult({ session, recipes: names, subject, sealed }: HeldResult): void {
    const recipes = parseRecipes(names);
    const asked = new Set(
      isRecordOf(this.#record, subject) ? deriveIdentifiers(this.#record, recipes).identifiers : [],
    );
    const { head, rows } = readResult(this.#sealer, sealed);
    const named = new Set(rows.map(({ record }) => record));
    const found: number[] = [];
    const reader = new PieceReader(this.#sealer, `list/${head.listId}`, (value, number) => {
      if (!named.has(number)) return;
      const { identifiers } = deriveIdentifiers(unpackRecord(value as StoredRecord), recipes);
      let same = 0;
      for (const one of identifiers) same += asked.has(one) ? 1 : 0;
      if (same > 0) found.push(number);
    });
    this.#reading = { reader, found, session };
  }

  push(piece: Uint8Array): void {
    this.#current().reader.push(piece);
  }

  endResult(): void {
    const { reader, found, session } = this.#current();
    reader.end();
    this.#findings.push({ session, records: found });
    this.#reading = undefined;
  }

  /** Commitment to the person's identifiers (all recipes), its salt, and the finding. */
  end(random: RandomBytes): { subject: string; salt: string; finding: Uint8Array } {
    const salt = random(32);
    const identifiers = deriveIdentifiers(this.#record, recipeNames).identifiers.toSorted();
    const subject = encodeHex(domainHash('redress-subject', salt, canonicalBytes(identifiers)));
    return { subject, salt: encodeHex(salt), finding: this.#seal() };
  }

  #current() {
    if (this.#reading === undefined)
      throw new TallyError('session.state', 'enquiry: no result is being read');
    return this.#reading;
  }

  #seal(): Uint8Array {
    const plain = utf8(JSON.stringify(this.#findings));
    const least = 1 + Math.floor(this.#findings.length / resultsToABlock);
    const blocks = Math.max(least, Math.ceil(plain.length / findingBlockBytes));
    const padded = new Uint8Array(blocks * findingBlockBytes).fill(0x20); // JSON does not mind spaces
    padded.set(plain);
    const sealed = this.#sealer.seal(padded, findingContext);
    padded.fill(0);
    plain.fill(0);
    return sealed;
  }
}

function openFinding(sealer: Sealer, finding: Uint8Array): Finding[] {
  const plain = sealer.unseal(finding, findingContext);
  const found = JSON.parse(Buffer.from(plain).toString('utf8')) as Finding[]; // sealed by this vault
  plain.fill(0);
  return found;
}

/** Sessions in whose results the person's record was. */
export function foundSessions(sealer: Sealer, finding: Uint8Array): string[] {
  return openFinding(sealer, finding).flatMap(({ session, records }) =>
    records.length > 0 ? [session] : [],
  );
}

/** What a partner that received this session's matches may be told; null: it is known not to have the record. */
export function tagsFor(
  sealer: Sealer,
  finding: Uint8Array,
  sealedResult: Uint8Array,
  { session, salt, partner, which }: CorrectionTerms,
  random: RandomBytes,
): readonly string[] | null {
  const records = openFinding(sealer, finding).find((one) => one.session === session)?.records ?? [];
  const rows = readResult(sealer, sealedResult).rows.filter(({ record }) => records.includes(record));
  const held = rows.flatMap(({ identifiers, lists }) =>
    identifiers.filter((_, i) => !which || lists?.[i]?.includes(partner) === true),
  );
  return held.length === 0 ? null : correctionTags({ session, salt }, held, random);
}

const isMeant =
  (correction: Correction) =>
  ({ identifiers }: ResultRow): boolean =>
    isTagged(correction, identifiers);

/** Which rows of an own result a correction means. */
export function meantRecords(
  sealer: Sealer,
  sealedResult: Uint8Array,
  correction: Correction,
): ReadonlySet<number> {
  const { rows } = readResult(sealer, sealedResult);
  return new Set(rows.filter(isMeant(correction)).map(({ record }) => record));
}
