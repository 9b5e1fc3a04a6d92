/**
 * What a list holds, in numbers and places: the matter of `tallystick list check`.
 *
 * Purpose: gather import events into one report without contents.
 * Assumes: the caller passes every event once, and the present.
 * Does not know: how it is printed.
 */
import {
  deriveIdentifiers,
  isRecordOf,
  type RecipeName,
  type RecordSubject,
  type Subject,
} from '@tallystick/protocol/records';
import type { ImportEvent, ListFormat, RejectedEvent } from './events.ts';

export interface ListReport {
  readonly format: ListFormat | null;
  readonly files: readonly string[];
  /** ISO 8601; null until the list has been read to its end. */
  readonly listDate: string | null;
  /** Whether the list states its date, or only the file system does. */
  readonly listDateFrom: 'list' | 'file' | null;
  readonly ageDays: number | null;
  /** Older than `staleAfterDays`. */
  readonly stale: boolean;
  /** Rows of all files; the sum of records, companions and rejected. */
  readonly rows: number;
  readonly records: number;
  readonly bySubject: Readonly<Record<RecordSubject, number>>;
  /** Rows of companions that went into a record, and rows that describe no subject. */
  readonly companions: number;
  readonly rejected: number;
  readonly rejectedRows: readonly Omit<RejectedEvent, 'type'>[];
  /** Records that the subject filter lets through; what follows is about these alone. */
  readonly considered: number;
  readonly recipes: readonly RecipeName[];
  /** Distinct identifiers of the list. */
  readonly identifiers: number;
  /** Distinct identifiers by what stands before the first colon: `passport`, `name`, … */
  readonly identifiersByKind: Readonly<Record<string, number>>;
  readonly withoutIdentifiers: number;
  /** Identifiers that came again from another record of the list. */
  readonly duplicates: number;
  /** Fields that gave no identifier, by reason. */
  readonly notes: Readonly<Record<string, number>>;
}

export interface ReportOptions {
  readonly recipes?: readonly RecipeName[];
  readonly subject?: Subject;
  /** The present, in ms since 1970; only used for the list's age. */
  readonly nowMs: number;
  readonly staleAfterDays?: number;
}

const dayMs = 86_400_000;
const defaultStaleDays = 30;

export class ReportBuilder {
  readonly #options: ReportOptions;
  readonly #bySubject: Record<RecordSubject, number> = {
    person: 0,
    organisation: 0,
    vessel: 0,
    aircraft: 0,
    other: 0,
  };
  readonly #rejected: Omit<RejectedEvent, 'type'>[] = [];
  readonly #identifiers = new Set<string>();
  readonly #byKind = new Map<string, number>();
  readonly #notes = new Map<string, number>();
  #meta: Extract<ImportEvent, { type: 'meta' }> | undefined;
  #records = 0;
  #companions = 0;
  #considered = 0;
  #without = 0;
  #duplicates = 0;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  add(event: ImportEvent): void {
    switch (event.type) {
      case 'meta':
        this.#meta = event;
        break;
      case 'companion':
        this.#companions++;
        break;
      case 'rejected': {
        const { line, file, reason, field } = event;
        this.#rejected.push({ line, file, reason, field });
        break;
      }
      case 'record': {
        this.#records++;
        this.#bySubject[event.record.subject]++;
        if (!isRecordOf(event.record, this.#options.subject ?? 'any')) break;
        this.#considered++;
        const { identifiers, notes } = deriveIdentifiers(event.record, this.#options.recipes ?? []);
        if (identifiers.length === 0) this.#without++;
        for (const identifier of identifiers) this.#count(identifier);
        for (const { reason } of notes) this.#notes.set(reason, (this.#notes.get(reason) ?? 0) + 1);
        break;
      }
    }
  }

  #count(identifier: string): void {
    if (this.#identifiers.has(identifier)) {
      this.#duplicates++;
      return;
    }
    this.#identifiers.add(identifier);
    const kind = identifier.slice(0, identifier.indexOf(':'));
    this.#byKind.set(kind, (this.#byKind.get(kind) ?? 0) + 1);
  }

  build(): ListReport {
    const meta = this.#meta;
    const statedMs = meta === undefined ? Number.NaN : Date.parse(meta.listDate);
    const ageDays = Number.isNaN(statedMs) ? null : Math.floor((this.#options.nowMs - statedMs) / dayMs);
    return {
      format: meta?.format ?? null,
      files: meta?.files ?? [],
      listDate: meta?.listDate ?? null,
      listDateFrom: meta?.listDateFrom ?? null,
      ageDays,
      stale: ageDays !== null && ageDays > (this.#options.staleAfterDays ?? defaultStaleDays),
      rows: this.#records + this.#companions + this.#rejected.length,
      records: this.#records,
      bySubject: { ...this.#bySubject },
      companions: this.#companions,
      rejected: this.#rejected.length,
      rejectedRows: [...this.#rejected],
      considered: this.#considered,
      recipes: this.#options.recipes ?? [],
      identifiers: this.#identifiers.size,
      identifiersByKind: Object.fromEntries(this.#byKind),
      withoutIdentifiers: this.#without,
      duplicates: this.#duplicates,
      notes: Object.fromEntries(this.#notes),
    };
  }
}

/** Reads events to their end and reports; throws what they throw. */
export async function reportList(
  events: AsyncIterable<ImportEvent>,
  options: ReportOptions,
): Promise<ListReport> {
  const builder = new ReportBuilder(options);
  for await (const event of events) builder.add(event);
  return builder.build();
}
