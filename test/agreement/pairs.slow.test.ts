/**
 * Combinations: every two cases that deny, at once, through the real evaluators.
 *
 * Purpose: both at once are denied by exactly what denies each of them, together, or by what pairs.exceptions.json says
 * of this pair (PAIRS_WRITE=1 writes it anew: read what it changes). Two cases that set one fact to different values are no pair.
 * Assumes: one change at a time does what decide.slow.test.ts holds it to. Signatures are keyed hashes here, since
 * thousands of requests are signed. Does not know: documents that are malformed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { standingId } from '@tallystick/protocol/agreement';
import { type Case, cases } from '../../packages/protocol/src/policy/cases.testkit.ts';
import { factsOf, failedClauses } from '../../packages/protocol/src/policy/decide.ts';
import type { PolicyRequest } from '@tallystick/protocol/policy';
import { checkRules } from '../../packages/protocol/src/policy/rules.ts';
import {
  type BaseName,
  sealRequest,
  type World,
  worldOf,
} from '../../packages/protocol/src/policy/world.testkit.ts';

vi.mock('@noble/curves/ed25519.js', async () => {
  const { sha256, sha512 } = await import('@noble/hashes/sha2.js');
  const keyed = (message: Uint8Array, publicKey: Uint8Array): Uint8Array =>
    sha512.create().update(publicKey).update(message).digest();
  return {
    ed25519: {
      getPublicKey: sha256,
      sign: (message: Uint8Array, seed: Uint8Array) => keyed(message, sha256(seed)),
      verify: (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) =>
        Buffer.from(signature).equals(keyed(message, publicKey)),
    },
  };
});

interface Exception {
  /** Fail alone, and not with the other. */
  readonly hides?: readonly string[];
  /** Fail with both, and with neither alone. */
  readonly adds?: readonly string[];
}

const file = new URL('pairs.exceptions.json', import.meta.url);
const isWriting = process.env['PAIRS_WRITE'] === '1';
const stated = JSON.parse(isWriting ? '{}' : readFileSync(file, 'utf8')) as Record<string, Exception>;

/** Values by place; what is not there is undefined. */
type Leaves = ReadonlyMap<string, unknown>;

function leavesOf(value: unknown, at: readonly string[] = [], into = new Map<string, unknown>()): Leaves {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (entries.length === 0) into.set(at.join(' '), Array.isArray(value) ? '[]' : value);
  for (const [key, one] of entries) leavesOf(one, [...at, key], into);
  return into;
}

function leafAt(world: World, at: string): unknown {
  let value: unknown = world;
  for (const step of at.split(' ')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return Array.isArray(value) && value.length === 0 ? '[]' : value;
}

/** What a case changes of its base, by place. */
type Changes = readonly (readonly [string, unknown])[];
function changesOf({ base, edit }: Case): Changes {
  const [before, world] = [leavesOf(worldOf(base)), worldOf(base)];
  edit(world);
  const after = leavesOf(world);
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all].flatMap((at) => (before.get(at) === after.get(at) ? [] : [[at, after.get(at)] as const]));
}

const ids = new Map<string, string>();
const requests = new Map<string, PolicyRequest>();

function failuresOf(world: World): string[] {
  const text = JSON.stringify(world.agreement);
  const id = ids.get(text) ?? standingId(world.agreement);
  ids.set(text, id);
  const asked = JSON.stringify([id, world.request, world.approvals, world.asker, world.nowMs]);
  const request = requests.get(asked) ?? sealRequest(world);
  requests.set(asked, request);
  const facts = factsOf(world.agreement, id, request, world.state, world.nowMs);
  return [...failedClauses(facts), ...checkRules(world.rules, request, world.state.announced)].map(
    ({ code, clause }) => `${code} ${clause}`,
  );
}

/** What differs from the union of both; undefined: nothing. */
function exceptionOf(failed: readonly string[], want: ReadonlySet<string>): Exception | undefined {
  const hides = [...want].filter((word) => !failed.includes(word));
  const adds = [...new Set(failed)].filter((word) => !want.has(word));
  if (hides.length + adds.length === 0) return undefined;
  return { ...(hides.length > 0 && { hides }), ...(adds.length > 0 && { adds }) };
}

/** Both changes; undefined where they set one fact to two values, or the second needs what the first takes away. */
function bothOf(a: Case & { readonly changes: Changes }, b: Case): World | undefined {
  const world = worldOf(a.base);
  try {
    a.edit(world);
    b.edit(world);
  } catch {
    return undefined;
  }
  return a.changes.every(([at, value]) => leafAt(world, at) === value) ? world : undefined;
}

/** Pairs of which each mends what the other breaks: an approval that is missing, a noise that is not agreed. */
const mending: Readonly<Record<BaseName, readonly string[]>> = {
  pair: [
    'pair: approved by a custodian / custodians are asked, and approvers are none',
    "pair: custodians are asked: ours is missing / custodians are asked: the proposer's is missing",
    'pair: custodians are asked: ours is missing / custodians are asked, and approvers are none',
  ],
  numbers: ['numbers: no noise where noise is agreed / exact counts that cost nothing'],
  threat: [],
};

const found: Record<string, Exception> = {};

test.each<BaseName>(['pair', 'numbers', 'threat'])('every two of %s at once', (base) => {
  const denied = cases
    .filter((one) => one.base === base && one.want.length > 0)
    .map((one) => ({ ...one, changes: changesOf(one) }));
  const permitted: string[] = [];
  let pairs = 0;
  for (const [i, a] of denied.entries()) {
    for (const b of denied.slice(i + 1)) {
      const world = bothOf(a, b);
      if (world === undefined) continue;
      pairs += 1;
      const name = `${base}: ${a.name} / ${b.name}`;
      const failed = failuresOf(world);
      if (failed.length === 0) permitted.push(name);
      const exception = exceptionOf(failed, new Set([...a.want, ...b.want]));
      if (exception !== undefined) found[name] = exception;
      if (!isWriting) expect(exception, name).toEqual(stated[name]);
    }
  }
  expect(permitted).toEqual(mending[base]);
  expect(pairs).toBeGreaterThan(denied.length * 4);
});

test('every exception that is stated is one', () => {
  if (isWriting) writeFileSync(file, `${JSON.stringify(found, null, 1)}\n`);
  else expect(Object.keys(found).sort()).toEqual(Object.keys(stated).sort());
});
