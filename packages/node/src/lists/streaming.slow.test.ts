/** Reading a piece at a time: chunk borders, cutting rows, progress, the report; the real lists where they are. */
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { recipeNames } from '@tallystick/protocol/records';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openList } from './bytes.ts';
import { csvRows } from './csv-rows.ts';
import { type ImportProgress, importList, reportList } from './index.ts';
import { gather, recordsOf, sdn, un, individual, useBench } from './testing.ts';

const bench = useBench();

describe('csvRows', () => {
  const rowsOf = async (text: string) => gather(csvRows(await openList(await bench.put({ 'x.csv': text }))));

  it('cuts as csv-parse does', async () => {
    const cell = fc.oneof(
      fc.string(),
      fc.constantFrom('', '"', 'a,b', 'l1\nl2', 'l1\r\nl2', '""', ' x ', 'é€😀'),
    );
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    const clean = (text: string): string => text.replaceAll('\u001A', '').replaceAll('\0', '');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (rows, quoteAll) => {
          const text = rows
            .map((row) =>
              row
                .map(clean)
                .map((value) => (quoteAll || /[",\r\n]/.test(value) ? quoted(value) : value))
                .join(','),
            )
            .join('\n');
          const expected = parse(text, { relax_column_count: true, record_delimiter: '\n' }) as string[][];
          const cut = await rowsOf(text);
          expect(cut.map(({ fields }) => fields.map((field) => field.replace(/\r$/, '')))).toEqual(
            expected.map((row) => row.map((field) => field.replace(/\r$/, ''))),
          );
          let line = 1;
          cut.forEach((row, n) => {
            expect(row.line).toBe(line);
            line += 1 + (rows[n] ?? []).join('').split('\n').length - 1;
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('goes on after the next line end where quoting is broken', async () => {
    const rows = await rowsOf('a,"b"x,c\nd,"e\nf" ,g\n"h"i"\nj,k"l\n"m" \t,n');
    expect(rows.map(({ line, fields, broken }) => [line, broken ? 'broken' : fields])).toEqual([
      [1, 'broken'],
      [2, ['d', 'e\nf', 'g']],
      [4, 'broken'],
      [5, ['j', 'k"l']],
      [6, ['m', 'n']],
    ]);
  });

  it('does not read a row without end into memory', async () => {
    const text = `a,b\n"${'x'.repeat(5 << 20)}`;
    await expect(rowsOf(text)).rejects.toMatchObject({
      code: 'list.format',
      message: expect.stringMatching(/line 2$/),
    });
  });
});

describe('chunk borders', () => {
  // 64 KiB is the size of a chunk: characters of 2 to 4 bytes, quotes and line ends come to lie on its borders.
  it.each([0, 1, 2, 3, 4, 5, 6, 7])('shifted by %i bytes', async (shift) => {
    const name = (n: number): string => `"é""€ ${n}\r\n😀,"`;
    const count = 6000;
    const rows = Array.from({ length: count }, (_, n) => `${n},${name(n)}\r\n`);
    const text = `${'x'.repeat(shift)}id,name\r\n${rows.join('')}`;
    const columns = { id: `${'x'.repeat(shift)}id`, name: 'name' };
    const records = recordsOf(await bench.run({ 'l.csv': text }, { format: 'csv', columns }));
    expect(records).toHaveLength(count);
    records.forEach(({ id, names }, n) => {
      if (id !== String(n) || names[0]?.text !== `é"€ ${n} 😀,`) throw new Error(`row ${n} came out wrong`);
    });
  });

  it('of an XML list', async () => {
    const count = 4000;
    const entries = Array.from({ length: count }, (_, n) =>
      individual(n, `<FIRST_NAME>é€😀 ${n}</FIRST_NAME>`),
    );
    const records = recordsOf(await bench.run({ 'un.xml': un(entries.join('\n')) }));
    expect(records.map(({ names }) => names[0]?.text)).toEqual(
      Array.from({ length: count }, (_, n) => `é€😀 ${n}`),
    );
  });

  it('a wrong byte far into a list is named by offset and line', async () => {
    const good = Buffer.from(`id,name\n${'1234567,é name\n'.repeat(20_000)}`);
    const bytes = Buffer.concat([good, Buffer.from('8,caf'), Buffer.from([0xe9, 0x0a])]);
    await expect(bench.run({ 'l.csv': bytes })).rejects.toMatchObject({
      code: 'list.encoding',
      message: expect.stringContaining(`offset ${good.length + 5}, line 20002`),
    });
  });
});

describe('importList', () => {
  it('tells its progress and ends at the whole', async () => {
    const seen: ImportProgress[] = [];
    const text = Array.from({ length: 3000 }, (_, n) => sdn(n, `NAME, No ${n}`)).join('');
    await bench.run({ 'sdn.csv': text, 'alt.csv': '' }, { onProgress: (progress) => seen.push(progress) });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toMatchObject({ readBytes: text.length, totalBytes: text.length });
  });

  it('closes its files, however reading ends', async () => {
    const openFiles = (): number => {
      const table = '/proc/self/fd'; // where there is none, the number stays 0
      if (!existsSync(table)) return 0;
      return readdirSync(table).filter((fd) => {
        try {
          return readlinkSync(`${table}/${fd}`).startsWith(bench.folder());
        } catch {
          return false;
        }
      }).length;
    };
    const path = await bench.put({ 'l.csv': `id,name\n${'1,x\n'.repeat(50_000)}` });
    for await (const event of importList(path)) {
      expect(event.type).toBe('record');
      break;
    }
    expect(openFiles()).toBe(0);
    const broken = { 'sdn.csv': sdn(1, 'LIND, Maria'), 'alt.csv': '1,"' };
    await expect(bench.run(broken)).rejects.toMatchObject({ code: 'list.truncated' });
    expect(openFiles()).toBe(0);
  });
});

describe('reportList', () => {
  it('counts everything and shows no contents', async () => {
    const path = await bench.put({
      'l.csv':
        'id,name,birthDate,documentKind,documentNumber\n1,Maria Lind,1970,passport,AB123456\n2,Lind Maria,1970,passport,\n3,Ola,1970,passport,ab-123456\n4,,,,\n',
    });
    const nowMs = Date.UTC(2100, 0, 1);
    const recipes = ['document', 'name+birthyear'] as const;
    const report = await reportList(importList(path), {
      recipes,
      subject: 'person',
      nowMs,
      staleAfterDays: 7,
    });
    expect(report).toMatchObject({
      format: 'csv',
      listDateFrom: 'file',
      stale: true,
      rows: 4,
      records: 3,
      bySubject: { person: 3, organisation: 0 },
      rejected: 1,
      rejectedRows: [{ line: 5, file: 'l.csv', reason: 'row.no-name', field: 'name' }],
      considered: 3,
      identifiers: 3,
      identifiersByKind: { passport: 1, 'name+birthyear': 2 },
      withoutIdentifiers: 0,
      duplicates: 2,
    });
    expect(JSON.stringify(report)).not.toMatch(/maria|lind|ola|123456/i);
    const other = await reportList(importList(path), { recipes, subject: 'organisation', nowMs: 0 });
    expect(other).toMatchObject({ considered: 0, identifiers: 0, stale: false });
  });
});

const data = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));
const absent = !existsSync(data);
if (absent) console.warn('skipped: real lists, because ../shared/data is absent');

describe.skipIf(absent)('the real lists', () => {
  it.each(['ofac/sdn.csv', 'un/consolidated.xml'])('%s: every row is accounted for', async (file) => {
    const report = await reportList(importList(data + file), { recipes: recipeNames, nowMs: Date.now() });
    expect(report.rows).toBe(report.records + report.companions + report.rejected);
    expect(report.rejectedRows).toEqual([]);
    expect(report.records).toBeGreaterThan(900);
    for (const recipe of ['passport', 'national-id', 'name', 'name+birthyear', 'name+birthdate']) {
      expect(report.identifiersByKind[recipe]).toBeGreaterThan(100);
    }
  });
});
