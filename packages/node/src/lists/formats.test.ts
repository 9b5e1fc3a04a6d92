/** What each format's fields become (docs/recipes.md A3 to A8). */
import type { BirthDate, RecordDocument } from '@tallystick/protocol/records';
import { describe, expect, it } from 'vitest';
import { readBirthDate } from './dates.ts';
import { bareNumber, kindOfLabel } from './document-kinds.ts';
import { dropCutItem, readRemarks } from './ofac-remarks.ts';
import { ftm, individual, recordsOf, rejectedOf, sdn, un, useBench } from './testing.ts';

const bench = useBench();
const good = (text: string) => ({ text, quality: 'good' as const });
const low = (text: string) => ({ text, quality: 'low' as const });

describe('A3 dates', () => {
  const cases: [string, BirthDate | undefined][] = [
    ['1970-02-28', { kind: 'day', from: '1970-02-28' }],
    ['1970-02-28T00:00:00Z', { kind: 'day', from: '1970-02-28' }],
    ['3 Mar 1961', { kind: 'day', from: '1961-03-03' }],
    ['29 february 2000', { kind: 'day', from: '2000-02-29' }],
    ['1970-02', { kind: 'year', from: '1970' }],
    ['Mar 1961', { kind: 'year', from: '1961' }],
    ['1961', { kind: 'year', from: '1961' }],
    ['circa 1961', { kind: 'circa', from: '1961' }],
    ['Ca. 3 Mar 1961', { kind: 'circa', from: '1961' }],
    ['~1961', { kind: 'circa', from: '1961' }],
    ['1961 to 1963', { kind: 'range', from: '1961', to: '1963' }],
    ['1 Jan 1961 to 31 Dec 1961', { kind: 'year', from: '1961' }],
    ['between 1961 and 1963', { kind: 'range', from: '1961', to: '1963' }],
    ['1961-1963', { kind: 'range', from: '1961', to: '1963' }],
    ['1961/1963', { kind: 'range', from: '1961', to: '1963' }],
    ['circa 1961-1963', { kind: 'range', from: '1961', to: '1963' }],
    ['circa 1961-1961', { kind: 'circa', from: '1961' }],
    ['1963-1961', undefined],
    ['1970-02-30', undefined],
    ['29 Feb 1900', undefined],
    ['1970-13', undefined],
    ['0 Jan 1970', undefined],
    ['1799', undefined],
    ['2101', undefined],
    ['Febr 1970', undefined],
    ['70', undefined],
    ['unknown', undefined],
  ];
  it.each(cases)('%s', (text, date) => expect(readBirthDate(text)).toEqual(date));
});

describe('A4 documents', () => {
  it.each([
    ['Passport No.', 'passport'],
    ['Número de pasaporte', 'passport'],
    ['national-id', 'national-id'],
    ['ID card', 'national-id'],
    ['D.N.I.', 'national-id'],
    ['Cédula', 'national-id'],
    ['Tax ID', 'other'],
    ["Driver's License", 'other'],
    ['', 'other'],
  ])('kind of %j', (label, kind) => expect(kindOfLabel(label)).toBe(kind));

  it.each([
    ['AB 123456 (Expires 18 Jun. 2018)', 'AB 123456', ''],
    ['Afghan passport number OA296623', 'OA296623', 'Afghan passport number'],
    ['CAR diplomatic passport no. D00000898', 'D00000898', 'CAR diplomatic passport no.'],
    ['CAR 123456', '123456', 'CAR'],
    ['No34409/129', '34409/129', ''],
    ['R00012098, South Sudan', 'R00012098', ''],
    ['123456 issued 5 May 2001', '123456', ''],
    ['# 12 34', '12 34', '#'],
    ['#1234', '1234', ''],
  ])('bare number of %j', (text, number, droppedBefore) => {
    expect(bareNumber(text)).toEqual({ number, droppedBefore });
  });
  it('has none where no word has a digit', () => expect(bareNumber('issued 5 May 2001')).toBeUndefined());
});

describe('A5 OFAC remarks', () => {
  const documents: [string, RecordDocument | undefined][] = [
    ['Passport A123456 (Iran) expires 5 May 2020', { kind: 'passport', number: 'A123456', country: 'Iran' }],
    ['alt. Diplomatic Passport D9004878', { kind: 'passport', number: 'D9004878' }],
    [
      'Stateless Person Passport C2002515 (Kuwait)',
      { kind: 'passport', number: 'C2002515', country: 'Kuwait' },
    ],
    ['Cedula No. 123-456 (Colombia).', { kind: 'national-id', number: '123-456', country: 'Colombia' }],
    [
      'National ID No. 98765 (Iraq) issued 3 May 2001',
      { kind: 'national-id', number: '98765', country: 'Iraq' },
    ],
    ['Personal ID Card 55555', { kind: 'national-id', number: '55555' }],
    ['Identification Number 88888 (Ghana)', { kind: 'national-id', number: '88888', country: 'Ghana' }],
    ['Tax ID No. 77777 (Ghana)', undefined],
    ["Driver's License No. 66666 (Ghana)", undefined],
    ['Linked To: PASSPORT LTD 1', undefined],
  ];
  it.each(documents)('%s', (item, document) => {
    expect(readRemarks(item, true).documents).toEqual(document === undefined ? [] : [document]);
    expect(readRemarks(item, false).documents).toEqual([]);
  });
  it('reads weak aliases and dates', () => {
    expect(readRemarks("DOB 1970; alt. DOB circa 1971; a.k.a. 'The 'Old' One'; F.K.A. \"X\".", true)).toEqual(
      {
        names: [low("The 'Old' One"), low('X')],
        birthDates: [
          { kind: 'year', from: '1970' },
          { kind: 'circa', from: '1971' },
        ],
        documents: [],
        badDate: false,
      },
    );
  });
  it('drops an item that was cut at 1,000 characters, unless something continues it', () => {
    const cut = (last: string): string => `Passport A1234567;${' '.repeat(982 - last.length)}${last}`;
    for (const last of ['Passport B123', 'DOB 05 Ma', "a.k.a. 'OW"]) {
      expect(cut(last)).toHaveLength(1000);
      expect(dropCutItem(cut(last))).toBe('Passport A1234567;');
      for (const whole of [cut(`${last}.`), cut(`${last}. `), cut(last).slice(1), `${cut(last)}4`]) {
        expect(dropCutItem(whole)).toBe(whole);
      }
    }
    expect(dropCutItem('1'.repeat(1000))).toBe('');
  });
  it('joins continued remarks and finds companions in any case', async () => {
    const events = await bench.run({
      'Old-SDN.CSV': sdn(5, 'LIND, Maria', 'DOB 1970; Passport AB12') + sdn(6, 'NONE', '-0- '),
      'Old-SDN_COMMENTS.CSV': '5,"34567 (Norway)."\n6,"DOB 1990"\n',
      'Old-ALT.CSV': '5,1,"fka","BERG, Maria",-0- \n',
    });
    expect(rejectedOf(events)).toEqual([]);
    const [first, second] = recordsOf(events);
    expect(first?.documents).toEqual([{ kind: 'passport', number: 'AB1234567', country: 'Norway' }]);
    expect(first?.names).toEqual([good('LIND, Maria'), good('BERG, Maria')]);
    expect(second?.birthDates).toEqual([]);
    expect(events.at(-1)).toMatchObject({ files: ['Old-SDN.CSV', 'Old-ALT.CSV', 'Old-SDN_COMMENTS.CSV'] });
  });
  it('knows subjects', async () => {
    const kinds = ['"individual"', '-0- ', '"vessel"', '"aircraft"', '"Entity"', '"comet"'];
    const events = await bench.run({
      'sdn.csv': kinds.map((kind, n) => sdn(n, `N${n}`, '-0- ', kind)).join(''),
    });
    expect(recordsOf(events).map(({ subject }) => subject)).toEqual([
      'person',
      'organisation',
      'vessel',
      'aircraft',
      'organisation',
      'other',
    ]);
  });
});

describe('A6 UN', () => {
  it('reads names, dates and documents', async () => {
    const document = (inner: string): string => `<INDIVIDUAL_DOCUMENT>${inner}</INDIVIDUAL_DOCUMENT>`;
    const events = await bench.run({
      'un.xml': un(
        individual(
          1,
          `<FIRST_NAME>MARIA</FIRST_NAME><SECOND_NAME/><THIRD_NAME> LIND </THIRD_NAME><TITLE>Dr</TITLE>
<NAME_ORIGINAL_SCRIPT>Мария</NAME_ORIGINAL_SCRIPT>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>M &amp; L; <![CDATA[Mia]]></ALIAS_NAME><DATE_OF_BIRTH>junk</DATE_OF_BIRTH></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>LOW</QUALITY><ALIAS_NAME>Gardener</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1970-02-28</DATE></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><DATE>1971-01-01</DATE></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1960</FROM_YEAR><TO_YEAR>1962</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><FROM_YEAR>1965</FROM_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE/><NOTE>junk</NOTE></INDIVIDUAL_DATE_OF_BIRTH>
${document('<TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>\nAB 123456 </NUMBER><ISSUING_COUNTRY>Norway</ISSUING_COUNTRY><COUNTRY_OF_ISSUE>Ghana</COUNTRY_OF_ISSUE>')}
${document('<TYPE_OF_DOCUMENT>National Identification\n Number</TYPE_OF_DOCUMENT><NUMBER>998877 (US)</NUMBER>')}
${document('<TYPE_OF_DOCUMENT>National Identification Number</TYPE_OF_DOCUMENT><TYPE_OF_DOCUMENT2>Birth certificate</TYPE_OF_DOCUMENT2><NUMBER>555555</NUMBER>')}
${document('<TYPE_OF_DOCUMENT>National Identification Number</TYPE_OF_DOCUMENT><TYPE_OF_DOCUMENT2>national passport</TYPE_OF_DOCUMENT2><NUMBER>666666</NUMBER>')}
${document('<TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NOTE>none</NOTE>')}<INDIVIDUAL_DOCUMENT/>`,
        ),
        '<ENTITY><DATAID>9</DATAID><FIRST_NAME>CO</FIRST_NAME><ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>Co 2</ALIAS_NAME></ENTITY_ALIAS></ENTITY>',
      ),
    });
    expect(rejectedOf(events)).toEqual([]);
    expect(recordsOf(events)).toEqual([
      {
        id: '1',
        subject: 'person',
        names: [good('MARIA LIND'), good('Мария'), good('M & L'), good('Mia'), low('Gardener')],
        birthDates: [
          { kind: 'day', from: '1970-02-28' },
          { kind: 'circa', from: '1971' },
          { kind: 'range', from: '1960', to: '1962' },
          { kind: 'circa', from: '1965' },
        ],
        documents: [
          { kind: 'passport', number: 'AB 123456', country: 'Norway' },
          { kind: 'national-id', number: '998877', country: 'US' },
          { kind: 'other', number: '555555' },
          { kind: 'passport', number: '666666' },
        ],
      },
      { id: '9', subject: 'organisation', names: [good('CO'), good('Co 2')], birthDates: [], documents: [] },
    ]);
    expect(events.at(-1)).toMatchObject({ listDate: '2026-02-27T00:00:09.554Z', listDateFrom: 'list' });
  });

  it('damaged names become low, damaged numbers and countries go', async () => {
    const events = await bench.run({
      'un.xml': un(
        individual(
          1,
          '<FIRST_NAME>OK</FIRST_NAME><NAME_ORIGINAL_SCRIPT>x\uFFFD</NAME_ORIGINAL_SCRIPT><INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>12345\uFFFD</NUMBER></INDIVIDUAL_DOCUMENT><INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>123456</NUMBER><ISSUING_COUNTRY>\uFFFD</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT>',
        ),
      ),
    });
    expect(recordsOf(events)).toMatchObject([
      { names: [good('OK'), low('x\uFFFD')], documents: [{ kind: 'passport', number: '123456' }] },
    ]);
  });
});

describe('A7 FtM', () => {
  it('joins documents from rows before and after, and nested ones', async () => {
    const events = await bench.run({
      'f.json':
        ftm('d1', { holder: ['a', 'o'], number: ['AB-1', 'CD2'], country: ['no', 'gh'] }, 'Passport') +
        ftm('a', {
          name: ['Maria Lind'],
          alias: 'Mia Lind',
          previousName: ['Maria Berg'],
          weakAlias: ['Gardener'],
          abbreviation: ['ML'],
          birthDate: ['1970-02-28', '1971'],
          passportNumber: ['P1'],
          idNumber: ['N1'],
          passports: [
            { id: 'n', schema: 'Passport', properties: { number: ['NEST1'], country: ['se'] } },
            { id: 'm', schema: 'Address', properties: { number: ['12'] } },
          ],
        }) +
        ftm(
          'd2',
          { holder: [{ id: 'a', schema: 'Person' }], number: ['ID9'], type: ['Tax ID'] },
          'Identification',
        ) +
        ftm('d3', { holder: ['a'], number: ['ID8'] }, 'Identification') +
        ftm('d4', { holder: ['a'] }, 'Passport') +
        ftm('o', { name: ['Org'] }, 'Company') +
        ftm('adr', { full: ['x'] }, 'Address') +
        ftm('t', { name: ['No Target'] }, 'Person', { target: false }) +
        ftm('cap', {}, 'Person', { caption: 'By Caption' }) +
        ftm('constructor', { name: ['Odd Id'] }, 'toString'),
    });
    expect(rejectedOf(events)).toEqual([]);
    expect(events.filter((event) => event.type === 'companion')).toHaveLength(7);
    const [a, o, cap] = recordsOf(events);
    expect(a).toEqual({
      id: 'a',
      subject: 'person',
      names: [good('Maria Lind'), good('Mia Lind'), good('Maria Berg'), low('Gardener'), low('ML')],
      birthDates: [
        { kind: 'day', from: '1970-02-28' },
        { kind: 'year', from: '1971' },
      ],
      documents: [
        { kind: 'passport', number: 'P1' },
        { kind: 'national-id', number: 'N1' },
        { kind: 'passport', number: 'NEST1', country: 'se' },
        { kind: 'passport', number: 'AB-1', country: 'no' },
        { kind: 'passport', number: 'CD2', country: 'no' },
        { kind: 'other', number: 'ID9' },
        { kind: 'national-id', number: 'ID8' },
      ],
    });
    expect(o).toMatchObject({ subject: 'organisation', documents: [] });
    expect(cap?.names).toEqual([good('By Caption')]);
  });
});

describe('A8 CSV', () => {
  it('has defaults that need no mapping', async () => {
    const events = await bench.run({
      'l.csv':
        'ID;Name;aliases;birthDate;subject;documentKind;documentNumber\n7;"Lind; Maria";Mia|M. Lind;1970|1971;;Passport;AB1\n8;Co;;;company;;X9\n',
    });
    expect(recordsOf(events)).toEqual([
      {
        id: '7',
        subject: 'person',
        names: [good('Lind; Maria'), good('Mia'), good('M. Lind')],
        birthDates: [
          { kind: 'year', from: '1970' },
          { kind: 'year', from: '1971' },
        ],
        documents: [{ kind: 'passport', number: 'AB1' }],
      },
      {
        id: '8',
        subject: 'organisation',
        names: [good('Co')],
        birthDates: [],
        documents: [{ kind: 'other', number: 'X9' }],
      },
    ]);
  });
  it('takes mapped headers and literal kinds and countries', async () => {
    const columns = {
      id: 'ref',
      name: 'full name',
      documents: [
        { kind: 'passport', country: 'Norway', number: 'pass' },
        { kind: 'national-id', number: 'nid' },
      ],
    };
    const events = await bench.run(
      { 'l.csv': 'Ref,Full  Name,pass,nid\nr1,Maria Lind,AB1,N2\n' },
      { columns },
    );
    expect(recordsOf(events)[0]?.documents).toEqual([
      { kind: 'passport', number: 'AB1', country: 'Norway' },
      { kind: 'national-id', number: 'N2' },
    ]);
  });
  it('names records by their lines where there is no id, and takes organisations when told', async () => {
    const events = await bench.run(
      { 'l.csv': 'name\tx\n"A\nB"\t1\nC\t2\n' },
      { defaultSubject: 'organisation' },
    );
    expect(recordsOf(events)).toMatchObject([
      { id: 'line-2', subject: 'organisation', names: [good('A B')] },
      { id: 'line-4' },
    ]);
  });
});
