/**
 * Commands of standing agreements at two running nodes, one world for all of them: what they print, how they end, what
 * they refuse, and that nothing has changed then. Each part goes on where the one before it ended.
 */
import { afterAll, beforeAll, describe } from 'vitest';
import { asking } from './commands/asking.ts';
import { installing } from './commands/installing.ts';
import { emergencies, logs, membership, redress } from './commands/members.ts';
import { type Desks, openDesks } from './desk.testkit.ts';

let desks: Desks;
const the = (): Desks => desks;
beforeAll(async () => {
  desks = await openDesks();
}, 120_000);
afterAll(() => desks?.close());

describe('agreement', () => installing(the));
describe('session', () => asking(the));
describe('emergency', () => emergencies(the));
describe('redress', () => redress(the));
describe('membership', () => membership(the));
describe('records', () => logs(the));
