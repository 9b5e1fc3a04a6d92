/**
 * Invented lists for the benches.
 *
 * Purpose: n records with one passport each, of which a known half is on every list.
 * Assumes: recipe `document`, so that a record is one identifier. Does not know: nodes.
 */
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

const numbers = 10 ** 9;
/** Has no factor in common with 10^9: multiplying by it permutes. */
const stride = 618_033_989;

/** Different passport numbers, looking random: the same `from` gives the same numbers. */
function* passports(from: number, count: number, offset: number): Generator<string> {
  for (let i = from; i < from + count; i++) {
    const number = Number((BigInt(i) * BigInt(stride) + BigInt(offset)) % BigInt(numbers));
    yield `P${String(number).padStart(9, '0')}`;
  }
}

export interface Lists {
  /** Identifiers of list `index`, in its order. */
  of(index: number): string[];
  /** Identifiers that are on every list. */
  readonly common: number;
}

/** Lists of n identifiers each, ⌊n/2⌋ of them on all lists and the rest on one alone. */
export function inventLists(n: number): Lists {
  const offset = randomInt(numbers);
  const common = n >> 1;
  const own = n - common;
  return {
    common,
    of(index) {
      const mine = [...passports(common + index * own, own, offset)];
      const shared = [...passports(0, common, offset)];
      // in turns, so that no list begins with what it shares
      return mine.flatMap((number, i) => (i < shared.length ? [number, shared[i] as string] : [number]));
    },
  };
}

/** Writes a list as CSV of mode 0600. */
export async function writeList(path: string, identifiers: readonly string[]): Promise<void> {
  const rows = identifiers.map((number, i) => `R${i},Person ${i},${number}\n`);
  await writeFile(path, `id,name,documentNumber\n${rows.join('')}`, { mode: 0o600 });
}
