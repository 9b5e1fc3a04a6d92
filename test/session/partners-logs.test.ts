/**
 * When the log of a partner was last witnessed, read from what its consent shows: whose cosignature counts.
 * Checkpoints are signed here by keys of the test, under right and wrong names.
 */
import {
  cosign,
  parseCheckpoint,
  signCheckpoint,
  withSignatures,
  witnessKey,
} from '@tallystick/protocol/audit';
import { encodeHex } from '@tallystick/protocol/bytes';
import { expect, test } from 'vitest';
import { hexOf, keysOf } from '../../packages/protocol/src/audit/export.testkit.ts';
import { agreementOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import { partnersLogs } from '../../packages/node/src/guard/partners-logs.ts';

const atMs = 1_800_000_000_000;
const keys = { alba: keysOf(1), borea: keysOf(2), watch: keysOf(3), stranger: keysOf(4) };
type Name = keyof typeof keys;
type Line = readonly [as: string, atMs: number, by?: Name];
const named = <T extends { id: string; publicKey: string }>(all: readonly T[]): T[] =>
  all.map((one) => ({
    ...one,
    publicKey: one.id in keys ? encodeHex(keys[one.id as Name].publicKey) : one.publicKey,
  }));
const agreement = { parties: named(agreementOf().parties), oversight: named(agreementOf().oversight) };

/** The log of alba with cosignatures under these names, each by the key of the same name unless said otherwise. */
function shown(...lines: Line[]) {
  const origin = `tallystick/alba/${hexOf(7, 16)}`;
  const { publicKey, sign } = keys.alba;
  const head = parseCheckpoint(
    signCheckpoint(origin, { size: 3, root: new Uint8Array(32) }, publicKey, sign),
  );
  const cosigned = lines.map(([as, when, by = as as Name]) =>
    cosign(head, witnessKey(as, keys[by].publicKey), when, keys[by].sign),
  );
  const witnessed = withSignatures(head, cosigned);
  return new Map([['alba', { log: { head: withSignatures(head, []), witnessed } }]]);
}
const seen = (...lines: Line[]) => partnersLogs(['alba'], agreement, [], shown(...lines))[0]?.witnessedAtMs;

test('the newest cosignature of a party or an oversight body counts', () => {
  expect(seen(['borea', atMs], ['watch', atMs + 60_000])).toBe(atMs + 60_000);
  expect(seen(['borea', atMs])).toBe(atMs);
});

test('not its own, not a stranger’s, not one by another key', () => {
  expect(seen()).toBeNull();
  expect(seen(['alba', atMs])).toBeNull();
  expect(seen(['stranger', atMs])).toBeNull();
  expect(seen(['borea', atMs, 'stranger'])).toBeNull();
  // After a change of key the new one counts, and the one before no more.
  const next = [{ of: 'borea', officer: null, publicKey: encodeHex(keys.stranger.publicKey) }];
  const both = (by: Name) => partnersLogs(['alba'], agreement, next, shown(['borea', atMs, by]));
  expect(both('stranger')).toEqual([{ station: 'alba', witnessedAtMs: atMs }]);
  expect(both('borea')).toEqual([{ station: 'alba', witnessedAtMs: null }]);
});

test('whoever shows nothing is not there', () => {
  expect(partnersLogs(['alba'], agreement, [], undefined)).toEqual([]);
  expect(partnersLogs(['alba'], agreement, [], new Map([['alba', { log: null }]]))).toEqual([]);
});
