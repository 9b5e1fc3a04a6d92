/**
 * A list file of any format as a stream of events.
 *
 * Purpose: the one entry to the importers: detects, opens, counts, and refuses a list that yields no record.
 * Assumes: files do not change while they are read.
 * Does not know: recipes; where records go.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { basename } from 'node:path';
import { type ListFile, openList } from './bytes.ts';
import { importCsv } from './csv.ts';
import { detectDelimiter, detectFormat } from './detect.ts';
import type { ImportEvent, ImportOptions, ListFormat, RowEvent } from './events.ts';
import { importFtm } from './ftm.ts';
import { type CompanionFiles, findCompanions, importOfac } from './ofac.ts';
import { importUn } from './un.ts';

/**
 * Reads a list. Every row of every file comes out once, as `record`, `companion` or `rejected`; `meta` comes last.
 * @throws TallyError file.missing, file.unreadable, list.empty, list.format, list.encoding, list.truncated,
 * session.cancelled (the signal). A list that throws has failed as a whole: what came before is void.
 */
export async function* importList(path: string, options: ImportOptions = {}): AsyncGenerator<ImportEvent> {
  const format = options.format ?? (await detectFormat(path));
  const companions: CompanionFiles = format === 'ofac-sdn' ? await findCompanions(path) : {};
  let readBytes = 0;
  let totalBytes = 0;
  let records = 0;
  const openCounted = async (one: string): Promise<ListFile> => {
    let before = 0;
    const file = await openList(one, {
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      onBytes: (now) => {
        readBytes += now - before;
        before = now;
        options.onProgress?.({ readBytes, totalBytes: Math.max(totalBytes, readBytes), records });
      },
    });
    totalBytes += file.sizeBytes;
    return file;
  };
  const file = await openCounted(path);
  let listDate: string | undefined;
  const rows = importRows(file, format, companions, openCounted, options, (date) => {
    listDate = date;
  });
  try {
    for await (const event of rows) {
      if (event.type === 'record') records++;
      yield event;
    }
  } finally {
    await file.close();
  }
  if (records === 0) throw new TallyError('list.empty', `${file.name}: want at least one record, got none`);
  yield {
    type: 'meta',
    format,
    files: [file.name, ...Object.values(companions).map((one) => basename(one))],
    listDate: listDate ?? new Date(file.modifiedMs).toISOString(),
    listDateFrom: listDate === undefined ? 'file' : 'list',
  };
}

async function* importRows(
  file: ListFile,
  format: ListFormat,
  companions: CompanionFiles,
  open: (path: string) => Promise<ListFile>,
  options: ImportOptions,
  onDate: (date: string) => void,
): AsyncGenerator<RowEvent> {
  switch (format) {
    case 'ofac-sdn':
      yield* importOfac(file, companions, open);
      break;
    case 'un-consolidated':
      yield* importUn(file, onDate);
      break;
    case 'ftm':
      yield* importFtm(file, () => open(file.path));
      break;
    case 'csv':
      yield* importCsv(
        file,
        await detectDelimiter(file.path),
        options.columns ?? {},
        options.defaultSubject ?? 'person',
      );
      break;
  }
}
