/**
 * Redress: two people ask, one of whom stands in a result; both are told the same.
 *
 * Does not know: what came before, but for the session whose result is asked about.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WatchlistRecord } from '@tallystick/protocol/records';
import { command, type Ran, typed } from './command.ts';
import type { Drill } from './drill-state.ts';
import type { Found } from './emergency.ts';
import { noteEvent } from './happened.ts';
import type { AgencyId } from './lists.ts';
import { until } from './until.ts';

/** Somebody on the police list who matched with the coast guard in the emergency, and with nobody else. */
function personFound(
  { world }: Drill,
  { records }: Found,
): { person: WatchlistRecord; through: readonly string[] } {
  const listOf = (id: AgencyId) => world.lists.find((list) => list.id === id);
  for (const { id, matched } of records.get('police') ?? []) {
    const person = listOf('police')?.byId.get(id);
    if (person !== undefined && !matched.some((one) => listOf('customs')?.holders.has(one)))
      return { person, through: matched };
  }
  throw new Error('lists: nobody is on the lists of police and coast guard alone');
}

const disclosing = ['--disclose', '--officer', 'approver-1'];

/** What the police's own terminal says: to an officer who wants to disclose, then of both answers. */
async function answersOf({ world }: Drill, person: object): Promise<readonly [Ran, Ran, Ran]> {
  const police = world.node('police');
  const { ticket } = await police.call('redress.open', { text: JSON.stringify(person) });
  const answer = async (...how: string[]): Promise<Ran> => {
    const ran = await command(
      world.folder,
      'redress',
      'answer',
      ticket,
      ...how,
      '--data',
      world.dataDir('police'),
    );
    return { ...ran, out: ran.out.replaceAll(ticket, 'TICKET') };
  };
  return [
    await answer('--outcome', 'corrected', ...disclosing),
    await answer('--outcome', 'acknowledged'),
    await answer('--outcome', 'corrected'),
  ];
}

const linesOf = ({ out, err }: Ran): string[] => `${out}${err}`.trim().split('\n');

export async function redress(drill: Drill, found: Found): Promise<void> {
  const { world, story, happened } = drill;
  story.act(
    'Two people ask the police',
    'One of them stood in the result of the emergency, the other stands on no list. Both want it put right, and both are answered in the same words. The partner that got the record is told; nobody else is.',
  );
  const { person, through } = personFound(drill, found);
  const asks = {
    names: person.names.map(({ text }) => text),
    birthDates: person.birthDates.map(({ from }) => from),
  };
  story.says('police', 'checks who they are, by its own procedure, and opens an enquiry for each');
  const listed = await answersOf(drill, asks);
  const stranger = await answersOf(drill, { names: ['Nobody Whatsoever'], birthDates: ['1902'] });
  for (const name of ['enquiries', 'decisions', 'corrected'] as const) {
    noteEvent(happened, name);
    noteEvent(happened, name);
  }
  const [disclosed, , answered] = listed;
  story.says('police', 'an officer wants to say what was held, and is refused by the agreement');
  story.shows([
    typed('redress', 'answer', 'TICKET', '--outcome', 'corrected', ...disclosing),
    ...linesOf(disclosed),
  ]);
  story.check(
    'the clause redress.disclosure forbids it',
    [disclosed.code > 0, disclosed.err.includes('(redress.forbidden)')],
    [true, true],
  );
  story.says('police', 'so both are answered without:');
  story.shows([typed('redress', 'answer', 'TICKET', '--outcome', 'corrected'), ...linesOf(answered)]);
  story.check('both are answered in the same words', stranger, listed);
  const { enquiries } = await world.node('police').call('redress.list', {});
  const shown = enquiries.map((one) => Object.keys(one).toSorted().join());
  story.check(
    'the list of enquiries does not tell them apart',
    [enquiries.length, new Set(shown).size],
    [2, 1],
  );

  const coast = world.node('coast');
  await until(
    async () => (await coast.call('redress.list', {})).corrections.length > 0,
    'the correction is here',
  );
  const { corrections } = await coast.call('redress.list', {});
  const plain = world.lists.find(({ id }) => id === 'coast');
  const own = new Set(through.flatMap((one) => plain?.holders.get(one) ?? []));
  story.says(
    'coast',
    'hears from the police: a record of that session was corrected there, look at it again',
  );
  story.check(
    'the coast guard was told of that session, and finds its own records',
    corrections.map(({ from, session, action, records }) => ({ from, session, action, records })),
    [{ from: 'police', session: found.session, action: 'corrected', records: own.size }],
  );
  const out = join(world.folder, 'concerned.jsonl');
  await coast.call('redress.export', { correction: corrections[0]?.correction ?? '', out });
  noteEvent(happened, 'exports');
  const concerned = (await readFile(out, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { id: string }).id);
  story.check('they are the records that match in plaintext', concerned.toSorted(), [...own].toSorted());
  const others: AgencyId[] = ['customs', 'registry', 'revenue'];
  const told = await Promise.all(
    others.map(async (id) => (await world.node(id).call('redress.list', {})).corrections.length),
  );
  story.check('nobody else was told', told, [0, 0, 0]);
}
