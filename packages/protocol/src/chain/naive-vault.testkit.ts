/**
 * A vault that does the jobs one identifier at a time on @noble/curves, without tables or batches.
 *
 * Purpose: a second opinion on what a job means, for the machines' tests.
 * Does not know: channels, workers, files. Not part of the product.
 */
import { ed25519, ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { agreementId, type Agreement, type LabelTerms } from '../agreement/index.ts';
import { compareBytes, concatBytes, encodeHex, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import {
  drawScalar,
  elementDst,
  createReferenceEngine,
  expandMessage,
  expandWeights,
  parseScalar,
  proveDleq,
  sentinelDst,
  sentinelMessage,
  tagElements,
} from '../suite/index.ts';
import { type LabelGroup, mergeLabels } from '../privacy/index.ts';
import { sentinelLabel } from './labels.ts';
import type { Job, JobResult } from './types.ts';

const { Point } = ristretto255;
const reference = createReferenceEngine();
const Fn = ed25519.Point.Fn;

/** One party's list and scalars, done the slow and plain way. */
export class NaiveVault {
  readonly k: Uint8Array;
  private readonly r: bigint;
  private readonly kValue: bigint;
  private readonly sealed: boolean;
  private readonly identifiers: readonly string[];
  private readonly dst: Uint8Array;
  private own: { element: Uint8Array; identifier: string | undefined }[] = [];
  private sorted: { tag: Uint8Array; identifier: string | undefined }[] = [];
  private readonly last: Uint8Array[] = [];
  readonly marks: Uint8Array[] = [];
  private readonly verified: boolean;
  private readonly markWidth: number;
  private readonly sentinelDst: Uint8Array;
  private readonly privateSeed: Uint8Array;
  private context: Uint8Array = new Uint8Array(32);
  private tagBytes = 0;
  private readonly peerTags = new Set<string>();
  private readonly ownTags: Uint8Array[] = [];

  constructor(identifiers: readonly string[], agreement: Agreement, random: (n: number) => Uint8Array) {
    this.identifiers = [...new Set(identifiers)];
    this.dst = elementDst(agreementId(agreement));
    this.k = drawScalar(random);
    this.kValue = parseScalar(this.k);
    this.r = parseScalar(drawScalar(random));
    this.sealed = agreement.form === 'sealed';
    this.verified = agreement.verified;
    this.markWidth = agreement.output.kind === 'matches' && agreement.output.which ? 2 : 1;
    this.sentinelDst = sentinelDst(agreementId(agreement));
    this.privateSeed = random(32);
  }

  get tagContext(): Uint8Array {
    return this.context;
  }

  /** Both ends of the own chain, folded with weights that somebody else chose. */
  foldWith(weights: readonly bigint[]): Uint8Array {
    const fold = (elements: readonly Uint8Array[]): Uint8Array =>
      elements
        .map((bytes, i) => Point.fromBytes(bytes).multiplyUnsafe(weights[i] as bigint))
        .reduce((sum, point) => sum.add(point))
        .toBytes();
    return concatBytes(fold(this.own.map((entry) => entry.element)), fold(this.last));
  }

  /** Announced groups; null for a list without labels. */
  groups: LabelGroup[] | null = null;
  private groupOf: (identifier: string) => number = () => 0;

  /** Cuts the list by labels, small ones merged. */
  label({ labels, minSize }: LabelTerms, labelOf: (identifier: string) => number): void {
    const sizeOf = (at: number) => this.identifiers.filter((one) => labelOf(one) === at).length;
    const groups = mergeLabels(
      labels.map((label, at) => ({ label, size: sizeOf(at) })),
      minSize,
    );
    this.groups = groups;
    this.groupOf = (identifier) =>
      groups.findIndex((group) => group.labels.includes(labels[labelOf(identifier)] as string));
  }

  get count(): number {
    return this.identifiers.length;
  }

  /** What matched, after `match`. */
  matched: string[] = [];

  run(job: Job): JobResult {
    switch (job.op) {
      case 'begin': {
        this.context = job.tagContext;
        this.tagBytes = job.tagBytes;
        const scalar = this.sealed ? this.r : this.kValue;
        const listed = this.identifiers.map((identifier) => ({
          element: this.hash(utf8(identifier), this.dst).multiply(scalar).toBytes(),
          identifier: identifier as string | undefined,
        }));
        for (let i = 0; i < job.sentinels; i++) {
          const point = this.hash(sentinelMessage(job.tagContext, i), this.sentinelDst);
          listed.push({ element: point.multiplyUnsafe(scalar).toBytes(), identifier: undefined });
        }
        this.own = listed.sort((a, b) => compareBytes(a.element, b.element));
        return undefined;
      }
      case 'readFirstStream':
        return concatBytes(...this.own.slice(job.start, job.start + job.count).map((entry) => entry.element));
      case 'evaluate':
        return this.times(job.elements, this.kValue);
      case 'evaluatePeer': {
        const evaluated = this.times(job.elements, this.kValue);
        const tags = tagElements(evaluated, this.context, this.tagBytes);
        for (const tag of this.split(tags)) this.peerTags.add(encodeHex(tag));
        if (job.give === 'nothing') return new Uint8Array(0);
        return job.give === 'tags' ? tags : evaluated;
      }
      case 'absorbReturned':
        this.last.push(...this.pieces(job.units, this.verified ? 32 : this.tagBytes));
        this.ownTags.push(
          ...this.split(this.verified ? tagElements(job.units, this.context, this.tagBytes) : job.units),
        );
        return undefined;
      case 'finishChain': {
        this.last.push(...this.pieces(job.elements, 32));
        const elements = this.times(job.elements, Fn.mul(this.kValue, Fn.inv(this.r)));
        this.ownTags.push(...this.split(tagElements(elements, this.context, this.tagBytes)));
        return undefined;
      }
      case 'foldOwn':
        return concatBytes(this.fold(this.own.map((entry) => entry.element)), this.fold(this.last));
      case 'prove': {
        const { product, proof } = proveDleq(this.k, job.element, job.statement, new Uint8Array(32).fill(3));
        return concatBytes(product, proof);
      }
      case 'sortTags': {
        this.sorted = this.ownTags.map((tag, i) => ({ tag, identifier: this.own[i]?.identifier }));
        this.sorted.sort((a, b) => compareBytes(a.tag, b.tag));
        return concatBytes(
          ...this.sorted.filter((entry) => entry.identifier === undefined).map((e) => e.tag),
        );
      }
      case 'absorbMarks':
        this.marks.push(...this.pieces(job.marks, this.markWidth));
        return undefined;
      case 'readSortedTags':
        return concatBytes(...this.sorted.slice(job.start, job.start + job.count).map((entry) => entry.tag));
      case 'readLabels':
        return Uint8Array.from(this.sorted.slice(job.start, job.start + job.count), ({ identifier }) =>
          identifier === undefined ? sentinelLabel : this.groupOf(identifier),
        );
      case 'match':
        this.matched = this.sealed
          ? this.sorted
              .filter((_, i) => this.marks[i]?.some((byte) => byte !== 0))
              .flatMap((e) => e.identifier ?? [])
          : this.own
              .filter((_, i) => this.peerTags.has(encodeHex(this.ownTags[i] as Uint8Array)))
              .flatMap((entry) => entry.identifier ?? []);
        return { identifiers: this.matched.length, records: this.matched.length };
    }
  }

  private hash(message: Uint8Array, dst: Uint8Array) {
    const point = ristretto255_hasher.deriveToCurve?.(expandMessage(message, dst));
    if (point === undefined) throw new Error('hash to group: not in this version of noble');
    return point;
  }

  private times(elements: Uint8Array, scalar: bigint): Uint8Array {
    const out: Uint8Array[] = [];
    for (let at = 0; at < elements.length; at += 32) {
      const point = Point.fromBytes(elements.subarray(at, at + 32));
      if (point.is0()) throw new TallyError('element.identity', 'element: the identity');
      out.push(point.multiplyUnsafe(scalar).toBytes());
    }
    return concatBytes(...out);
  }

  private split(tags: Uint8Array): Uint8Array[] {
    return this.pieces(tags, this.tagBytes);
  }

  private pieces(bytes: Uint8Array, width: number): Uint8Array[] {
    const out: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += width) out.push(bytes.slice(at, at + width));
    return out;
  }

  private fold(elements: readonly Uint8Array[]): Uint8Array {
    const weights = expandWeights(this.privateSeed, 0, elements.length);
    return reference.weightedSum(concatBytes(...elements), weights);
  }
}
