/**
 * Labels: what consents announce of them, how the collector counts them, and what a party can see of a wrong answer.
 *
 * Purpose: a list with labels announces how many identifiers it has under each, small ones merged into groups by those
 * sizes alone; with its sorted tags it sends the collector, and nobody else, one byte a tag: the number of its group.
 * Assumes: the agreement names every label (agreement/labels.ts). Does not know: how a label is found (the vault).
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import type { LabelTerms } from '../agreement/labels.ts';
import { TallyError } from '../errors/index.ts';
import {
  cellSpace,
  type CellSpace,
  checkCounts,
  type CountCell,
  deriveReleased,
  type LabelGroup,
  type ListShape,
} from '../privacy/index.ts';
import type { MessageOf, ReleasedCell, ReleasedCounts } from '../wire/messages.ts';
import { exactlyFrom } from './counts.ts';

/** The label byte of a sentinel: it is no identifier and has no label. */
export const sentinelLabel = 0xff;

/** What a party's list is cut by; undefined for one without labels. */
export function labelTermsOf({ labels }: Pick<Agreement, 'labels'>, party: string): LabelTerms | undefined {
  return labels?.find((terms) => terms.party === party);
}

/**
 * What a consent announces of its labels: every label that the agreement declares, in one group, in their order; groups
 * not below the agreed size (unless there is one), adding up to the list. Throws `chain.label`, `chain.count`.
 */
export function checkConsentLabels(
  { from, identifiers, labels }: Pick<MessageOf<'consent'>, 'from' | 'identifiers' | 'labels'>,
  agreement: Pick<Agreement, 'labels' | 'padTo'>,
): void {
  const terms = labelTermsOf(agreement, from);
  if (terms === undefined || labels === null) {
    if (terms === undefined && labels === null) return;
    throw new TallyError('chain.label', `consent.labels: want ${terms ? 'the declared ones' : 'none'}`);
  }
  const places = labels.map((group) => group.labels.map((label) => terms.labels.indexOf(label)));
  const isRising = (numbers: readonly number[]): boolean =>
    numbers.every((at, i) => i === 0 || (numbers[i - 1] as number) < at);
  const flat = places.flat();
  if (flat.includes(-1)) throw new TallyError('chain.label', 'consent.labels: one that nobody declared');
  if (new Set(flat).size !== terms.labels.length || flat.length !== terms.labels.length) {
    throw new TallyError('chain.label', 'consent.labels: want each declared label once');
  }
  if (!places.every(isRising) || !isRising(places.map((group) => group[0] as number))) {
    throw new TallyError('chain.label', 'consent.labels: want the order of the agreement');
  }
  const sum = labels.reduce((total, { size }) => total + size, 0);
  if (sum !== identifiers) {
    throw new TallyError('chain.count', `consent.labels: add up to ${sum}, want ${identifiers}`);
  }
  if (labels.length > 1 && labels.some(({ size }) => size < terms.minSize)) {
    throw new TallyError('chain.count', `consent.labels: want ${terms.minSize} identifiers or more in each`);
  }
  const { padTo } = agreement;
  if (padTo !== null && labels.some(({ size }) => size % padTo !== 0)) {
    throw new TallyError('chain.count', `consent.labels: want multiples of ${padTo}`);
  }
}

/**
 * The announced lists, in the order of the parties. Throws `privacy.policy` where their labels make more cells than are
 * counted: before anything is sent.
 */
export function shapesOf(
  agreement: Agreement,
  consents: ReadonlyMap<string, Pick<MessageOf<'consent'>, 'identifiers' | 'labels'>>,
): readonly ListShape[] {
  const lists = agreement.parties.map(({ id }): ListShape => {
    const { identifiers: size = 0, labels = null } = consents.get(id) ?? {};
    if (labels === null) return { size };
    const names = nameGroups(labels);
    return { size, labels: labels.map((group, i) => ({ label: names[i] as string, size: group.size })) };
  });
  if (agreement.labels !== null) cellSpace(lists);
  return lists;
}

/** The cells of a session, or null where no list has labels. */
export function labelledSpace(lists: readonly ListShape[]): CellSpace | null {
  return lists.some(({ labels }) => labels !== undefined) ? cellSpace(lists) : null;
}

/** The collector's count of every cell: takes label bytes as they come and gives one to each tag in its turn. */
export class LabelTally {
  readonly counts: number[];
  readonly space: CellSpace;
  private readonly lists: readonly ListShape[];
  private readonly owners: readonly string[];
  private readonly groups: readonly number[];
  /** Number of the first cell of a mask. */
  private readonly firstCell: readonly number[];
  private readonly lanes: readonly { readonly chunks: Uint8Array[]; at: number }[];
  /** By list and group, so far. */
  private readonly sizes: readonly number[][];

  /** @param owners of the lists, in their order */
  constructor(lists: readonly ListShape[], owners: readonly string[]) {
    this.lists = lists;
    this.owners = owners;
    this.space = cellSpace(lists);
    this.counts = this.space.cells.map(() => 0);
    this.groups = lists.map(({ labels }) => labels?.length ?? 0);
    this.firstCell = Array.from({ length: 1 << lists.length }, (_, mask) =>
      this.space.cells.findIndex((cell) => cell.mask === mask),
    );
    this.lanes = lists.map(() => ({ chunks: [], at: 0 }));
    this.sizes = this.groups.map((groups) => new Array<number>(groups).fill(0));
  }

  /** The labels of a list's next tags, a byte each; pushed before those tags are counted. */
  push(list: number, labels: Uint8Array): void {
    this.lanes[list]?.chunks.push(labels);
  }

  /**
   * Counts the next tag of every list of a mask. Throws `chain.label` for a label that was not announced, and where a
   * sentinel has one or an identifier has none.
   */
  add(mask: number, isSentinel: boolean): void {
    let offset = 0;
    this.groups.forEach((groups, list) => {
      if (groups === 0 || (mask & (1 << list)) === 0) return;
      const label = this.next(list);
      if (isSentinel ? label !== sentinelLabel : label >= groups) {
        throw new TallyError('chain.label', `labels/${list}: want one of ${groups}, got another`, {
          among: [this.owners[list] as string],
        });
      }
      if (!isSentinel) (this.sizes[list] as number[])[label] = (this.sizes[list]?.[label] ?? 0) + 1;
      offset = offset * groups + label;
    });
    if (isSentinel) return;
    const cell = (this.firstCell[mask] as number) + offset;
    this.counts[cell] = (this.counts[cell] as number) + 1;
  }

  /** All tags were counted: as many under each label as their owner announced. Throws `chain.count`. */
  checkAnnounced(): void {
    this.lists.forEach(({ labels }, list) => {
      if (labels === undefined || labels.every(({ size }, group) => size === this.sizes[list]?.[group]))
        return;
      const among = [this.owners[list] as string];
      throw new TallyError('chain.count', `labels/${list}: not as many under each as announced`, { among });
    });
  }

  private next(list: number): number {
    const lane = this.lanes[list] as LabelTally['lanes'][number];
    const [chunk] = lane.chunks;
    const label = chunk?.[lane.at];
    if (chunk === undefined || label === undefined) {
      throw new TallyError('internal.bug', `labels/${list}: a tag was counted before its label came`);
    }
    lane.at += 1;
    if (lane.at === chunk.length) {
      lane.chunks.shift();
      lane.at = 0;
    }
    return label;
  }
}

/** Lets chunks of tags through, in order, once the chunk of their labels has come; at once where a list has none. */
export class LabelGate {
  private readonly lanes: readonly { readonly waiting: Uint8Array[]; free: number }[];
  private readonly onReady: (list: number, tags: Uint8Array) => void;

  constructor(lists: readonly ListShape[], onReady: (list: number, tags: Uint8Array) => void) {
    this.onReady = onReady;
    this.lanes = lists.map(({ labels }) => ({ waiting: [], free: labels ? 0 : Number.POSITIVE_INFINITY }));
  }

  /** A chunk of tags arrived. */
  tags(list: number, chunk: Uint8Array): void {
    this.lanes[list]?.waiting.push(chunk);
    this.open(list);
  }

  /** A chunk of labels arrived. */
  labelled(list: number): void {
    const lane = this.lanes[list];
    if (lane !== undefined) lane.free += 1;
    this.open(list);
  }

  private open(list: number): void {
    const lane = this.lanes[list];
    while (lane !== undefined && lane.free > 0) {
      const next = lane.waiting.shift();
      if (next === undefined) return;
      lane.free -= 1;
      this.onReady(list, next);
    }
  }
}

/** Exact cells add up to every announced size and to the numbers of the view. Throws `chain.count`. */
export function checkExactCells(
  space: CellSpace,
  cells: readonly ReleasedCell[],
  exactly: readonly number[],
): void {
  checkCounts(space, cells as readonly number[]);
  const sums = exactlyFrom(space, cells as readonly number[]);
  if (sums.some((sum, i) => sum !== exactly[i])) {
    throw new TallyError('chain.count', 'view.cells: do not add up to the view');
  }
}

/**
 * Released cells: no number above what the announced sizes under its labels allow, or below the minimum, or of one
 * padded list; and every other number of the release is what follows from them. Throws `chain.count`.
 */
export function checkReleasedCells(
  space: CellSpace,
  cells: readonly ReleasedCell[],
  release: ReleasedCounts,
  { privacy, padTo }: Pick<Agreement, 'privacy' | 'padTo'>,
): void {
  const deny = (text: string): never => {
    throw new TallyError('chain.count', `view.cells: ${text}`);
  };
  if (cells.length !== space.cells.length) deny(`want ${space.cells.length}, got ${cells.length}`);
  const least = privacy?.minCount ?? 0;
  space.cells.forEach(({ mask }, i) => {
    const cell = cells[i] as ReleasedCell;
    if (padTo !== null && (mask & (mask - 1)) === 0 && cell !== 'padded') deny('a number of one padded list');
    if (typeof cell !== 'number') return;
    const sizes = (space.rowsOf[i] as readonly number[]).map((row) => space.rowSizes[row] as number);
    if (cell > Math.min(...sizes)) deny('a number above the announced sizes');
    // Nobody is under an empty label: that number is public.
    if (least > 1 && cell < least && !sizes.includes(0)) deny('a number below the minimum');
  });
  const follows = deriveReleased(space, cells.map(countCellOf));
  for (const key of ['exactly', 'atLeast', 'inAtLeast'] as const) {
    const want = follows[key].map(releasedCellOf);
    if (want.length !== release[key].length || want.some((cell, i) => cell !== release[key][i])) {
      deny(`${key} does not follow from them`);
    }
  }
}

export function releasedCellOf(cell: CountCell): ReleasedCell {
  return cell.count === null ? cell.reason : cell.count;
}

function countCellOf(cell: ReleasedCell): CountCell {
  return typeof cell === 'number' ? { count: cell } : { count: null, reason: cell };
}

/**
 * How groups of labels are called: a label by itself, several together `other`, all of a list `all`. Where a label is
 * called so already, the group is called after its members.
 */
export function nameGroups(groups: readonly LabelGroup[]): string[] {
  const taken = new Set(groups.flatMap(({ labels }) => labels));
  return groups.map(({ labels }) => {
    const [only = ''] = labels;
    if (labels.length === 1) return only;
    const name = groups.length === 1 ? 'all' : 'other';
    return taken.has(name) ? labels.join(' or ') : name;
  });
}
