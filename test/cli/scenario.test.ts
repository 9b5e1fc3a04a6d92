/** Every mistake in a scenario is said by field and remedy, before anything starts. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseScenario } from '../../packages/cli/src/scenario/index.ts';
import { cli } from './helpers.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ts-scenario-'));
  await writeFile(join(folder, 'a.csv'), 'id,name\n1,Anna Beispiel\n');
  await mkdir(join(folder, 'directory'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const party = (id: string, list = 'a.csv'): Record<string, unknown> => ({ id, list });
const good = {
  parties: [party('one'), party('two')],
  subject: 'person',
  recipe: 'document',
  output: { kind: 'matches', to: ['one'] },
};
const parse = (value: unknown) => parseScenario(Buffer.from(JSON.stringify(value)), folder);
const many = (n: number) => Array.from({ length: n }, (_, i) => party(`p${i}`));
const counts = { kind: 'counts' };
const among = { ...good, parties: [...good.parties, party('three')] };

describe('a scenario', () => {
  it('is read, its paths relative to its file', async () => {
    const scenario = await parse({ ...good, recipe: ['name', 'document'] });
    expect(scenario.parties.map((one) => one.list)).toEqual([join(folder, 'a.csv'), join(folder, 'a.csv')]);
    expect(scenario.recipes).toEqual(['document', 'name']);
    expect(scenario.recipe).toEqual(['name', 'document']);
  });

  it.each([2, 3, 10])('takes counts of %i parties', async (n) => {
    await expect(parse({ ...good, parties: many(n), output: counts })).resolves.toBeDefined();
  });

  it('takes a collector: the coordinator, or a party without a list', async () => {
    const of = async (more: object) => (await parse({ ...good, output: counts, ...more })).collecting;
    expect(await of({})).toBeUndefined();
    expect(await of({ collector: 'coordinator' })).toBeUndefined();
    expect(await of({ collector: 'coordinator', collectors: 1 })).toBeUndefined();
    const parties = [{ id: 'notary' }, ...good.parties];
    const scenario = await parse({ ...good, parties, output: counts, collector: 'notary' });
    expect(scenario.collecting).toEqual({ byCoordinator: false, own: 'notary' });
    const two = { collectors: 2 };
    expect(await of(two)).toEqual({ byCoordinator: true, own: 'collector' });
    expect(await of({ ...two, collector: 'coordinator' })).toEqual(await of(two));
    expect(await of({ ...two, parties, collector: 'notary' })).toEqual({
      byCoordinator: true,
      own: 'notary',
    });
    const taken = { ...two, parties: [party('one'), party('collector')] };
    expect(await of(taken)).toEqual({ byCoordinator: true, own: 'collector-2' });
    expect(scenario.parties.map((one) => one.id)).toEqual(['one', 'two']);
  });

  it('is verified unless it says otherwise, and on all lists among three', async () => {
    expect((await parse(good)).verified).toBe(true);
    expect((await parse({ ...good, verified: false })).verified).toBe(false);
    expect((await parse(good)).output).toEqual({ kind: 'matches', to: ['one'] });
    const of = async (more: object) => (await parse({ ...among, ...more })).output;
    expect(await of({})).toMatchObject({ predicate: { kind: 'all' }, which: false });
    expect(await of({ predicate: 'any', which: true })).toMatchObject({
      predicate: { kind: 'any' },
      which: true,
    });
    expect(await of({ predicate: { atLeast: 2 } })).toMatchObject({
      predicate: { kind: 'atLeast', lists: 2 },
    });
  });

  const mistakes: [string, unknown, RegExp][] = [
    ['an unknown field', { ...good, subjet: 1 }, /unknown field "subjet"; did you mean "subject"\?/],
    [
      'an unknown field of a party',
      { ...good, parties: [{ ...party('one'), lisst: 1 }, party('two')] },
      /unknown field "lisst" in parties\[0\]; did you mean "list"\?/,
    ],
    ['no parties', { ...good, parties: undefined }, /^parties: want an array, got nothing/],
    ['one party', { ...good, parties: many(1), output: counts }, /^parties: want 2 to 10, got 1/],
    ['eleven parties', { ...good, parties: many(11), output: counts }, /^parties: want 2 to 10, got 11/],
    [
      'a repeated party',
      { ...good, parties: [party('one'), party('one')] },
      /^parties\[1\]\.id: "one" is parties\[0\]\.id already/,
    ],
    [
      'an id with capitals',
      { ...good, parties: [party('One'), party('two')] },
      /^parties\[0\]\.id: want 1 to 32 characters/,
    ],
    [
      'a missing list',
      { ...good, parties: [party('one'), party('two', 'none.csv')] },
      /^parties\[1\]\.list: no file at .*none\.csv/,
    ],
    [
      'a directory as list',
      { ...good, parties: [party('one', 'directory'), party('two')] },
      /^parties\[0\]\.list: want a file/,
    ],
    [
      'an empty path',
      { ...good, parties: [party('one', ''), party('two')] },
      /^parties\[0\]\.list: want at least 1 character/,
    ],
    [
      'an unknown format',
      { ...good, parties: [{ ...party('one'), format: 'xls' }, party('two')] },
      /^parties\[0\]\.format: want "ofac-sdn", "un-consolidated", "ftm", "csv"; got "xls"/,
    ],
    [
      'columns of another format',
      { ...good, parties: [{ ...party('one'), format: 'ftm', columns: {} }, party('two')] },
      /^parties\[0\]\.columns: only for format csv/,
    ],
    [
      'an unknown column',
      { ...good, parties: [{ ...party('one'), columns: { nmae: 'x' } }, party('two')] },
      /unknown field "nmae" in parties\[0\]\.columns; did you mean "name"\?/,
    ],
    [
      'a document without number',
      { ...good, parties: [{ ...party('one'), columns: { documents: [{}] } }, party('two')] },
      /^parties\[0\]\.columns\.documents\[0\]\.number: want a text, got nothing/,
    ],
    [
      'an unknown subject',
      { ...good, subject: 'people' },
      /^subject: want "person", "organisation", "any"; got "people"/,
    ],
    [
      'an unknown recipe',
      { ...good, recipe: 'names' },
      /^recipe: want "document", .*or an array of them; got "names"/,
    ],
    ['no recipe in an array', { ...good, recipe: [] }, /^recipe: want at least 1 entry/],
    ['a recipe twice', { ...good, recipe: ['name', 'name'] }, /^recipe: want each recipe once/],
    [
      'an unknown output',
      { ...good, output: { kind: 'match' } },
      /^output\.kind: want "matches" or "counts"; got "match"/,
    ],
    [
      'matches without receivers',
      { ...good, output: { kind: 'matches' } },
      /^output\.to: want an array, got nothing/,
    ],
    [
      'matches for nobody',
      { ...good, output: { kind: 'matches', to: [] } },
      /^output\.to: want at least 1 entry/,
    ],
    [
      'matches for a stranger',
      { ...good, output: { kind: 'matches', to: ['three'] } },
      /^output\.to\[0\]: "three" is no party; want "one" or "two"/,
    ],
    [
      'matches twice for one',
      { ...good, output: { kind: 'matches', to: ['one', 'one'] } },
      /^output\.to\[1\]: "one" is named twice/,
    ],
    ['a word for verified', { ...good, verified: 'yes' }, /^verified: want true or false, got "yes"/],
    ['a predicate of two', { ...good, predicate: 'any' }, /^predicate: only for matches of 3 parties/],
    ['which lists of two', { ...good, which: true }, /^which: only for matches of 3 parties/],
    [
      'a predicate of counts',
      { ...good, parties: many(3), output: counts, predicate: 'all' },
      /^predicate: only for matches of 3 parties/,
    ],
    [
      'another predicate',
      { ...among, predicate: 'some' },
      /^predicate: want "all", "any" or \{"atLeast": NUMBER\}; got "some"/,
    ],
    ['at least one list', { ...among, predicate: { atLeast: 1 } }, /^predicate/],
    [
      'more lists than there are',
      { ...among, predicate: { atLeast: 4 } },
      /^predicate\.atLeast: want at most 3, got 4/,
    ],
    [
      'counts with receivers',
      { ...good, output: { kind: 'counts', to: ['one'] } },
      /^unknown field "to" in output/,
    ],
    [
      'noise for matches',
      { ...good, privacy: { epsilon: 1, identifiersPerRecord: 2 } },
      /^privacy: is for output\.kind "counts"/,
    ],
    [
      'a minimum for matches',
      { ...good, privacy: { minCount: 5 } },
      /^privacy: is for output\.kind "counts"/,
    ],
    [
      'a cap nobody knows',
      { ...good, caps: { session: 3 } },
      /unknown field "session" in caps; did you mean "sessions"/,
    ],
    ['padding for matches', { ...good, padTo: 64 }, /^padTo: is for output\.kind "counts"/],
    ['padding to one', { ...good, output: counts, padTo: 1 }, /^padTo: want a whole number from 2 to/],
    ['padding to a fraction', { ...good, output: counts, padTo: 6.5 }, /^padTo: want a whole number/],
    [
      'an unknown privacy setting',
      { ...good, output: counts, privacy: { minCuont: 5 } },
      /unknown field "minCuont" in privacy; did you mean "minCount"\?/,
    ],
    ['privacy that asks for nothing', { ...good, output: counts, privacy: {} }, /^privacy: want "minCount"/],
    [
      'a missing list and no collector',
      { ...good, parties: [...good.parties, { id: 'notary' }], output: counts },
      /^parties\[2\]\.list: is missing; only a party that "collector" names brings none/,
    ],
    [
      'a collector that brings a list',
      { ...good, output: counts, collector: 'two' },
      /^collector: "two" brings a list; want "coordinator", or a party without one/,
    ],
    [
      'a collector that brings the list of the coordinator',
      { ...good, parties: [party('one'), party('coordinator')], output: counts, collector: 'coordinator' },
      /^collector: "coordinator" brings a list/,
    ],
    [
      'a collector that is nobody',
      { ...good, output: counts, collector: 'notary' },
      /^collector: "notary" is no party; want "coordinator", or a party without a list/,
    ],
    [
      'a collector between two',
      { ...good, parties: [...good.parties, { id: 'notary' }], collector: 'notary' },
      /^collector: matches between 2 parties need none/,
    ],
    ['three collectors', { ...good, output: counts, collectors: 3 }, /^collectors: want 1 or 2, got 3/],
    ['two collectors between two', { ...good, collectors: 2 }, /^collectors: matches between 2 parties/],
    [
      'columns of a collector',
      {
        ...good,
        parties: [...good.parties, { id: 'notary', columns: {} }],
        output: counts,
        collector: 'notary',
      },
      /^parties\[2\]\.columns: only with a list/,
    ],
    [
      'a collector that counts as a party',
      { ...good, parties: [party('one'), { id: 'notary' }], output: counts, collector: 'notary' },
      /^parties: want 2 to 10, got 1/,
    ],
    [
      'matches for a collector',
      {
        ...among,
        parties: [...among.parties, { id: 'notary' }],
        collector: 'notary',
        output: { kind: 'matches', to: ['notary'] },
      },
      /^output\.to\[0\]: "notary" is no party/,
    ],
    ['no object', [], /^scenario: want an object, got an array/],
  ];
  it.each(mistakes)('with %s is refused by field', async (_, value, message) => {
    await expect(parse(value)).rejects.toMatchObject({
      code: 'scenario.invalid',
      message: expect.stringMatching(message),
    });
  });

  const noisy = { epsilon: 1, identifiersPerRecord: 2 };
  it.each<[string, object, string, RegExp]>([
    ['an epsilon of zero', { ...noisy, epsilon: 0 }, 'privacy.epsilon', /^epsilon: .*got zero/],
    ['a negative epsilon', { ...noisy, epsilon: -1 }, 'privacy.epsilon', /^epsilon: /],
    ['an absurd epsilon', { ...noisy, epsilon: 1e6 }, 'privacy.epsilon', /^epsilon: /],
    ['an epsilon in words', { ...noisy, epsilon: 'little' }, 'privacy.epsilon', /^epsilon: /],
    ['a large delta', { ...noisy, delta: 0.1 }, 'privacy.delta', /^delta: /],
    ['a delta without epsilon', { delta: 1e-6 }, 'privacy.epsilon', /^epsilon: /],
    ['noise for any record', { epsilon: 1 }, 'privacy.policy', /^identifiersPerRecord: /],
    ['a negative minimum', { minCount: -1 }, 'privacy.policy', /^minCount: /],
    ['an unknown mechanism', { ...noisy, mechanism: 'uniform' }, 'privacy.policy', /^mechanism: /],
  ])('with %s is refused by code', async (_, privacy, code, message) => {
    await expect(parse({ ...good, output: counts, privacy })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, object, RegExp]>([
    ['no cap at all', { periodDays: 7 }, /^caps: want sessions, records, versions or epsilon/],
    ['a cap of nothing', { sessions: 0 }, /^caps\.sessions: want a whole number/],
    ['a cap in words', { records: 'many' }, /^caps\.records: want a whole number/],
    ['a budget of zero', { epsilon: 0 }, /^caps\.epsilon: want a decimal/],
    ['a period of years', { versions: 1, periodDays: 4000 }, /^caps\.periodDays: want a whole number/],
  ])('with %s is refused by code', async (_, caps, message) => {
    await expect(parse({ ...good, caps })).rejects.toMatchObject({
      code: 'privacy.caps',
      message: expect.stringMatching(message),
    });
  });

  it('keeps caps as they stand', async () => {
    const caps = { sessions: 4, epsilon: '2.5', periodDays: 30 };
    expect((await parse({ ...good, caps })).caps).toEqual(caps);
    expect((await parse(good)).caps).toBeUndefined();
  });

  it('keeps privacy settings as they stand and as they are read', async () => {
    const privacy = { minCount: 5, epsilon: '0.25', identifiersPerRecord: 3 };
    const scenario = await parse({ ...good, output: counts, privacy, padTo: 64 });
    expect(scenario.padTo).toBe(64);
    expect(scenario.privacy?.settings).toEqual(privacy);
    expect(scenario.privacy?.policy).toMatchObject({ minCount: 5, microEpsilon: 250_000 });
    const plain = await parse({ ...good, output: counts });
    expect(plain.privacy).toBeUndefined();
    expect(plain.padTo).toBeUndefined();
  });

  it.each([
    ['{"subject":"any",', /^subject: stands twice; want each field once/],
    ['{"output":{"kind":"counts","kind":"matches"},', /^output\.kind: stands twice/],
    [
      '{"parties":[{"id":"a","list":"a.csv"},{"id":"b","list":"a.csv","i\\u0064":"c"}],',
      /^parties\[1\]\.id: /,
    ],
  ])('in which a field stands twice is refused, and the field named: %s', async (start, message) => {
    const { output: _output, ...rest } = good;
    const plain = JSON.stringify(start.includes('kind') ? rest : good);
    await expect(parseScenario(Buffer.from(start + plain.slice(1)), folder)).rejects.toMatchObject({
      code: 'scenario.invalid',
      message: expect.stringMatching(message),
    });
  });

  it('that is no JSON is refused by line', async () => {
    const broken = '{\n "parties": [],\n oops\n}';
    await expect(parseScenario(Buffer.from(broken), folder)).rejects.toMatchObject({
      code: 'scenario.invalid',
      message: expect.stringMatching(/^scenario: want JSON, broken at line 3/),
    });
    await expect(parseScenario(Uint8Array.of(0xff, 0xfe), folder)).rejects.toMatchObject({
      code: 'scenario.invalid',
    });
  });

  it('shows nothing of a long or hostile text', async () => {
    const hostile = `\u001B[2J${'x'.repeat(500)}`;
    await expect(parse({ ...good, subject: hostile })).rejects.toSatisfy(
      (error: Error) => !error.message.includes('\u001B') && error.message.length < 200,
    );
  });
});

describe('run', () => {
  it('ends with code 2 at a wrong scenario and 3 where there is none', async () => {
    const path = join(folder, 's.json');
    await writeFile(path, JSON.stringify({ ...good, recipe: 'nothing' }));
    const wrong = await cli(['run', path, '--json']);
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toContain('scenario.invalid');
    const privacy = { epsilon: 0, identifiersPerRecord: 1 };
    await writeFile(path, JSON.stringify({ ...good, output: counts, privacy }));
    const silent = await cli(['run', path, '--json']);
    expect(silent).toMatchObject({ code: 2, out: '' });
    expect(silent.err).toContain('privacy.epsilon');
    expect(await cli(['run', join(folder, 'none.json')])).toMatchObject({ code: 3, out: '' });
  });
});
