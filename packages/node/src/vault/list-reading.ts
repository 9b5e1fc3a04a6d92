/**
 * From list files to sealed pieces, reports and explanations.
 *
 * Purpose: the vault's side of the importers.
 * Assumes: importers give events and name what they reject. Does not know: formats, sessions.
 */
import { TallyError } from '@tallystick/protocol/errors';
import {
  explainIdentifiers,
  type RecipeName,
  recipeNames,
  type WatchlistRecord,
} from '@tallystick/protocol/records';
import { type ImportEvent, importList, ReportBuilder, type ReportOptions } from '../lists/index.ts';
import type { ImportListOptions, ListCheck, ListOptions, RecordChoice } from './list-types.ts';
import { pieceBytes, PieceWriter } from './pieces.ts';
import type { Sealer } from './sealing.ts';
import { packRecord } from './stored-record.ts';
import type { ImportOutcome } from './types.ts';

function reportOptions(options: ListOptions, recipes: readonly RecipeName[], nowMs: number): ReportOptions {
  return { recipes, nowMs, subject: options.subject ?? 'any' };
}

/** Reads a list to its end and says what is in it; throws what `importList` of the lists room throws. */
export async function readReport(
  path: string,
  options: ListOptions,
  recipes: readonly RecipeName[],
  nowMs: number,
): Promise<ListCheck> {
  const builder = new ReportBuilder(reportOptions(options, recipes, nowMs));
  for await (const event of importList(path, options)) builder.add(event);
  return builder.build();
}

/** The record that was chosen, and where it begins. Throws `argument.invalid` where there is none. */
async function findRecord(
  path: string,
  options: ListOptions,
  choice: RecordChoice,
): Promise<{ record: WatchlistRecord; line: number }> {
  for await (const event of importList(path, options)) {
    if (event.type !== 'record') continue;
    const isChosen = 'id' in choice ? event.record.id === choice.id : event.line === choice.line;
    if (isChosen) return event;
  }
  const by = 'id' in choice ? 'this id' : `line ${choice.line}`;
  throw new TallyError('argument.invalid', `record: want one of the list, got none with ${by}`);
}

/** Step by step, how a record becomes identifiers; a text for the owner of the list. */
export async function explainRecord(
  path: string,
  options: ListOptions,
  choice: RecordChoice,
  recipes: readonly RecipeName[],
): Promise<string> {
  const { record, line } = await findRecord(path, options, choice);
  const steps = explainIdentifiers(record, recipes.length === 0 ? recipeNames : recipes);
  const lines = [`record ${record.id} (${record.subject}), line ${line}`];
  let heading = '';
  for (const { recipe, field, step, text } of steps) {
    const here = `${recipe}, ${field}`;
    if (here !== heading) lines.push('', here);
    heading = here;
    lines.push(`  ${step.padEnd(14)} ${text}`);
  }
  return `${lines.join('\n')}\n`;
}

/** One import under way: gives sealed pieces until there are no more. */
export class ListImport {
  readonly #listId: string;
  readonly #events: AsyncIterator<ImportEvent>;
  readonly #report: ReportBuilder;
  readonly #writer: PieceWriter;
  /** Over all records in order: the same contents have the same version, here and nowhere else. */
  readonly #version: ReturnType<Sealer['keyedHash']>;
  #records = 0;
  #isDone = false;

  constructor(sealer: Sealer, listId: string, path: string, options: ImportListOptions, nowMs: number) {
    this.#listId = listId;
    this.#events = importList(path, options)[Symbol.asyncIterator]();
    this.#report = new ReportBuilder(reportOptions(options, options.reportRecipes ?? [], nowMs));
    this.#version = sealer.keyedHash('list-version');
    this.#writer = new PieceWriter(sealer, `list/${listId}`, pieceBytes, (text) =>
      this.#version.update(`${text}\n`),
    );
  }

  /** The next sealed piece; null after the last. Throws what the importers throw. */
  async next(): Promise<Uint8Array | null> {
    if (this.#isDone) return null;
    for (;;) {
      const { done, value } = await this.#events.next();
      if (done === true) break;
      this.#report.add(value);
      if (value.type !== 'record') continue;
      this.#records += 1;
      const piece = this.#writer.add(packRecord(value.record));
      if (piece !== undefined) return piece;
    }
    this.#isDone = true;
    return this.#writer.end();
  }

  /** After the last piece. */
  outcome(): ImportOutcome {
    if (!this.#isDone) throw new TallyError('session.state', 'import: has not come to its end');
    const version = this.#version.digest('hex');
    const meta = { listId: this.#listId, chunks: this.#writer.pieces, records: this.#records, version };
    return { report: this.#report.build(), meta };
  }

  async abort(): Promise<void> {
    await this.#events.return?.();
  }
}
