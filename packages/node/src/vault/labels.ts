/**
 * The labels of a list in a session: one for each identifier, small ones merged.
 *
 * Purpose: from the labels of records to the number of a group for each identifier and each random element; and what is
 * announced of them. An identifier of several records, or of a record with several labels, gets the one that the
 * agreement names first: no order of the list's own decides.
 * Assumes: identifiers are numbered from 0 in the order in which they come. Does not know: tags, who is told.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { type LabelGroup, mergeLabels } from '@tallystick/protocol/privacy';
import { labelsOf, type WatchlistRecord } from '@tallystick/protocol/records';
import type { OpenSession } from './types.ts';

export class ListLabels {
  readonly #terms: NonNullable<OpenSession['labels']>;
  readonly #numbers: ReadonlyMap<string, number>;
  /** By identifier: the number of its label; after `announce`, of its group. */
  #labels = new Uint8Array(1 << 10);
  #count = 0;
  /** By group: how many random elements fill the groups up to and including it. */
  #filled: number[] = [];

  constructor(terms: NonNullable<OpenSession['labels']>) {
    this.#terms = terms;
    this.#numbers = new Map(terms.labels.map((label, i) => [label, i]));
  }

  /** The number of a record's label. Throws `list.label` for one that is not declared. */
  numberOf(record: WatchlistRecord): number {
    const { field } = this.#terms;
    const numbers = labelsOf(record, field).map((label) => this.#numbers.get(label) ?? -1);
    if (numbers.includes(-1)) {
      throw new TallyError(
        'list.label',
        `labels: field ${field} has a label that the agreement does not declare`,
      );
    }
    return Math.min(...numbers);
  }

  /** An identifier that a record with this label has. */
  note(identifier: number, label: number): void {
    if (identifier < this.#count) {
      this.#labels[identifier] = Math.min(label, this.#labels[identifier] as number);
      return;
    }
    if (identifier === this.#labels.length) {
      const larger = new Uint8Array(2 * this.#labels.length);
      larger.set(this.#labels);
      this.#labels.fill(0);
      this.#labels = larger;
    }
    this.#labels[identifier] = label;
    this.#count += 1;
  }

  /**
   * After the last identifier, once: merges labels below the agreed size, by these sizes alone, and fills every group
   * up to a multiple of `padTo` (1: none is filled).
   */
  announce(padTo: number): LabelGroup[] {
    const { labels, minSize } = this.#terms;
    const sizes = labels.map(() => 0);
    for (const label of this.#labels.subarray(0, this.#count)) sizes[label] = (sizes[label] as number) + 1;
    const groups = mergeLabels(
      labels.map((label, i) => ({ label, size: sizes[i] as number })),
      minSize,
    );
    const groupOf = labels.map((label) => groups.findIndex((group) => group.labels.includes(label)));
    for (let i = 0; i < this.#count; i++) this.#labels[i] = groupOf[this.#labels[i] as number] as number;
    let filled = 0;
    const announced = groups.map((group) => {
      const size = padTo === 1 ? group.size : Math.max(1, Math.ceil(group.size / padTo)) * padTo;
      this.#filled.push((filled += size - group.size));
      return { labels: group.labels, size };
    });
    return announced;
  }

  /** The group of an identifier. */
  of(identifier: number): number {
    return this.#labels[identifier] as number;
  }

  /** The group that a random element fills. */
  ofFiller(filler: number): number {
    return this.#filled.findIndex((upTo) => filler < upTo);
  }

  wipe(): void {
    this.#labels.fill(0);
  }
}
