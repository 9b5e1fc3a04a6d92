/** Enquiries: what is found equals the plaintext answer, and a file is read as a text is. */
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RecipeName } from '@tallystick/protocol/records';
import { codeOf, type PlainRecord } from '../vault/vault.testkit.ts';
import {
  enquiryOf,
  identifiersOf,
  openSides,
  recipes,
  resultOf,
  type Side,
  type Sides,
} from './redress.testkit.ts';

let sides: Sides;
let alpha: Side;
beforeAll(async () => {
  sides = await openSides();
  ({ alpha } = sides);
});
afterAll(() => sides.close());

test('what is found equals the plaintext answer, over random lists, results, recipes and persons', async () => {
  for (let round = 0; round < 12; round++) {
    const names = ([['document'], ['name'], recipes] as RecipeName[][])[randomInt(3)] as RecipeName[];
    const results = await Promise.all(
      ['a', 'b', 'c'].map(async (letter) => {
        const some = new Set(
          alpha.list.filter(() => randomInt(3) === 0).flatMap((one) => identifiersOf(one, recipes)),
        );
        return { session: letter.repeat(32), ...(await resultOf(alpha, some)) };
      }),
    );
    const picked = alpha.list[randomInt(alpha.list.length)] as PlainRecord;
    const words = picked.name.split(' ');
    const person = [
      picked,
      { ...picked, name: words.toReversed().join(' '), passport: '' },
      { name: '', passport: picked.passport === '' ? 'Q7777777777' : picked.passport },
      { name: 'nobody here', passport: 'Q42' },
    ][randomInt(4)] as Pick<PlainRecord, 'name' | 'passport'>;
    const asked = new Set(identifiersOf(person, names));
    const wanted = results.filter(({ named }) =>
      named.some((record) => identifiersOf(record, names).some((one) => asked.has(one))),
    );
    const held = results.map(({ session, sealed }) => ({
      session,
      recipes: names,
      subject: 'person' as const,
      sealed,
      chunks: alpha.sealed.pieces,
    }));
    const checked = await alpha.vault.checkEnquiry({ text: enquiryOf(person) }, held);
    expect(await alpha.vault.foundSessions(checked.finding)).toEqual(wanted.map(({ session }) => session));
    const nobody = await alpha.vault.checkEnquiry(
      { text: enquiryOf({ name: 'nobody here', passport: '' }) },
      held,
    );
    expect(nobody.finding.length).toBe(checked.finding.length);
  }
});

test('what is no enquiry is refused by field, and says nothing of what stood there', async () => {
  const check = (text: string) => alpha.vault.checkEnquiry({ text }, []);
  expect(await codeOf(check('{'))).toBe('list.format');
  expect(await codeOf(check('{"names":[]}'))).toBe('list.empty');
  expect(await codeOf(alpha.vault.checkEnquiry({ path: join(sides.folder, 'none.json') }, []))).toBe(
    'file.missing',
  );
  for (const text of ['{"name":"Zqsecret"}', '{"birthDates":["Zqsecret"]}', '{"names":[7],"x":"Zqsecret"}']) {
    const thrown: unknown = await check(text).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'list.format' });
    expect(String((thrown as Error).message)).not.toContain('Zqsecret');
  }
});

test('a file is read by the vault as a text is', async () => {
  const path = join(sides.folder, 'person.json');
  await writeFile(path, enquiryOf({ name: 'zqany zqbody', passport: '' }));
  expect((await alpha.vault.checkEnquiry({ path }, [])).subject).toMatch(/^[0-9a-f]{64}$/);
});
