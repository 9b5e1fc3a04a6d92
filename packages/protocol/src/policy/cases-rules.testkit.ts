/** Cases about local rules (rules.ts). */
import type { Case } from './cases.testkit.ts';
import type { LocalRule } from './rules.ts';

const on =
  (base: Case['base']) =>
  (name: string, rule: LocalRule, code?: string): Case => ({
    name: `rule: ${name}`,
    base,
    edit: (w) => void w.rules.push(rule),
    want: code === undefined ? [] : [`${code} rules.0`],
  });
const pair = on('pair');
const numbers = on('numbers');

export const ruleCases: readonly Case[] = [
  pair('nothing', { rule: 'nothing' }, 'rule.nothing'),
  pair('only what is proved', { rule: 'verified' }),
  {
    name: 'rule: only what is proved, of what is not',
    base: 'threat',
    edit: (w) => ((w.request.verified = false), void w.rules.push({ rule: 'verified' })),
    want: ['rule.verified rules.0'],
  },
  pair('this purpose', { rule: 'purposes', only: ['find'] }),
  pair('another purpose', { rule: 'purposes', only: ['measure'] }, 'rule.purposes'),
  pair('no purpose', { rule: 'purposes', only: [] }, 'rule.purposes'),
  pair('this use', { rule: 'uses', only: ['investigative-lead', 'evidence'] }),
  pair('another use', { rule: 'uses', only: ['evidence'] }, 'rule.uses'),
  pair('this tier', { rule: 'tiers', only: ['routine'] }),
  pair('another tier', { rule: 'tiers', only: ['imminent'] }, 'rule.tiers'),
  pair('this output', { rule: 'outputs', only: ['pair'] }),
  pair('another output', { rule: 'outputs', only: ['numbers'] }, 'rule.outputs'),
  numbers('this statistic', { rule: 'statistics', only: ['histogram'] }),
  numbers('another statistic', { rule: 'statistics', only: ['pairs'] }, 'rule.statistics'),
  pair('no statistic, of matches', { rule: 'statistics', only: [] }),
  pair('this form', { rule: 'forms', only: ['direct'] }),
  pair('another form', { rule: 'forms', only: ['sealed'] }, 'rule.forms'),
  pair('this subject', { rule: 'subjects', only: ['person'] }),
  pair('another subject', { rule: 'subjects', only: ['organisation'] }, 'rule.subjects'),
  pair('this recipe', { rule: 'recipes', only: ['document'] }),
  pair('another recipe', { rule: 'recipes', only: ['name'] }, 'rule.recipes'),
  pair('this category', { rule: 'categories', only: ['wanted'] }),
  {
    ...pair('another category', { rule: 'categories', only: ['fraud'] }),
    want: ['rule.categories rules.0', 'rule.categories rules.0'],
  },
  pair('these partners', { rule: 'partners', only: ['alba', 'borea'] }),
  pair('not this partner', { rule: 'partners', only: ['borea'] }, 'rule.partners'),
  {
    name: 'rule: a partner who receives nothing is a partner',
    base: 'pair',
    edit: (w) => {
      w.request.output.receivers = ['alba'];
      w.rules.push({ rule: 'partners', only: ['alba'] });
    },
    want: ['rule.partners rules.0'],
  },
  pair('these receivers', { rule: 'receivers', only: ['alba', 'borea'] }),
  pair('only we receive', { rule: 'receivers', only: ['borea'] }, 'rule.receivers'),
  numbers('this collector', { rule: 'collectors', only: ['hub'] }),
  numbers('another collector', { rule: 'collectors', only: ['hub-2'] }, 'rule.collectors'),
  pair('two parties', { rule: 'parties', atMost: 2 }),
  pair('one party', { rule: 'parties', atMost: 1 }, 'rule.parties'),
  pair('5000 identifiers', { rule: 'identifiers', atMost: 5000 }),
  {
    ...pair('4999 identifiers', { rule: 'identifiers', atMost: 4999 }),
    want: ['rule.identifiers rules.0', 'rule.identifiers rules.0'],
  },
  pair('ten days', { rule: 'retentionDays', atMost: 10 }),
  pair('nine days', { rule: 'retentionDays', atMost: 9 }, 'rule.retentiondays'),
  pair('open for 61 minutes', { rule: 'openMinutes', atMost: 61 }),
  pair('open for 60 minutes', { rule: 'openMinutes', atMost: 60 }, 'rule.openminutes'),
  numbers('half an epsilon', { rule: 'microEpsilon', atMost: 500_000 }),
  numbers('less than half an epsilon', { rule: 'microEpsilon', atMost: 499_999 }, 'rule.microepsilon'),
  numbers('numbers of ten', { rule: 'minCount', atLeast: 10 }),
  numbers('numbers of eleven', { rule: 'minCount', atLeast: 11 }, 'rule.mincount'),
  pair('numbers of eleven, of matches', { rule: 'minCount', atLeast: 11 }),
];
