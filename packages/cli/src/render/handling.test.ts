/** Marks stand in everything that is shown or drawn of a result, and nowhere where there are none. */
import { expect, test } from 'vitest';
import { countsPlot, renderResult, type SessionResult, styleFor, toJson } from './index.ts';

const party = (id: string) => ({
  id,
  records: 3,
  identifiers: 3,
  withoutIdentifiers: 0,
  rejected: 0,
  matches: null,
});
const result: SessionResult = {
  session: 'a'.repeat(32),
  form: 'sealed',
  verified: true,
  suite: 'suite',
  recipe: 'name',
  parties: [party('north'), party('south')],
  collectors: ['coordinator'],
  counts: [
    { in: ['north'], exactly: 2, atLeast: 3 },
    { in: ['south'], exactly: 2, atLeast: 3 },
    { in: ['north', 'south'], exactly: 1, atLeast: 1 },
  ],
  bytes: { sent: 1, received: 1 },
  elapsedMs: 1,
  oracle: { checked: false, equal: null },
  relay: { id: 'coordinator', bytes: null },
  output: { kind: 'counts' },
};
const everything = (shown: SessionResult): string[] => [
  renderResult(shown, styleFor(false), 100),
  countsPlot(shown, 'a title'),
  JSON.stringify(toJson(shown)),
];

test('tables, drawing and JSON carry the marks', () => {
  const [page, drawing, json] = everything({ ...result, marks: { tlp: 'AMBER+STRICT', pap: 'RED' } }) as [
    string,
    string,
    string,
  ];
  expect(page.startsWith('TLP:AMBER+STRICT PAP:RED\n')).toBe(true);
  expect(drawing).toMatch(/<text[^>]*>TLP:AMBER\+STRICT PAP:RED\./);
  expect(drawing).toMatch(/<desc[^>]*>[^<]*TLP:AMBER\+STRICT PAP:RED/);
  expect(JSON.parse(json)).toMatchObject({ marks: { tlp: 'AMBER+STRICT', pap: 'RED' } });
});

test('without a standing agreement there is none', () => {
  for (const text of everything(result)) expect(text).not.toMatch(/TLP|PAP|marks/);
});
