/**
 * Clauses about what comes out: form, statistics, receivers, collectors, marks.
 *
 * Assumes: facts with their shape. An output that the agreement does not have fails `output.unknown`, and the
 * clauses of an output say nothing then. Does not know: noise, budgets.
 */
import { papTerms, tlpTerms } from '../agreement/terms.ts';
import type { StatedEvaluator } from './failure.ts';

export const outputClauses: Readonly<Record<string, StatedEvaluator>> = {
  *output({ output }) {
    if (output === undefined) yield ['output.unknown', 'outputs', 'request.output.id'];
  },
  *form({ request, output, outputPath, bringers }) {
    if (output === undefined) return;
    const clause = `${outputPath}.form`;
    if (request.form !== output.form) yield ['output.form', clause, 'request.form'];
    if (request.form === 'direct' && bringers.length > 2) yield ['form.direct', clause, 'request.lists'];
    // Two parties have the direct form, in which nobody else learns how many matched (docs/protocol.md).
    if (request.form === 'sealed' && output.kind === 'matches' && bringers.length < 3) {
      yield ['form.sealed', clause, 'request.lists'];
    }
  },
  *verified({ request, output, outputPath }) {
    if (output?.verified === true && !request.verified) {
      yield ['output.unverified', `${outputPath}.verified`, 'request.verified'];
    }
  },
  *receivers({ request, output, outputPath, bringers }) {
    if (output === undefined) return;
    for (const [i, receiver] of request.output.receivers.entries()) {
      const at = `request.output.receivers.${i}`;
      if (!output.receivers.includes(receiver)) yield ['output.receiver', `${outputPath}.receivers`, at];
      if (!bringers.includes(receiver)) yield ['receiver.without-list', `${outputPath}.receivers`, at];
    }
  },
  *predicate({ request, output, outputPath, bringers }) {
    if (output === undefined) return;
    const { predicate, which } = request.output;
    const agreed = output.kind === 'matches' ? output.predicates : null;
    const holds = predicate === null ? agreed === null : agreed?.includes(predicate) === true;
    if (!holds) yield ['output.predicate', `${outputPath}.predicates`, 'request.output.predicate'];
    const { atLeast } = request.output;
    if ((predicate === 'at-least') !== (atLeast !== null) || (atLeast ?? 0) > bringers.length) {
      yield ['output.predicate', `${outputPath}.predicates`, 'request.output.atLeast'];
    }
    if (which && !(output.kind === 'matches' && output.which)) {
      yield ['output.which', `${outputPath}.which`, 'request.output.which'];
    }
  },
  *statistics({ request, output, outputPath }) {
    if (output === undefined) return;
    const clause = `${outputPath}.statistics`;
    const asked = request.output.statistics;
    if ((asked !== null) !== (output.kind === 'counts')) {
      yield ['output.kind', clause, 'request.output.statistics'];
    }
    if (output.kind !== 'counts') {
      if (request.output.labels !== null) yield ['output.labels', outputPath, 'request.output.labels'];
      return;
    }
    for (const [i, statistic] of (asked ?? []).entries()) {
      if (!output.statistics.includes(statistic)) {
        yield ['output.statistic', clause, `request.output.statistics.${i}`];
      }
    }
  },
  *marks({ request, output, outputPath }) {
    if (output === undefined) return;
    const { tlp, pap } = request.output.marks;
    if (tlpTerms.indexOf(tlp) < tlpTerms.indexOf(output.marks.tlp)) {
      yield ['output.marks', `${outputPath}.marks.tlp`, 'request.output.marks.tlp'];
    }
    if (papTerms.indexOf(pap) < papTerms.indexOf(output.marks.pap)) {
      yield ['output.marks', `${outputPath}.marks.pap`, 'request.output.marks.pap'];
    }
  },
  *collectors({ request, output, outputPath, bringers }) {
    if (output === undefined) return;
    const clause = `${outputPath}.collectors`;
    if (new Set(request.collectors).size !== output.collectorsNeeded) {
      yield ['collector.number', `${outputPath}.collectorsNeeded`, 'request.collectors'];
    }
    for (const [i, collector] of request.collectors.entries()) {
      const at = `request.collectors.${i}`;
      if (output.collectors?.includes(collector) !== true) yield ['collector.unknown', clause, at];
      if (bringers.includes(collector) && output.listOwnerCollects === null) {
        yield ['collector.brings-list', `${outputPath}.listOwnerCollects`, at];
      }
      if (request.collectors.indexOf(collector) !== i) yield ['collector.repeated', clause, at];
    }
  },
};
