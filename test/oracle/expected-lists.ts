/**
 * Small invented lists in every format, with the records and the fate of every row written out by hand.
 *
 * Purpose: part A of docs/recipes.md as data, for the oracle's tests and the product's.
 * Assumes: invented people only.
 * Does not know: any implementation.
 */
import type { OracleDate, OracleRecord } from './fields.ts';
import type { OracleColumns, OracleFormat } from './lists.ts';

/** One list. `rows` are `file line outcome [code]`; either `refused` or `rows` and `records` are given. */
export interface ExpectedList {
  why: string;
  format: OracleFormat;
  /** Texts, or bytes where they are no UTF-8. */
  files: { main: string | Uint8Array; alt?: string; add?: string; comments?: string };
  columns?: OracleColumns;
  defaultSubject?: 'person' | 'organisation';
  refused?: string;
  rows?: string[];
  records?: Omit<OracleRecord, 'line'>[];
}

type Documents = OracleRecord['documents'];

const person = (
  id: string,
  good: string[],
  more: {
    low?: string[];
    born?: OracleDate[];
    documents?: Documents;
    subject?: OracleRecord['subject'];
  } = {},
): Omit<OracleRecord, 'line'> => ({
  id,
  subject: more.subject ?? 'person',
  names: [
    ...good.map((text) => ({ text, quality: 'good' as const })),
    ...(more.low ?? []).map((text) => ({ text, quality: 'low' as const })),
  ],
  birthDates: more.born ?? [],
  documents: more.documents ?? [],
});

const day = (date: string): OracleDate => ({ type: 'day', date });
const year = (y: number): OracleDate => ({ type: 'year', year: y });
const circa = (y: number): OracleDate => ({ type: 'circa', year: y });
const range = (from: number, to: number): OracleDate => ({ type: 'range', from, to });
const passport = (number: string, country?: string): Documents[number] =>
  country === undefined ? { kind: 'passport', number } : { kind: 'passport', number, country };
const nationalId = (number: string, country?: string): Documents[number] =>
  country === undefined ? { kind: 'national-id', number } : { kind: 'national-id', number, country };

/** A row of sdn.csv with the columns that matter. */
const sdn = (id: string, name: string, type: string, remarks: string): string =>
  `${id},"${name}",${type},"X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,${remarks === '-0- ' ? remarks : `"${remarks}"`}\n`;

const un = (individuals: string, entities = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<CONSOLIDATED_LIST dateGenerated="2026-01-01T00:00:00Z">\n<INDIVIDUALS>\n${individuals}\n</INDIVIDUALS>\n<ENTITIES>\n${entities}\n</ENTITIES>\n</CONSOLIDATED_LIST>\n`;

const ftm = (...entities: unknown[]): string => entities.map((e) => `${JSON.stringify(e)}\n`).join('');

/** Remarks of so many characters, between whose first and last items stands something of no meaning. */
const long = (first: string, last: string, length = 1000): string =>
  `${first}; ${'x'.repeat(length - first.length - last.length - 4)}; ${last}`;

const ofacLists: ExpectedList[] = [
  {
    why: 'remarks: cut at 1,000 characters',
    format: 'ofac-sdn',
    files: {
      main: [
        ['1', long('Passport AA111111', 'Passport BB222')],
        ['2', long('Passport AA111111', 'Passport BB222.')],
        ['3', long('Passport AA111111', 'Passport BB222', 999)],
        ['4', long('Passport AA111111', 'Passport BB222', 1001)],
        ['5', long('Passport AA111111', 'Passport BB222')],
        ['6', long('DOB 1970', 'DOB 05 Ma')],
        ['7', `Passport CC333333 ${'(issued) '.repeat(109)}x`],
        ['8', `${long('Passport AA111111', 'Passport BB222222', 999)};`],
      ]
        .map(([id, remarks]) => sdn(id ?? '', 'LIND, Maria', '"individual"', remarks ?? ''))
        .join(''),
      comments: '5,"333 (Norway)"\n6,-0- \n',
    },
    rows: [
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((line) => `main ${line} record`),
      'comments 1 companion',
      'comments 2 companion',
    ],
    records: [
      person('1', ['LIND, Maria'], { documents: [passport('AA111111')] }),
      person('2', ['LIND, Maria'], { documents: [passport('AA111111'), passport('BB222')] }),
      person('3', ['LIND, Maria'], { documents: [passport('AA111111'), passport('BB222')] }),
      person('4', ['LIND, Maria'], { documents: [passport('AA111111'), passport('BB222')] }),
      person('5', ['LIND, Maria'], { documents: [passport('AA111111'), passport('BB222333', 'Norway')] }),
      person('6', ['LIND, Maria'], { born: [year(1970)] }),
      person('7', ['LIND, Maria']),
      person('8', ['LIND, Maria'], { documents: [passport('AA111111'), passport('BB222222')] }),
    ],
  },
  {
    why: 'subjects, comma order, empty fields, Ctrl-Z, companions',
    format: 'ofac-sdn',
    files: {
      main: `${sdn('1', 'TESTOV, Omar', '"individual"', '-0- ')}${sdn('2', 'TEST TRADING, S.A.', '-0- ', "a.k.a. 'TTSA'.")}${sdn('3', 'TEST STAR', '"vessel"', 'DOB 1970; Passport AB123456 (Norway).')}${sdn('4', 'N123', '"aircraft"', '-0- ')}\u001a\r\n`,
      alt: '1,10,"aka","TESTOFF, Omar",-0- \n1,11,"fka","OMAR TESTOV",-0- \r\n9,12,"aka","NOBODY",-0- \n2,13,"aka","TEST TRADING",-0- \n1,14,"aka"\n1,15,"aka",-0- ,-0- \n\u001a',
      add: '1,20,"1 Test Street, Testville","Testville","Norway",-0- \n9,21,-0- ,-0- ,-0- ,-0- \n',
    },
    rows: [
      'main 1 record',
      'main 2 record',
      'main 3 record',
      'main 4 record',
      'alt 1 companion',
      'alt 2 companion',
      'alt 3 rejected row.orphan',
      'alt 4 companion',
      'alt 5 rejected row.columns',
      'alt 6 rejected row.no-name',
      'add 1 companion',
      'add 2 rejected row.orphan',
    ],
    records: [
      person('1', ['TESTOV, Omar', 'TESTOFF, Omar', 'OMAR TESTOV']),
      person('2', ['TEST TRADING, S.A.', 'TEST TRADING'], { low: ['TTSA'], subject: 'organisation' }),
      person('3', ['TEST STAR'], { subject: 'vessel' }),
      person('4', ['N123'], { subject: 'aircraft' }),
    ],
  },
  {
    why: 'remarks: dates, weak names, documents; continued',
    format: 'ofac-sdn',
    files: {
      main:
        sdn(
          '1',
          'TESTOV, Omar',
          '"individual"',
          'DOB 05 Mar 1970; alt. DOB 1971; alt. DOB circa 1969; alt. DOB Jun 1972; alt. DOB 1960 to 1962; alt. DOB 01 Jan 1965 to 31 Dec 1965; POB Oslo, Norway; a.k.a. \'ABU \'ALI\'; a.k.a. ""OWL""; nationality Norway; arrested DOB 1999.',
        ) +
        sdn(
          '2',
          'LIND, Maria',
          '"individual"',
          'DOB circa 1979-1982; Passport RL 0123456 (Korea, North) issued 01 Feb 2010 expires 01 Feb 2020; alt. Passport AB-12/34 issued 2001; Diplomatic Passport 008827 (Norway); National ID No. 660000 73767 (Sweden).',
        ) +
        sdn(
          '3',
          'BERG, Anna',
          '"individual"',
          'Cedula No. 1.234.567 (Colombia); D.N.I. 12345678 (Spain); Tax ID No. 99999999 (Spain); Passport issued in Oslo, Norway; National ID No. (HWI)040182 (Burma); Passport AF465508 Colombia; alt. National ID No. D489833(9) (Hong Kong); U.S.A. Passport issued 21 Jun 1992 in Oslo; Kenyan ID No. 1234567; Passport OR801168 and Kuwaiti National ID No. 281020505755 issued',
        ),
      comments: '3," under another name; Passport NO000001 (Norway)."\n',
    },
    rows: ['main 1 record', 'main 2 record', 'main 3 record', 'comments 1 companion'],
    records: [
      person('1', ['TESTOV, Omar'], {
        low: ["ABU 'ALI", 'OWL'],
        born: [day('1970-03-05'), year(1971), circa(1969), year(1972), range(1960, 1962), year(1965)],
      }),
      person('2', ['LIND, Maria'], {
        born: [range(1979, 1982)],
        documents: [
          passport('RL 0123456', 'Korea, North'),
          passport('AB-12/34'),
          passport('008827', 'Norway'),
          nationalId('660000 73767', 'Sweden'),
        ],
      }),
      person('3', ['BERG, Anna'], {
        documents: [
          nationalId('1.234.567', 'Colombia'),
          nationalId('12345678', 'Spain'),
          nationalId('(HWI)040182', 'Burma'),
          passport('AF465508'),
          nationalId('D489833(9)', 'Hong Kong'),
          nationalId('1234567'),
          passport('OR801168'),
          passport('NO000001', 'Norway'),
        ],
      }),
    ],
  },
  {
    why: 'rows that make no sense',
    format: 'ofac-sdn',
    files: {
      main: `${sdn('1', 'TESTOV, Omar', '"individual"', '-0- ')}2,"SHORT"\n${sdn('x', 'LIND, Maria', '"individual"', '-0- ')}${sdn('1', 'LIND, Maria', '"individual"', '-0- ')}${sdn('5', '-0- ', '"individual"', '-0- ')}${sdn('6', 'LIND, Maria', '"individual"', 'DOB 31 Feb 1970')}\n${sdn('7', 'LIND, Mar\u0378ia', '"individual"', '-0- ')}${sdn('8', 'LI\ufffdND, Maria', '"individual"', '-0- ')}${sdn('9', 'LI\ufffdND, Maria', '"individual"', "a.k.a. 'MIA'")}`,
    },
    rows: [
      'main 1 record',
      'main 2 rejected row.columns',
      'main 3 rejected row.id-missing',
      'main 4 rejected row.id-repeated',
      'main 5 rejected row.no-name',
      'main 6 rejected row.date',
      'main 8 rejected row.codepoint',
      'main 9 rejected row.encoding',
      'main 10 record',
    ],
    records: [person('1', ['TESTOV, Omar']), person('9', [], { low: ['LI\ufffdND, Maria', 'MIA'] })],
  },
  {
    why: 'ends inside quotes',
    format: 'ofac-sdn',
    files: { main: `${sdn('1', 'TESTOV, Omar', '"individual"', '-0- ')}2,"LIND, Mar` },
    refused: 'list.truncated',
  },
  {
    why: 'ends within a row',
    format: 'ofac-sdn',
    files: { main: `${sdn('1', 'TESTOV, Omar', '"individual"', '-0- ')}2,"LIND, Maria","indiv"` },
    refused: 'list.truncated',
  },
  {
    why: 'is another file',
    format: 'ofac-sdn',
    files: { main: 'id,name\n1,Omar Testov\n' },
    refused: 'list.format',
  },
];

const unLists: ExpectedList[] = [
  {
    why: 'names of up to four parts, alias quality, original script, entities',
    format: 'un-consolidated',
    files: {
      main: un(
        `<INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>OMAR </FIRST_NAME><SECOND_NAME>TESTOV</SECOND_NAME><THIRD_NAME>IBN</THIRD_NAME><FOURTH_NAME>SALEH</FOURTH_NAME><TITLE><VALUE>Mullah</VALUE></TITLE><NAME_ORIGINAL_SCRIPT>Омар Тестов</NAME_ORIGINAL_SCRIPT>\n<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Omar Testof; Umar &amp; Testov</ALIAS_NAME></INDIVIDUAL_ALIAS>\n<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME><![CDATA[The <Owl>]]></ALIAS_NAME></INDIVIDUAL_ALIAS>\n<INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS></INDIVIDUAL>\n<INDIVIDUAL><DATAID>2</DATAID><FIRST_NAME>LIND</FIRST_NAME><INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME>Mar&#237;a &#x4c;ind</ALIAS_NAME><DATE_OF_BIRTH>1950-01-01</DATE_OF_BIRTH></INDIVIDUAL_ALIAS></INDIVIDUAL>`,
        '<ENTITY><DATAID>3</DATAID><FIRST_NAME>TEST TRADING</FIRST_NAME><ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>TT</ALIAS_NAME></ENTITY_ALIAS></ENTITY>',
      ),
    },
    rows: ['main 4 record', 'main 8 record', 'main 11 record'],
    records: [
      person('1', ['OMAR TESTOV IBN SALEH', 'Омар Тестов', 'Omar Testof', 'Umar & Testov'], {
        low: ['The <Owl>'],
      }),
      person('2', ['LIND', 'María Lind']),
      person('3', ['TEST TRADING', 'TT'], { subject: 'organisation' }),
    ],
  },
  {
    why: 'dates and documents',
    format: 'un-consolidated',
    files: {
      main: un(
        `<INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>OMAR</FIRST_NAME>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1970-03-05</DATE></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><YEAR>1971</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1972</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1960</FROM_YEAR><TO_YEAR>1963</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1964</FROM_YEAR><TO_YEAR>1964</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><NOTE>Nov. 1973</NOTE></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE/></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DOCUMENT/>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER> OR 801168 </NUMBER><ISSUING_COUNTRY>Afghanistan</ISSUING_COUNTRY><COUNTRY_OF_ISSUE>Norway</COUNTRY_OF_ISSUE></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>Norse passport number SE 012820</NUMBER><COUNTRY_OF_ISSUE>Norway</COUNTRY_OF_ISSUE></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>123456789 (US)</NUMBER></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>National Identification
   Number</TYPE_OF_DOCUMENT><NUMBER>35202- 4135948-7</NUMBER></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>National Identification Number</TYPE_OF_DOCUMENT><TYPE_OF_DOCUMENT2>Birth certificate</TYPE_OF_DOCUMENT2><NUMBER>012546</NUMBER></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>National Identification Number</TYPE_OF_DOCUMENT><NUMBER>Norse driving licence number 20645897</NUMBER></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>National Identification Number</TYPE_OF_DOCUMENT><TYPE_OF_DOCUMENT2>national passport</TYPE_OF_DOCUMENT2><NUMBER>8200203535</NUMBER></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NOTE>Norse passport number 347834</NOTE></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Número de pasaporte</TYPE_OF_DOCUMENT><NUMBER>No34409/129, Norway</NUMBER></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>CAR diplomatic passport no. D00000898</NUMBER></INDIVIDUAL_DOCUMENT>
</INDIVIDUAL>`,
      ),
    },
    rows: ['main 4 record'],
    records: [
      person('1', ['OMAR'], {
        born: [day('1970-03-05'), year(1971), circa(1972), range(1960, 1963), year(1964)],
        documents: [
          passport('OR 801168', 'Afghanistan'),
          passport('SE 012820', 'Norway'),
          passport('123456789', 'US'),
          nationalId('35202- 4135948-7'),
          { kind: 'other', number: '012546' },
          { kind: 'other', number: '20645897' },
          passport('8200203535'),
          passport('34409/129'),
          passport('D00000898'),
        ],
      }),
    ],
  },
  {
    why: 'rows that make no sense',
    format: 'un-consolidated',
    files: {
      main: un(`<INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>OMAR</FIRST_NAME><NAME_ORIGINAL_SCRIPT>Ом\ufffdр</NAME_ORIGINAL_SCRIPT></INDIVIDUAL>
<INDIVIDUAL><FIRST_NAME>LIND</FIRST_NAME></INDIVIDUAL>
<INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>LIND</FIRST_NAME></INDIVIDUAL>
<INDIVIDUAL><DATAID>4</DATAID><FIRST_NAME/></INDIVIDUAL>
<INDIVIDUAL><DATAID>5</DATAID><FIRST_NAME>LIND</FIRST_NAME><INDIVIDUAL_DATE_OF_BIRTH><YEAR>197</YEAR></INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL>
<INDIVIDUAL><DATAID>6</DATAID><FIRST_NAME>LIND</FIRST_NAME><INDIVIDUAL_DATE_OF_BIRTH><FROM_YEAR>1970</FROM_YEAR><TO_YEAR>1960</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL>
<INDIVIDUAL><DATAID>7</DATAID><FIRST_NAME>LI\ue000ND</FIRST_NAME></INDIVIDUAL>
<INDIVIDUAL><DATAID>8</DATAID><FIRST_NAME>LI\ufffdND</FIRST_NAME></INDIVIDUAL>`),
    },
    rows: [
      'main 4 record',
      'main 5 rejected row.id-missing',
      'main 6 rejected row.id-repeated',
      'main 7 rejected row.no-name',
      'main 8 rejected row.date',
      'main 9 rejected row.date',
      'main 10 rejected row.codepoint',
      'main 11 rejected row.encoding',
    ],
    records: [person('1', ['OMAR'], { low: ['Ом\ufffdр'] })],
  },
  {
    why: 'ends in the middle',
    format: 'un-consolidated',
    files: {
      main: un('<INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>OMAR</FIRST_NAME></INDIVIDUAL>').slice(0, -40),
    },
    refused: 'list.truncated',
  },
  {
    why: 'another root',
    format: 'un-consolidated',
    files: { main: '<rss><channel/></rss>\n' },
    refused: 'list.format',
  },
  {
    why: 'tags that do not match',
    format: 'un-consolidated',
    files: { main: un('<INDIVIDUAL><DATAID>1</FIRST_NAME></INDIVIDUAL>') },
    refused: 'list.format',
  },
  { why: 'no entry', format: 'un-consolidated', files: { main: un('') }, refused: 'list.empty' },
];

const ftmLists: ExpectedList[] = [
  {
    why: 'nested: names, dates, documents, subjects',
    format: 'ftm',
    files: {
      main: ftm(
        {
          id: 'p1',
          schema: 'Person',
          target: true,
          caption: 'Omar',
          properties: {
            name: ['Omar Testov', 'Омар Тестов'],
            alias: ['Umar Testov'],
            previousName: ['Omar Berg'],
            weakAlias: ['Owl'],
            birthDate: ['1970-03-05', '1971', '1972-06', '1970-03-05T00:00:00'],
            passportNumber: ['AB 123456'],
            idNumber: ['12345-6'],
            passports: [
              {
                id: 'd1',
                schema: 'Passport',
                properties: { number: ['AB123456', 'CD 1'], country: ['no', 'se'] },
              },
            ],
            whatever: [
              {
                id: 'd2',
                schema: 'Identification',
                properties: { number: ['77 777'], type: ['Cedula No.'] },
              },
              { id: 'd3', schema: 'Identification', properties: { number: ['88888'], type: ['Tax ID'] } },
              { id: 'd4', schema: 'Identification', properties: { number: ['99999'], country: 'no' } },
              {
                id: 'r1',
                schema: 'Family',
                properties: {
                  relative: [{ id: 'd5', schema: 'Passport', properties: { number: ['XX99999'] } }],
                },
              },
            ],
          },
        },
        { id: 'o1', schema: 'Company', properties: { name: ['Test Trading'], passportNumber: ['AB123456'] } },
        { id: 'v1', schema: 'Vessel', properties: { name: 'Test Star' } },
        { id: 'a1', schema: 'Airplane', properties: { name: ['N123'] } },
        { id: 'w1', schema: 'CryptoWallet', properties: {}, caption: 'A wallet' },
        { id: 's1', schema: 'Sanction', properties: { entity: ['p1'] } },
        { id: 'p2', schema: 'Person', target: false, properties: { name: ['Maria Lind'] } },
      ),
    },
    rows: [
      'main 1 record',
      'main 2 record',
      'main 3 record',
      'main 4 record',
      'main 5 record',
      'main 6 companion',
      'main 7 companion',
    ],
    records: [
      person('p1', ['Omar Testov', 'Омар Тестов', 'Umar Testov', 'Omar Berg'], {
        low: ['Owl'],
        born: [day('1970-03-05'), year(1971), year(1972)],
        documents: [
          passport('AB 123456'),
          nationalId('12345-6'),
          passport('AB123456', 'no'),
          passport('CD 1', 'no'),
          nationalId('77 777'),
          { kind: 'other', number: '88888' },
          nationalId('99999', 'no'),
        ],
      }),
      person('o1', ['Test Trading'], { subject: 'organisation' }),
      person('v1', ['Test Star'], { subject: 'vessel' }),
      person('a1', ['N123'], { subject: 'aircraft' }),
      person('w1', ['A wallet'], { subject: 'other' }),
    ],
  },
  {
    why: 'flat: documents before and after their holder',
    format: 'ftm',
    files: {
      main: ftm(
        {
          id: 'd1',
          schema: 'Passport',
          properties: { holder: ['p1', 'p2'], number: ['AB123456'], country: ['no'] },
        },
        { id: 'p1', schema: 'Person', properties: { name: ['Omar Testov'] } },
        { id: 'p2', schema: 'Person', properties: { name: ['Maria Lind'] } },
        {
          id: 'd2',
          schema: 'Identification',
          properties: { holder: [{ id: 'p2', schema: 'Person' }], number: ['12345'], type: ['National ID'] },
        },
        { id: 'd3', schema: 'Passport', properties: { holder: ['p9'], number: ['XX99999'] } },
        { id: 'd4', schema: 'Passport', properties: { holder: ['p1'] } },
      ),
    },
    rows: [
      'main 1 companion',
      'main 2 record',
      'main 3 record',
      'main 4 companion',
      'main 5 rejected row.orphan',
      'main 6 companion',
    ],
    records: [
      person('p1', ['Omar Testov'], { documents: [passport('AB123456', 'no')] }),
      person('p2', ['Maria Lind'], { documents: [passport('AB123456', 'no'), nationalId('12345')] }),
    ],
  },
  {
    why: 'rows that make no sense',
    format: 'ftm',
    files: {
      main: `${ftm({ id: 'p1', schema: 'Person', properties: { name: ['Omar Testov'] } })}{"id": oops}\n[1]\n\n${ftm(
        { schema: 'Person', properties: { name: ['Maria Lind'] } },
        { id: 'p2', properties: { name: ['Maria Lind'] } },
        { id: 'p1', schema: 'Person', properties: { name: ['Maria Lind'] } },
        { id: 'p3', schema: 'Person', properties: { weakAlias: [' '] } },
        { id: 'p4', schema: 'Person', properties: { name: ['Maria Lind'], birthDate: ['last spring'] } },
        { id: 'p5', schema: 'Person', properties: { name: ['Maria\u0001Lind'] } },
        { id: 'p6', schema: 'Person', properties: { name: ['Mar\ufffdia'] } },
      )}`,
    },
    rows: [
      'main 1 record',
      'main 2 rejected row.json',
      'main 3 rejected row.json',
      'main 5 rejected row.id-missing',
      'main 6 rejected row.schema',
      'main 7 rejected row.id-repeated',
      'main 8 rejected row.no-name',
      'main 9 rejected row.date',
      'main 10 rejected row.codepoint',
      'main 11 rejected row.encoding',
    ],
    records: [person('p1', ['Omar Testov'])],
  },
  {
    why: 'last line cut off',
    format: 'ftm',
    files: { main: `${ftm({ id: 'p1', schema: 'Person', properties: { name: ['Omar'] } })}{"id":"p2","sch` },
    refused: 'list.truncated',
  },
];

const csvLists: ExpectedList[] = [
  {
    why: 'default headers in any case, byte order mark, CR LF, blank line, no last line end',
    format: 'csv',
    files: {
      main: '\ufeffID,Name,ALIASES,birthdate,documentKind,documentCountry,documentNumber\r\np1,"Testov, Omar",Umar Testov; Омар Тестов|Omar Berg,1970-03-05;1971,Passport No.,Norway,AB 123456\r\n\r\n p2 ,"Lind ""Mia"" Maria",,circa 1970,Identity card,,12 345\np3,"Two\nlines",,5 March 1970,Library card,,77777\np4,Anna,,c. 1950 to 1952,,,55555',
    },
    rows: ['main 2 record', 'main 4 record', 'main 5 record', 'main 7 record'],
    records: [
      person('p1', ['Testov, Omar', 'Umar Testov', 'Омар Тестов', 'Omar Berg'], {
        born: [day('1970-03-05'), year(1971)],
        documents: [passport('AB 123456', 'Norway')],
      }),
      person('p2', ['Lind "Mia" Maria'], { born: [circa(1970)], documents: [nationalId('12 345')] }),
      person('p3', ['Two lines'], {
        born: [day('1970-03-05')],
        documents: [{ kind: 'other', number: '77777' }],
      }),
      person('p4', ['Anna'], { born: [range(1950, 1952)], documents: [{ kind: 'other', number: '55555' }] }),
    ],
  },
  {
    why: 'mapped headers, literal kind and country, semicolons, several documents, subjects, no id',
    format: 'csv',
    files: {
      main: 'Who;What;Pass;Card;Land\nOmar Testov;individual;AB123456;12345;Norway\nTest Trading;Company;;;\nTest Star;Vessel;;;\nA bank;bank;;;\nAnna;;AA00001;;\n',
    },
    columns: {
      name: 'who',
      subject: 'What',
      documents: [
        { kind: 'passport', country: 'Land', number: 'Pass' },
        { kind: 'national-id', country: 'NO', number: 'Card' },
      ],
    },
    defaultSubject: 'organisation',
    rows: ['main 2 record', 'main 3 record', 'main 4 record', 'main 5 record', 'main 6 record'],
    records: [
      person('line-2', ['Omar Testov'], {
        documents: [passport('AB123456', 'Norway'), nationalId('12345', 'NO')],
      }),
      person('line-3', ['Test Trading'], { subject: 'organisation' }),
      person('line-4', ['Test Star'], { subject: 'vessel' }),
      person('line-5', ['A bank'], { subject: 'other' }),
      person('line-6', ['Anna'], { subject: 'organisation', documents: [passport('AA00001')] }),
    ],
  },
  {
    why: 'rows that make no sense',
    format: 'csv',
    files: {
      main: 'id,name,birthDate\n1,Omar,1970\n2,Omar\n3,Omar,1970,x\n,Omar,1970\n1,Omar,1970\n6,,1970\n7,Omar,70\n8,Omar,1970-02-30\n9,Omar,1972 to 1970\n10,Om\u0378ar,\n11,Om\ufffdar,\n12,"Omar" Testov,1970\n13,Omar,2200\n14,Omar,~1970\n15,Omar,1970/1970\n16,Omar,1900-02-29\n17,Omar,2000-02-29\n18,Omar,1972-02-30\n19,Omar,1970-13-01\n20,Omar,1970-13\n21,Omar,31 April 1970\n22,Omar,ca. 5 May 1970\n23,Omar,between 1970 and 1971\n24,Omar,Approximately 1970-1971\n25,Omar,0 May 1970\n26,Omar,circa\n',
    },
    rows: [
      'main 2 record',
      'main 3 rejected row.columns',
      'main 4 rejected row.columns',
      'main 5 rejected row.id-missing',
      'main 6 rejected row.id-repeated',
      'main 7 rejected row.no-name',
      'main 8 rejected row.date',
      'main 9 rejected row.date',
      'main 10 rejected row.date',
      'main 11 rejected row.codepoint',
      'main 12 rejected row.encoding',
      'main 13 rejected row.columns',
      'main 14 rejected row.date',
      'main 15 record',
      'main 16 record',
      'main 17 rejected row.date',
      'main 18 record',
      'main 19 rejected row.date',
      'main 20 rejected row.date',
      'main 21 rejected row.date',
      'main 22 rejected row.date',
      'main 23 record',
      'main 24 record',
      'main 25 record',
      'main 26 rejected row.date',
      'main 27 rejected row.date',
    ],
    records: [
      person('1', ['Omar'], { born: [year(1970)] }),
      person('14', ['Omar'], { born: [circa(1970)] }),
      person('15', ['Omar'], { born: [year(1970)] }),
      person('17', ['Omar'], { born: [day('2000-02-29')] }),
      person('22', ['Omar'], { born: [circa(1970)] }),
      person('23', ['Omar'], { born: [range(1970, 1971)] }),
      person('24', ['Omar'], { born: [range(1970, 1971)] }),
    ],
  },
  {
    why: 'a mapped header that is not there',
    format: 'csv',
    files: { main: 'id,name\n1,Omar\n' },
    columns: { name: 'full name' },
    refused: 'list.format',
  },
  { why: 'no name column', format: 'csv', files: { main: 'id,who\n1,Omar\n' }, refused: 'list.format' },
  { why: 'a header alone', format: 'csv', files: { main: 'id,name\n' }, refused: 'list.empty' },
  { why: 'nothing', format: 'csv', files: { main: '' }, refused: 'list.empty' },
  { why: 'ends inside quotes', format: 'csv', files: { main: 'id,name\n1,"Om' }, refused: 'list.truncated' },
  {
    why: 'Latin-1 bytes',
    format: 'csv',
    files: { main: new Uint8Array([...'id,name\n1,Jos'].map((c) => c.charCodeAt(0)).concat(0xe9, 0x0a)) },
    refused: 'list.encoding',
  },
  {
    why: 'UTF-16',
    format: 'csv',
    files: { main: new Uint8Array([0xff, 0xfe, 0x69, 0, 0x64, 0, 0x0a, 0]) },
    refused: 'list.encoding',
  },
  { why: 'a NUL byte', format: 'csv', files: { main: 'id,name\n1,Om\0ar\n' }, refused: 'list.encoding' },
];

/** Every list. */
export const expectedLists: readonly ExpectedList[] = [...ofacLists, ...unLists, ...ftmLists, ...csvLists];
