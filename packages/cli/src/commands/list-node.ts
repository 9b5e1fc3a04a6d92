/**
 * `tallystick list import|list|remove`: what the node keeps.
 *
 * Purpose: hand a path to the node, which reads, seals and keeps the list itself.
 * Assumes: the node runs on this machine and may read the file. Does not know: contents.
 */
import { basename, resolve } from 'node:path';
import { TallyError } from '@tallystick/protocol/errors';
import type { Run } from '../args/types.ts';
import { isImportEvent, nodeOf } from '../control/index.ts';
import { createBoard } from '../progress/index.ts';
import { count, numberText, styleFor, table } from '../render/text.ts';
import { parseColumnsOption } from '../scenario/index.ts';
import { formatOf } from './common.ts';

export const importRun: Run = async (call) => {
  const { options, io } = call;
  const path = resolve(io.cwd, call.args[0] as string);
  const name = options.text('name') ?? basename(path).replace(/\.[^.]*$/, '');
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new TallyError(
      'argument.invalid',
      '--name: want 1 to 64 letters, digits, . _ or -; give one with --name',
    );
  }
  const [format, columns] = [formatOf(options), options.text('columns')];
  const board = createBoard({ out: io.err, quiet: options.on('quiet'), nowMs: Date.now });
  const params = {
    path,
    name,
    ...(format === undefined ? {} : { format }),
    ...(columns === undefined ? {} : { columns: parseColumnsOption(columns) }),
    ...(options.on('replace') ? { replace: true } : {}),
  };
  const report = await nodeOf(call)
    .call('list.import', params, (event) => {
      if (isImportEvent(event)) board.update('pieces sealed', event.chunks, 0);
    })
    .finally(() => board.stop());
  if (options.on('json')) io.out.write(`${JSON.stringify(report)}\n`);
  else {
    io.out.write(`${name}: ${count(report.records, 'record')}, ${count(report.rejected, 'rejected row')}\n`);
    if (report.rejected > 0) io.out.write(`tallystick list check names every rejected row\n`);
  }
  return 0;
};

export const listRun: Run = async (call) => {
  const { out } = call.io;
  const lists = await nodeOf(call).call('list.list', {});
  if (call.options.on('json')) out.write(`${JSON.stringify(lists)}\n`);
  else if (lists.length === 0) out.write('no lists; tallystick list import FILE\n');
  else {
    const rows = lists.map((list) => [
      list.name,
      list.format,
      numberText(list.records),
      numberText(list.rejected),
      list.listDate.slice(0, 10),
      new Date(list.importedAtMs).toISOString().slice(0, 16).replace('T', ' '),
    ]);
    const head = ['list', 'format', 'records', 'rejected rows', 'date of the list', 'imported (UTC)'];
    const lines = table(
      head,
      rows,
      ['left', 'left', 'right', 'right', 'left', 'left'],
      styleFor(out.colour),
      '',
    );
    out.write(`${lines.join('\n')}\n`);
  }
  return 0;
};

export const removeRun: Run = async (call) => {
  const name = call.args[0] as string;
  await nodeOf(call).call('list.remove', { name });
  call.io.out.write(`${name} is removed\n`);
  return 0;
};
