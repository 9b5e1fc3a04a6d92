/** Lists that fail as a whole, and rows that are rejected, for every format (docs/recipes.md A2, A9). */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importList } from './index.ts';
import { ftm, gather, individual, recordsOf, rejectedOf, sdn, un, useBench } from './testing.ts';

const bench = useBench();
const good = {
  'ofac-sdn': sdn(1, 'LIND, Maria') + sdn(2, 'BERG, Ola', 'DOB 1970.'),
  'un-consolidated': un(individual(1, '<FIRST_NAME>Maria</FIRST_NAME>')),
  ftm: ftm('a', { name: ['Maria Lind'] }) + ftm('b', { name: ['Ola Berg'] }),
  csv: 'id,name\n1,"Lind, Maria"\n2,Ola Berg\n',
} as const;
const formats = Object.keys(good) as (keyof typeof good)[];
const names = { 'ofac-sdn': 'sdn.csv', 'un-consolidated': 'un.xml', ftm: 'f.json', csv: 'l.csv' } as const;
/** Lists in which no name may appear in an error. */
const secret = 'Xanthippe';

describe.each(formats)('%s', (format) => {
  const name = names[format];
  const refuses = async (content: string | Uint8Array, code: string, place: RegExp): Promise<void> => {
    for (const options of [{}, { format }]) {
      await expect(bench.run({ [name]: content }, options)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(place),
      });
    }
  };

  it('takes a good list and says what it is', async () => {
    const events = await bench.run({ [name]: good[format] });
    expect(recordsOf(events).length).toBeGreaterThan(0);
    expect(events.at(-1)).toMatchObject({ type: 'meta', format, files: [name] });
  });

  it('takes a byte order mark and CR LF', async () => {
    const plain = recordsOf(await bench.run({ [name]: good[format] }));
    const other = `\uFEFF${good[format].replaceAll('\n', '\r\n')}`;
    expect(recordsOf(await bench.run({ [name]: other }))).toEqual(plain);
  });

  it('refuses an empty list', async () => {
    await refuses('', 'list.empty', new RegExp(`^${name}: `));
    await refuses(' \n\n', 'list.empty', new RegExp(`^${name}: `));
  });

  it('refuses a wrong byte, naming offset and line', async () => {
    const bytes = Buffer.from(`${good[format]}\n`);
    const at = bytes.lastIndexOf('a') + 1;
    const line = bytes.subarray(0, at).toString().split('\n').length;
    for (const wrong of [0xff, 0xe9, 0x80, 0x00]) {
      const spoilt = Buffer.concat([bytes.subarray(0, at), Buffer.from([wrong]), bytes.subarray(at)]);
      await expect(bench.run({ [name]: spoilt }, { format })).rejects.toMatchObject({
        code: 'list.encoding',
        message: expect.stringContaining(`offset ${at}, line ${line}`),
      });
    }
  });

  it('refuses UTF-16', async () => {
    await refuses(Buffer.from(`\uFEFF${good[format]}`, 'utf16le'), 'list.encoding', /line 1$/);
    await refuses(Buffer.from(good[format], 'utf16le'), 'list.encoding', /line 1$/);
  });

  it('refuses a list that ends within a character', async () => {
    const bytes = Buffer.from(`${good[format]}é`).subarray(0, -1);
    await expect(bench.run({ [name]: bytes }, { format })).rejects.toMatchObject({ code: 'list.truncated' });
  });

  it('refuses a missing file, a folder and an unreadable file', async () => {
    const missing = join(bench.folder(), name);
    await expect(gather(importList(missing))).rejects.toMatchObject({ code: 'file.missing' });
    await expect(gather(importList(missing, { format }))).rejects.toMatchObject({ code: 'file.missing' });
    await mkdir(join(bench.folder(), 'sub'));
    for (const options of [{}, { format }]) {
      await expect(gather(importList(join(bench.folder(), 'sub'), options))).rejects.toMatchObject({
        code: 'file.unreadable',
      });
    }
    // A device and a pipe without a writer are no regular files either; reading them might never end.
    const makePipe = 'mkfifo'; // POSIX; in a variable, since knip takes it for a package's
    execFileSync(makePipe, [join(bench.folder(), 'pipe')]);
    for (const odd of ['/dev/null', join(bench.folder(), 'pipe')]) {
      await expect(gather(importList(odd, { format }))).rejects.toMatchObject({ code: 'file.unreadable' });
      await expect(gather(importList(odd))).rejects.toMatchObject({ code: 'file.unreadable' });
    }
    const path = await bench.put({ [name]: good[format] });
    await chmod(path, 0o000);
    if (process.getuid?.() !== 0) {
      await expect(gather(importList(path))).rejects.toMatchObject({ code: 'file.unreadable' });
    }
  });

  it('stops when it is told to', async () => {
    const abort = new AbortController();
    abort.abort();
    await expect(bench.run({ [name]: good[format] }, { format, signal: abort.signal })).rejects.toMatchObject(
      {
        code: 'session.cancelled',
      },
    );
  });

  it('refuses a list of another format', async () => {
    for (const other of formats.filter((one) => one !== format)) {
      const attempt = bench.run({ [name]: good[other] }, { format });
      await expect(attempt, `${other} as ${format}`).rejects.toMatchObject({
        code: expect.stringMatching(/^list\.(format|empty)$/),
      });
    }
  });

  it('never repeats what stands in the list', async () => {
    const spoilt = good[format].replace('Maria', secret).slice(0, -4);
    const outcome = await bench.run({ [name]: spoilt }, { format }).catch((error: Error) => error.message);
    expect(JSON.stringify(Array.isArray(outcome) ? rejectedOf(outcome) : outcome)).not.toContain(secret);
  });
});

describe('truncated', () => {
  it.each([
    ['ofac-sdn, within a row', 'sdn.csv', good['ofac-sdn'].slice(0, -30)],
    ['ofac-sdn, within quotes', 'sdn.csv', `${good['ofac-sdn']}3,"LIN`],
    ['un-consolidated, after an entry', 'un.xml', good['un-consolidated'].replace(/<\/INDIVIDUALS>.*\n/, '')],
    [
      'un-consolidated, within a tag',
      'un.xml',
      good['un-consolidated'].replace(/IVIDUALS><ENTITIES.*\n/, ''),
    ],
    ['ftm, within a line', 'f.json', good.ftm.slice(0, -9)],
    ['csv, within quotes', 'l.csv', `${good.csv}3,"Lin`],
    ['csv, within a row', 'l.csv', `${good.csv}3`],
  ])('%s', async (_, name, content) => {
    await expect(bench.run({ [name]: content })).rejects.toMatchObject({
      code: 'list.truncated',
      message: expect.stringMatching(/line \d+$/),
    });
  });

  it('a companion fails the list', async () => {
    const files = { 'sdn.csv': good['ofac-sdn'], 'alt.csv': '1,2,"aka","X Y",-0- \n2,3,"aka' };
    await expect(bench.run(files)).rejects.toMatchObject({ code: 'list.truncated' });
  });

  it('broken quoting in a last line without its end is a bad row, not the end of the list', async () => {
    const events = await bench.run({ 'l.csv': `${good.csv}3,"broken"x` });
    expect(rejectedOf(events)).toEqual(['l.csv:4 row.columns']);
    const ofac = await bench.run({ 'sdn.csv': `${good['ofac-sdn']}3,"broken"x` });
    expect(rejectedOf(ofac)).toEqual(['sdn.csv:3 row.columns']);
  });

  it('a last line without its end is whole', async () => {
    for (const format of formats) {
      const events = await bench.run({ [names[format]]: good[format].trimEnd() });
      expect(rejectedOf(events)).toEqual([]);
    }
  });

  it.each(['sdn.csv', 'l.csv'] as const)('Ctrl-Z ends %s', async (name) => {
    const format = name === 'sdn.csv' ? 'ofac-sdn' : 'csv';
    const plain = recordsOf(await bench.run({ [name]: good[format] }));
    for (const end of ['\u001A', '\u001A\u001A\r\n', '\u001A \n\u001A']) {
      expect(recordsOf(await bench.run({ [name]: good[format] + end }))).toEqual(plain);
    }
  });
});

describe('wrong format', () => {
  it.each([
    ['XML of another kind', 'x.xml', '<?xml version="1.0"?><list><a/></list>', 'list.format'],
    ['XML that is not well-formed', 'x.xml', un('<INDIVIDUAL><DATAID>1</INDIVIDUAL>'), 'list.format'],
    ['XML with text after its end', 'x.xml', `${good['un-consolidated']}more`, 'list.format'],
    ['XML in another encoding', 'x.xml', un('').replace('UTF-8', 'ISO-8859-1'), 'list.encoding'],
    ['an unknown entity', 'x.xml', un(individual(1, '<FIRST_NAME>&boom;</FIRST_NAME>')), 'list.format'],
    ['a header without a name', 'x.csv', 'id,title\n1,x\n', 'list.format'],
    ['a header with a name twice', 'x.csv', 'id,name,Name\n1,x,y\n', 'list.format'],
    ['a header alone', 'x.csv', 'id,name\n', 'list.empty'],
    ['prose', 'x.txt', 'This is no list.\nNot at all.\n', 'list.format'],
    ['a JSON array', 'x.json', '[{"id":"a","schema":"Person"}]\n', 'list.format'],
  ])('%s', async (_, name, content, code) => {
    await expect(bench.run({ [name]: content })).rejects.toMatchObject({ code });
  });

  it('XML of another kind, though the format is given', async () => {
    const content = '<other><INDIVIDUALS/></other>';
    await expect(bench.run({ 'x.xml': content }, { format: 'un-consolidated' })).rejects.toMatchObject({
      code: 'list.format',
      message: expect.stringContaining('CONSOLIDATED_LIST'),
    });
  });

  it('an OFAC companion with other columns fails the list', async () => {
    const files = { 'sdn.csv': good['ofac-sdn'], 'alt.csv': '1,"aka"\n2,"fka"\n' };
    await expect(bench.run(files)).rejects.toMatchObject({
      code: 'list.format',
      message: expect.stringMatching(/^alt\.csv: /),
    });
  });

  it('names the column that a mapping wants and the header lacks', async () => {
    const columns = { name: 'full name', documents: [{ number: 'passport no' }] };
    await expect(bench.run({ 'l.csv': 'id,full name\n1,x y\n' }, { columns })).rejects.toMatchObject({
      code: 'list.format',
      message: expect.stringContaining('columns.documents[0].number'),
    });
  });

  it('says what to do where no column is called "name"', async () => {
    await expect(bench.run({ 'l.csv': 'id,full name\n1,x y\n' })).rejects.toMatchObject({
      code: 'list.format',
      message: expect.stringMatching(/want a column "name".*columns\.name/),
    });
  });

  it('does not expand entities that a document type declares', async () => {
    const bomb = `<!DOCTYPE CONSOLIDATED_LIST [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>${un(
      individual(1, '<FIRST_NAME>&b;</FIRST_NAME>'),
    ).replace(/^.*\n/, '')}`;
    await expect(bench.run({ 'x.xml': bomb })).rejects.toMatchObject({ code: 'list.format' });
  });
});

describe('senseless rows are rejected, the others kept', () => {
  const cases: [string, string, string, string[]][] = [
    [
      'ofac-sdn',
      'sdn.csv',
      `${sdn(1, 'GOOD, One')}2,"TOO, Few"\n${sdn('x3', 'NO, Number')}${sdn(1, 'SAME, Id')}${sdn(5, '-0- ')}${sdn(6, 'BAD, Date', 'DOB 31 Feb 1970.')}7,"broken"quote",-0- \n${sdn(8, 'PRIV, Use \uE000')}${sdn(9, 'LOST \uFFFD')}${sdn(10, 'GOOD, Two')}`,
      [
        '2 row.columns',
        '3 row.id-missing',
        '4 row.id-repeated',
        '5 row.no-name',
        '6 row.date',
        '7 row.columns',
        '8 row.codepoint',
        '9 row.encoding',
      ],
    ],
    [
      'un-consolidated',
      'un.xml',
      un(
        `\n${individual(1, '<FIRST_NAME>GOOD</FIRST_NAME>')}\n${individual('', '<FIRST_NAME>X</FIRST_NAME>')}\n${individual(1, '<FIRST_NAME>X</FIRST_NAME>')}\n${individual(3, '<COMMENTS1>no name</COMMENTS1>')}\n${individual(4, '<FIRST_NAME>X</FIRST_NAME><INDIVIDUAL_DATE_OF_BIRTH><FROM_YEAR>1980</FROM_YEAR><TO_YEAR>1970</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>')}\n<PERSON/>\n${individual(5, '<FIRST_NAME>X&#xE000;</FIRST_NAME>')}\n${individual(6, '<FIRST_NAME>TWO</FIRST_NAME>')}`,
      ),
      [
        '4 row.id-missing',
        '5 row.id-repeated',
        '6 row.no-name',
        '7 row.date',
        '8 row.schema',
        '9 row.codepoint',
      ],
    ],
    [
      'ftm',
      'f.json',
      `${ftm('a', { name: ['Good One'] })}{"id":\n[]\n${ftm('', { name: ['x'] })}${ftm('b', { name: ['x'] }, '')}${ftm('a', { name: ['x'] })}${ftm('c', {})}${ftm('d', { name: ['x y'], birthDate: ['soon'] })}${ftm('e', { name: ['x \uE000'] })}${ftm('p', { holder: ['nobody'], number: ['123456'] }, 'Passport')}null\n${ftm('f', { name: ['Good Two'] })}`,
      [
        '2 row.json',
        '3 row.json',
        '4 row.id-missing',
        '5 row.schema',
        '6 row.id-repeated',
        '7 row.no-name',
        '8 row.date',
        '9 row.codepoint',
        '11 row.json',
        '10 row.orphan',
      ],
    ],
    [
      'csv',
      'l.csv',
      'id,name,birthDate\n1,Good One,1970\n2,short\n3,too,1970,long\n,no id,\n1,same id,\n4,,\n5,bad date,1970-13-01\n6,"broken"quote,\n7,priv \uE000,\n8,Good Two,\n',
      [
        '3 row.columns',
        '4 row.columns',
        '5 row.id-missing',
        '6 row.id-repeated',
        '7 row.no-name',
        '8 row.date',
        '9 row.columns',
        '10 row.codepoint',
      ],
    ],
  ];
  it.each(cases)('%s', async (_, name, content, rejected) => {
    const events = await bench.run({ [name]: content });
    expect(rejectedOf(events)).toEqual(rejected.map((one) => `${name}:${one}`));
    expect(recordsOf(events)).toHaveLength(2);
  });

  it('a list whose rows are all rejected is empty', async () => {
    await expect(bench.run({ 'l.csv': 'id,name\n1,\n' })).rejects.toMatchObject({ code: 'list.empty' });
  });

  it('companions of OFAC are accounted for, row by row', async () => {
    const events = await bench.run({
      'sdn.csv': sdn(1, 'LIND, Maria', "a.k.a. 'Weak'") + sdn(2, '-0- '),
      'alt.csv':
        '1,7,"aka","Good Alias",-0- \n2,8,"aka","Of a rejected row",-0- \n1,9,"aka"\n1,9,"aka",-0- ,-0- \n',
      'add.csv': '1,1,-0- ,-0- ,-0- ,-0- \n77,1,-0- ,-0- ,-0- ,-0- \n',
    });
    expect(rejectedOf(events)).toEqual([
      'sdn.csv:2 row.no-name',
      'alt.csv:2 row.orphan',
      'alt.csv:3 row.columns',
      'alt.csv:4 row.no-name',
      'add.csv:2 row.orphan',
    ]);
    expect(events.filter((event) => event.type === 'companion')).toEqual([
      { type: 'companion', line: 1, file: 'alt.csv' },
      { type: 'companion', line: 1, file: 'add.csv' },
    ]);
    expect(recordsOf(events)[0]?.names).toEqual([
      { text: 'LIND, Maria', quality: 'good' },
      { text: 'Good Alias', quality: 'good' },
      { text: 'Weak', quality: 'low' },
    ]);
  });
});
