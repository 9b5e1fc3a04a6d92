/**
 * Sentinels at the collector: elements that every list holds, by which a fault on the way shows.
 *
 * Purpose: all parties must name the same sentinel tags, and each must be found on all lists; they are taken off every
 * count. They catch random faults in tagging, sorting, sending and merging, not a malicious owner or collector, who
 * know which they are.
 * Assumes: tags are shown in increasing order. Does not know: how a sentinel is made (the vault).
 */
import { compareBytes, encodeHex, equalBytes, parseHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';

export class SentinelCheck {
  private readonly count: number;
  private readonly tagBytes: number;
  private readonly owners: readonly string[];
  private readonly isProved: boolean;
  private readonly everybody: number;
  private readonly said = new Map<string, string>();
  private tags: Uint8Array = new Uint8Array(0);
  private next = 0;

  /**
   * @param owners of the lists, in their order
   * @param isProved every list came back as its owner sent it: what is missing among its tags, its owner left out
   */
  constructor(count: number, tagBytes: number, owners: readonly string[], isProved: boolean) {
    this.count = count;
    this.tagBytes = tagBytes;
    this.owners = owners;
    this.isProved = isProved;
    this.everybody = (1 << owners.length) - 1;
  }

  /** What a party says its sentinels are. Throws `chain.sentinel` where it is not what the others said. */
  take(from: string, tags: string): void {
    if (this.said.has(from)) throw new TallyError('wire.order', 'sentinels: given twice');
    const bytes = parseHex(tags);
    if (bytes.length !== this.count * this.tagBytes) {
      throw new TallyError('chain.sentinel', `sentinels: want ${this.count} tags of ${this.tagBytes} bytes`);
    }
    if (this.said.size > 0 && encodeHex(this.tags) !== tags) {
      const among = [[...this.said.keys()][0] as string, from];
      throw new TallyError('chain.sentinel', 'sentinels: they name others', { among });
    }
    this.said.set(from, tags);
    this.tags = bytes;
  }

  has(from: string): boolean {
    return this.said.has(from);
  }

  /** True where a tag is a sentinel. Throws `chain.sentinel` where one was passed over, or is not on every list. */
  isSentinel(tag: Uint8Array, mask: number): boolean {
    if (this.next === this.count) return false;
    const want = this.tags.subarray(this.next * this.tagBytes, (this.next + 1) * this.tagBytes);
    if (equalBytes(tag, want)) {
      if (mask !== this.everybody) throw this.missing(mask);
      this.next += 1;
      return true;
    }
    if (compareBytes(tag, want) > 0)
      throw new TallyError('chain.sentinel', 'sentinel: missing on every list');
    return false;
  }

  private missing(mask: number): TallyError {
    const among = this.isProved ? this.owners.filter((_, list) => (mask & (1 << list)) === 0) : [];
    return new TallyError('chain.sentinel', 'sentinel: missing on a list', { among });
  }

  /** Every sentinel was found. */
  get complete(): boolean {
    return this.next === this.count;
  }
}
