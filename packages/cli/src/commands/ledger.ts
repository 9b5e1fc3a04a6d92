/**
 * `tallystick ledger show|accept`.
 *
 * Purpose: budget, spent, left; and what an operator decides after a ledger was rolled back or damaged.
 * Assumes: the node runs. Does not know: how a ledger is kept.
 */
import type { ControlResults } from '@tallystick/node/control';
import type { Run } from '../args/types.ts';
import { nodeOf } from '../control/index.ts';
import { count, numberText, type Style, styleFor, table } from '../render/text.ts';

type Report = ControlResults['ledger.show'][number];
type Spending = Report['lists'][number];

export const showRun: Run = async (call) => {
  const { out } = call.io;
  const ledgers = await nodeOf(call).call('ledger.show', {});
  if (call.options.on('json')) out.write(`${JSON.stringify(ledgers)}\n`);
  else if (ledgers.length === 0) out.write('no ledgers: no session was consented to yet\n');
  else out.write(`${ledgers.map((one) => reportText(one, styleFor(out.colour))).join('\n\n')}\n`);
  return 0;
};

function reportText(report: Report, style: Style): string {
  const { ledger, state, from, until, parties, head, dispute, lists } = report;
  const title = `${style.bold(ledger)}  ${parties.join(', ')}  from ${from}, ends ${until} (UTC)`;
  if (state === 'broken') {
    return `${title}\n  ${style.bad('broken: it was edited, or is of another node; nothing runs with these parties')}`;
  }
  const lines = [title];
  if (dispute !== null) {
    const why = dispute.reason === 'unknown' ? 'shows sessions that are unknown here' : 'has other charges';
    lines.push(`  ${style.bad(`suspended: ${dispute.station} ${why}; nothing runs until it is accepted`)}`);
  }
  lines.push(
    ...table(
      ['lists of', 'sessions', 'versions', 'records', 'epsilon', 'left'],
      lists.map(spendingRow),
      ['left', 'right', 'right', 'right', 'right', 'left'],
      style,
    ),
    `  ${style.dim(`head ${head ?? ''}`)}`,
  );
  return lines.join('\n');
}

function spendingRow({ owner, spent, budget, left }: Spending): string[] {
  const of = (value: number, most: number | null, text: (value: number) => string): string =>
    most === null ? text(value) : `${text(value)} of ${text(most)}`;
  const rest = [
    left.sessions === null ? [] : [count(left.sessions, 'session')],
    left.versions === null ? [] : [count(left.versions, 'version')],
    left.records === null ? [] : [count(left.records, 'record')],
    left.microEpsilon === null ? [] : [`epsilon ${epsilonText(left.microEpsilon)}`],
  ].flat();
  return [
    owner,
    of(spent.sessions, budget.sessions, numberText),
    of(spent.versions, budget.versions, numberText),
    of(spent.records, budget.records, numberText),
    of(spent.microEpsilon, budget.microEpsilon, epsilonText),
    rest.length === 0 ? 'no caps' : rest.join(', '),
  ];
}

/** A decimal of millionths. */
function epsilonText(micro: number): string {
  const fraction = String(micro % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${Math.floor(micro / 1_000_000)}${fraction === '' ? '' : `.${fraction}`}`;
}

export const acceptRun: Run = async (call) => {
  const ledger = (call.args[0] as string).toLowerCase();
  const { added } = await nodeOf(call).call('ledger.accept', { ledger });
  call.io.out.write(`accepted: ${count(added, 'session')} added to our charges\n`);
  return 0;
};
