/**
 * Lists with a tier beside every passport number, and how many there are of each combination.
 *
 * Purpose: what `labels.test.ts` compares with: maps and words alone. Does not know: sessions.
 */
import { randomInt } from 'node:crypto';
import { passports } from './world.ts';

/** A frame on its way. */
export interface Sent {
  readonly from: string;
  readonly to: string;
  readonly frame: Uint8Array;
}

/** @param size of every list; most numbers are on several. A number stands twice, under two tiers, now and then. */
export function labelledLists(ids: readonly string[], tiers: readonly string[], size: number) {
  const stock = passports(2 * size);
  const rows = new Map(
    ids.map((id) => [
      id,
      Array.from({ length: size }, () => ({
        number: stock[randomInt(stock.length)] as string,
        // The first tier is rare, so that it is merged.
        tier: tiers[randomInt(20) === 0 ? 0 : 1 + randomInt(tiers.length - 1)] as string,
      })),
    ]),
  );
  // Every tier stands on every list.
  for (const list of rows.values()) tiers.forEach((tier, i) => Object.assign(list[i] ?? {}, { tier }));
  const tierOf = (id: string, number: string): string | undefined => {
    const own = (rows.get(id) ?? []).filter((row) => row.number === number).map((row) => row.tier);
    return tiers.find((tier) => own.includes(tier));
  };
  return {
    lists: Object.fromEntries([...rows].map(([id, list]) => [id, list.map((row) => row.number)])),
    columns: { labels: { tier: 'tier' } },
    csv: (id: string): string => {
      const lines = (rows.get(id) ?? []).map(
        ({ number, tier }, i) => `r${i},nobody number ${i},${number},${tier}`,
      );
      return ['id,name,number,tier', ...lines, ''].join('\n');
    },
    /** By `alpha high + beta`; @param rename what a part is called in the end */
    plainCells(labelled: readonly string[], rename = (part: string): string => part): Map<string, number> {
      const cells = new Map<string, number>();
      for (const number of stock) {
        const parts = ids.flatMap((id) => {
          const tier = tierOf(id, number);
          if (tier === undefined) return [];
          return [labelled.includes(id) ? rename(`${id} ${tier}`) : id];
        });
        const name = parts.join(' + ');
        if (parts.length > 0) cells.set(name, (cells.get(name) ?? 0) + 1);
      }
      return cells;
    },
  };
}
