/**
 * Forged matches, form direct: a peer makes every name of the other's list a match, and holds none of them.
 *
 * It sends z·B for a name and, where z·k·B is due back, knows it from K = k·B alone.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { commitScalar, drawScalar, multiplyElement } from '@tallystick/protocol/suite';
import type { OpenedSession } from '@tallystick/node/vault';
import { clearSteps, matchesOf, passports } from '../session/world.ts';
import { type Arena, openArena } from './arena.ts';
import type { Answers } from './rates.ts';
import { settle } from './report.ts';
import { joined, know, tagged, unit } from './tap.ts';

// hundreds of sessions, on a machine that may have other things to do
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

const names = 24;
let arena: Arena;
beforeAll(async () => {
  arena = await openArena(['peer', 'victim']);
});
afterAll(() => arena.close());

/** How many of the victim's names match a peer's that has none of them; 0 where the session ends without an answer. */
async function forge(verified: boolean): Promise<number> {
  const [peer, victim] = [arena.inside('peer'), arena.inside('victim')];
  const known = know(peer);
  let commitment = new Uint8Array();
  victim.steps.openSession = async (next) => {
    const opened = (await next()) as OpenedSession;
    commitment = new Uint8Array(opened.commitment); // public: it stands in the consent
    return opened;
  };
  const forged = Array.from({ length: names }, () => {
    const z = drawScalar((length) => new Uint8Array(randomBytes(length)));
    return { z, element: commitScalar(z) };
  }).sort((a, b) => Buffer.compare(a.element, b.element));
  peer.steps.readFirstStream = async (_, args) => {
    const [, start, count] = args as [string, number, number];
    return joined(forged.slice(start, start + count).map(({ element }) => element));
  };
  peer.steps.evaluatePeer = async (next, args) => {
    const honest = (await next()) as Uint8Array;
    const start = args[1] as number;
    const count = (args[2] as Uint8Array).length / unit;
    const elements = forged.slice(start, start + count).map(({ z }) => multiplyElement(z, commitment));
    expect(honest.length > 0).toBe(true);
    return verified ? joined(elements) : tagged(joined(elements), known);
  };
  const params = matchesOf('peer', ['victim'], { verified });
  const { state, error, matches } = await arena.run('victim', params);
  clearSteps(peer);
  clearSteps(victim);
  expect([state, error?.code]).toEqual(verified ? ['aborted', 'chain.proof'] : ['done', undefined]);
  return matches?.identifiers ?? 0;
}

test('forged matches in the light form', async () => {
  await arena.relist('victim', passports(names));
  await arena.relist('peer', passports(names));
  // not a guess, but a lie: of the names that it tells to be matches, how many are believed to be
  const believed = (are: number): Answers => ({
    hits: { of: names, are },
    falseAlarms: { of: 0, are: 0 },
    right: { of: names, are },
  });
  const off = believed(await forge(false));
  const on = believed(await forge(true));
  settle({ attack: 'forged matches in the light form', guard: 'verified form', off, on, most: 0 });
});
