/**
 * Sessions in a party's log that no oversight body was told of: found by agreement and request alone.
 * The log is invented: one told, one not, one under another agreement, one under none, one that never began.
 */
import { parseExport, verifyExport } from '@tallystick/protocol/audit';
import { expect, test } from 'vitest';
import { hexOf, inventLog, sessionBodies } from '../../packages/protocol/src/audit/export.testkit.ts';
import { untoldIn } from '../../packages/cli/src/oversight/untold.ts';

const [agreement, other, told, untold] = [1, 2, 3, 4].map((byte) => hexOf(byte, 32)) as [
  string,
  string,
  string,
  string,
];
const under = (session: number, standing: string | null, request: string | null) =>
  sessionBodies('a', session).map((body) => ({ ...body, agreement: standing, request }));
const file = parseExport(
  inventLog('a', 1, [
    ...under(10, agreement, told),
    ...under(20, agreement, untold),
    ...under(30, other, untold),
    ...under(40, null, null),
    // Proposed and never begun: nobody has to have told.
    ...under(50, agreement, untold).slice(0, 1),
  ]).file(),
);
const log = { ...verifyExport(file), header: file.header };

test('a session that started under a watched agreement on a request that nobody told', () => {
  const agreements = new Set([agreement]);
  expect(untoldIn(log, { agreements, requests: new Set([told]) })).toEqual([
    { station: 'a', session: hexOf(20, 16), request: untold },
  ]);
  expect(untoldIn(log, { agreements, requests: new Set([told, untold]) })).toEqual([]);
  expect(untoldIn(log, { agreements: new Set(), requests: new Set() })).toEqual([]);
});
