/**
 * `tallystick list explain RECORD --in FILE`: how one record of mine becomes identifiers.
 *
 * Purpose: the only command that shows contents; for the owner of the list, on a terminal of theirs.
 * Assumes: the list is the caller's own. Does not know: nodes, sessions; nothing is kept.
 */
import { resolve } from 'node:path';
import { importList, type RecordEvent } from '@tallystick/node/lists';
import { TallyError } from '@tallystick/protocol/errors';
import { explainIdentifiers, recipeNames } from '@tallystick/protocol/records';
import type { Run } from '../args/types.ts';
import { safe, styleFor } from '../render/text.ts';
import { parseColumnsOption } from '../scenario/index.ts';
import { formatOf, recipesOf } from './common.ts';

const longestText = 200;

export const run: Run = async ({ args, options, io }) => {
  const file = options.text('in');
  if (file === undefined)
    throw new TallyError('argument.invalid', 'list explain: want --in FILE, the list that holds the record');
  const wanted = args[0] as string;
  const [format, columns] = [formatOf(options), options.text('columns')];
  const events = importList(resolve(io.cwd, file), {
    ...(format === undefined ? {} : { format }),
    ...(columns === undefined ? {} : { columns: parseColumnsOption(columns) }),
    signal: io.signal,
  });
  const line = /^line:(\d+)$/.exec(wanted)?.[1];
  let found: RecordEvent | undefined;
  for await (const event of events) {
    if (event.type !== 'record') continue;
    if (line === undefined ? event.record.id === wanted : event.line === Number(line)) found ??= event;
  }
  if (found === undefined) {
    throw new TallyError('argument.invalid', 'RECORD: the list has no such record; want an id, or line:N');
  }
  const recipes = recipesOf(options);
  const steps = explainIdentifiers(found.record, recipes.length === 0 ? recipeNames : recipes);
  if (options.on('json')) {
    io.out.write(`${JSON.stringify({ record: found.record, line: found.line, steps })}\n`);
    return 0;
  }
  const style = styleFor(io.out.colour);
  const lines = [style.bold(`${safe(found.record.id)}, ${found.record.subject}, line ${found.line}`)];
  let heading = '';
  for (const { recipe, field, step, text } of steps) {
    const here = `${recipe}, ${field}`;
    if (here !== heading) lines.push('', here);
    heading = here;
    const shown = safe(text, longestText);
    lines.push(`  ${step.padEnd(14)} ${step === 'identifier' ? style.good(shown) : shown}`);
  }
  io.out.write(`${lines.join('\n')}\n`);
  return 0;
};
