/**
 * Rows of the messages before the first element: proposal, consent, refusal, freeze.
 */
import { all, drop, edit, forge, ignores, message, sends, twice } from '../frames.ts';
import type { Row } from '../row.ts';

const one = { setting: 'counts', role: 'party', by: ['beta'] } as const;

export const openingRows: readonly Row[] = [
  {
    ...one,
    id: 'consent-twice',
    message: 'consent',
    deed: 'says it twice',
    deviate: sends('beta', message('consent'), twice),
    outcome: {
      kind: 'ends',
      code: 'wire.order',
      check: 'a consent of a station is taken once',
      at: ['alpha', 'gamma', 'coordinator'],
      named: 'nobody',
    },
  },
  {
    ...one,
    id: 'freeze-dropped',
    message: 'freeze',
    deed: 'never sends it',
    deviate: sends('beta', message('freeze'), drop),
    time: 'deadline',
    outcome: {
      kind: 'ends',
      code: 'session.deadline',
      check: 'deadline: nothing moved',
      at: ['alpha', 'gamma', 'coordinator'],
      named: 'nobody',
    },
  },
];
void [all, edit, forge, ignores];
