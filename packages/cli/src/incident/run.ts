/**
 * `tallystick incident open|notified|list`.
 *
 * Purpose: enter an incident, and that it was told; show what is due.
 * Assumes: the node runs. Does not know: what happened, how people tell each other.
 */
import type { ControlResults } from '@tallystick/node/control';
import { instantMs } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import { instantText } from '../approve/words.ts';
import type { Run } from '../args/types.ts';
import { choice } from '../commands/common.ts';
import { nodeOf } from '../control/index.ts';
import { overdueExit } from '../exit/index.ts';
import { safe, styleFor, table } from '../render/text.ts';

type Incident = ControlResults['incident.list'][number];

const kinds = ['disclosure', 'loss', 'key', 'misuse', 'error', 'outage'] as const;

const stateText = ({ notifiedAtMs, isLate }: Incident): string =>
  notifiedAtMs === null
    ? isLate
      ? 'LATE: not told'
      : 'to be told'
    : `told at ${instantText(notifiedAtMs)}${isLate ? ', late' : ''}`;

export const openRun: Run = async (call) => {
  const { options, io } = call;
  const agreement = options.text('agreement');
  if (agreement === undefined) throw new TallyError('argument.invalid', '--agreement NAME is missing');
  const kind = choice(options, 'kind', kinds);
  if (kind === undefined) {
    throw new TallyError('argument.invalid', `--kind is missing: one of ${kinds.join(', ')}`);
  }
  const knownAt = options.text('known-at');
  const knownAtMs = knownAt === undefined ? undefined : instantMs(knownAt);
  if (knownAt !== undefined && knownAtMs === undefined) {
    throw new TallyError('argument.invalid', '--known-at: want UTC to the second, as 2027-01-01T09:30:00Z');
  }
  const opened = await nodeOf(call).call('incident.open', {
    agreement,
    kind,
    ...(knownAtMs === undefined ? {} : { knownAtMs }),
  });
  if (options.on('json')) io.out.write(`${JSON.stringify(opened)}\n`);
  else {
    io.out.write(`incident ${opened.incident}\n`);
    io.out.write(`tell ${safe(opened.contact, 200)} by ${instantText(opened.notifyByMs)}\n`);
  }
  return 0;
};

export const notifiedRun: Run = async (call) => {
  const incident = (call.args[0] as string).toLowerCase();
  if (!/^[0-9a-f]{4,32}$/.test(incident)) {
    throw new TallyError('argument.invalid', 'INCIDENT: want 4 to 32 hex digits');
  }
  const told = await nodeOf(call).call('incident.notified', { incident });
  const { io, options } = call;
  if (options.on('json')) io.out.write(`${JSON.stringify(told)}\n`);
  else io.out.write(`incident ${told.incident}: ${stateText(told)}\n`);
  return 0;
};

export const listRun: Run = async (call) => {
  const { io, options } = call;
  const all = await nodeOf(call).call('incident.list', {});
  if (options.on('json')) io.out.write(`${JSON.stringify(all)}\n`);
  else if (all.length === 0) io.out.write('no incidents\n');
  else {
    const rows = all.map((one) => [
      one.incident.slice(0, 12),
      one.kind,
      instantText(one.notifyByMs),
      stateText(one),
    ]);
    const head = ['incident', 'kind', 'tell by', ''];
    const left = head.map(() => 'left' as const);
    io.out.write(`${table(head, rows, left, styleFor(io.out.colour), '').join('\n')}\n`);
  }
  return all.some(({ isLate, notifiedAtMs }) => isLate && notifiedAtMs === null) ? overdueExit : 0;
};
