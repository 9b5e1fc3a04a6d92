/**
 * Enumeration: an identifier space that is small enough to be put on a list, all of it.
 *
 * A hundred people are known to be on the victim's list, and all of their document numbers but the last digit.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { ProposeParams } from '@tallystick/node/control';
import { matchesOf, passports } from '../session/world.ts';
import { ignoreOwnLedger, openArena } from './arena.ts';
import { mostByChance } from './chance.ts';
import { choicesOf } from './rates.ts';
import { settle } from './report.ts';

vi.setConfig({ testTimeout: 600_000 });

const digits = Array.from({ length: 10 }, (_, digit) => digit);

/** Asks about as many last digits of everybody as a session may hold, until nobody answers. */
async function enumerate(people: number, width: number, caps?: NonNullable<ProposeParams['caps']>) {
  const arena = await openArena(['victim', 'attacker']);
  const obey = ignoreOwnLedger('attacker');
  const folder = await mkdtemp(join(tmpdir(), 'tallystick-attack-'));
  try {
    const stems = passports(people);
    const last = stems.map(() => randomInt(10));
    await arena.relist(
      'victim',
      stems.map((stem, i) => `${stem}${last[i]}`),
    );
    const found = new Map<string, number>();
    let answers = 0;
    let asked = 0;
    for (; asked < digits.length; asked += width) {
      const numbers = stems.flatMap((stem) =>
        digits.slice(asked, asked + width).map((digit) => `${stem}${digit}`),
      );
      const list = await arena.addList('attacker', numbers);
      const params = matchesOf('victim', ['attacker'], { list, ...(caps && { caps }) });
      const { error, session } = await arena.run('attacker', params);
      if (error !== null) {
        expect(['privacy.budget', 'consent.refused']).toContain(error.code);
        expect(error.by).toBe('victim');
        break;
      }
      answers += 1;
      const out = join(folder, `${session}.jsonl`);
      await arena.world.node('attacker').call('session.export', { session, out });
      const text = await readFile(out, 'utf8');
      for (const number of numbers)
        if (text.includes(number)) found.set(number.slice(0, -1), Number(number.at(-1)));
    }
    // of those whom no answer named he says the next digit, the same for all
    const said = stems.map((stem) => found.get(stem) ?? digits[asked]);
    const isTold = stems.map((stem) => found.has(stem));
    stems.forEach((_, i) => expect(isTold[i]).toBe((last[i] as number) < asked));
    return { answers, told: isTold.filter(Boolean).length, guesses: choicesOf(last, said, digits.length) };
  } finally {
    obey();
    await arena.close();
    await rm(folder, { recursive: true, force: true });
  }
}

test('enumeration of a small identifier space', async () => {
  const people = 100;
  const off = await enumerate(people, 10);
  expect([off.answers, off.told]).toEqual([1, people]);
  // two digits of everybody, once, and the evaluation more that a proof gives
  const on = await enumerate(people, 2, { records: 2 * people + 1 });
  expect(on.answers).toBe(1);
  settle({
    attack: 'enumeration of a small identifier space',
    guard: 'cap on records',
    off: off.guesses,
    on: on.guesses,
    // what he asked about, he knows; of the rest he guesses: 2/10 + 8/10 · 1/8
    most: mostByChance(people, { over: 3n, under: 10n }),
  });
});
