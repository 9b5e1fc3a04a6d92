/**
 * A request in words: what an approver reads before signing.
 *
 * Purpose: every field of a request, each as a line; with the agreement, purposes and outputs in its words.
 * Assumes: a request that was parsed. Does not know: whether it will be permitted; that is every node's to decide.
 */
import type { StandingAgreement } from '@tallystick/protocol/agreement';
import { type PolicyRequest, requestId } from '@tallystick/protocol/policy';
import { count, numberText, safe, wrap } from '../render/text.ts';

const width = 96;
const labelWidth = 12;

/** UTC, to the second. */
export const instantText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const names = (all: readonly string[]): string => all.join(', ');

function labelsText(labels: NonNullable<PolicyRequest['output']['labels']>): string {
  const each = labels.map(
    ({ party, field, labels: words, minSize }) =>
      `${party}:${safe(field)} (${names(words.map((word) => safe(word)))}${minSize === 0 ? '' : `; merged below ${numberText(minSize)}`})`,
  );
  return names(each);
}

function outputText({ output, form, verified }: PolicyRequest): string {
  const kind =
    output.statistics === null
      ? `which of their own records match${output.predicate === null ? '' : ` (${output.predicate}${output.atLeast === null ? '' : ` ${output.atLeast}`})`}${output.which ? ', and on which lists' : ''}`
      : `numbers only (${names(output.statistics)})${output.labels === null ? '' : `, split by ${labelsText(output.labels)}`}`;
  return `${output.id}: ${kind}; to ${names(output.receivers)}; form ${form}, ${verified ? 'every list proved' : 'NOT proved'}; TLP:${output.marks.tlp} PAP:${output.marks.pap}`;
}

function privacyText({ privacy }: PolicyRequest): string {
  if (privacy === null) return 'none: for counts only';
  const { minCount, noise, identifiersPerRecord, padTo } = privacy;
  return [
    minCount === 0 ? 'no number is withheld' : `numbers below ${numberText(minCount)} are withheld`,
    noise === null
      ? 'numbers are exact'
      : `${noise.mechanism} noise, epsilon ${noise.microEpsilon / 1_000_000}${noise.deltaExponent === null ? '' : `, delta 1e-${noise.deltaExponent}`}`,
    `at most ${count(identifiersPerRecord, 'identifier')} of a record`,
    ...(padTo === null ? [] : [`lists are filled up to multiples of ${numberText(padTo)}`]),
  ].join('; ');
}

function costText({ microEpsilon, femtoDelta, records }: PolicyRequest['cost']): string {
  const parts = [
    ...(microEpsilon === 0 ? [] : [`epsilon ${microEpsilon / 1_000_000}`]),
    ...(femtoDelta === 0 ? [] : [`delta ${femtoDelta}e-15`]),
    ...(records === 0 ? [] : [count(records, 'record')]),
  ];
  return parts.length === 0 ? 'nothing' : `${parts.join(', ')} of the budget of each pair`;
}

/** @param agreement the one that the request names, where it is at hand. */
export function requestLines(request: PolicyRequest, agreement: StandingAgreement | undefined): string[] {
  const { proposer, requester, tier, emergency, approvals } = request;
  const purpose = agreement?.purposes.find(({ id }) => id === request.purpose);
  const rows: [string, string][] = [
    [
      'agreement',
      `${agreement === undefined ? '' : `${agreement.name}, version ${agreement.version}; `}id ${request.agreement}`,
    ],
    ['asks', `${proposer}, officer ${requester}`],
    [
      'purpose',
      `${request.purpose}${purpose === undefined ? '' : `: ${safe(purpose.text, 500)} (${purpose.term})`}`,
    ],
    ['uses', names(request.uses)],
    [
      'tier',
      `${tier === 'routine' ? tier : 'IMMINENT'}${emergency === null ? '' : `, under the emergency ${emergency}`}`,
    ],
    ['lists', names(request.lists.map(({ party, category }) => `${party} (${category})`))],
    [
      'compared',
      `${request.subject} by ${names(request.recipes)} (version ${request.recipeVersion}); ${request.suite}`,
    ],
    ['result', outputText(request)],
    ['collects', request.collectors.length === 0 ? 'nobody' : names(request.collectors)],
    ['privacy', privacyText(request)],
    ['costs', costText(request.cost)],
    ['kept', count(request.retentionDays, 'day')],
    ['case', `a commitment that its proposer can open: ${request.caseCommitment.slice(0, 16)}…`],
    ['open', `from ${instantText(request.createdAtMs)} until ${instantText(request.expiresAtMs)}`],
    [
      'approved',
      approvals.length === 0
        ? 'by nobody yet'
        : names(approvals.map(({ of, officer }) => (officer === null ? of : `${of}/${officer}`))),
    ],
  ];
  return [
    `Request ${requestId(request)}`,
    ...rows.flatMap(([label, text]) =>
      wrap(text, width - labelWidth).map(
        (line, i) => `  ${(i === 0 ? label : '').padEnd(labelWidth)}${line}`,
      ),
    ),
  ];
}
