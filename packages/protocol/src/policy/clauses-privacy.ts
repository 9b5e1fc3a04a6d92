/**
 * Clauses about numbers: what is withheld, the noise, what it costs, budgets and caps.
 *
 * Assumes: facts with their shape; the ledgers are the node's own, and compared with the partners'.
 * Does not know: how noise is drawn (../privacy).
 */
import type { Evaluator, Facts, Failure, StatedEvaluator } from './failure.ts';

/** Units of 10^-15. */
const femtoOf = (deltaExponent: number | null): number =>
  deltaExponent === null ? 0 : 10 ** (15 - deltaExponent);

/** Each partner that brings a list, with its row of the ledger. */
function* ledgerRows({ state, bringers }: Facts) {
  for (const partner of bringers) {
    if (partner === state.self) continue;
    const i = state.ledger.partners.findIndex((row) => row.partner === partner);
    yield { partner, row: state.ledger.partners[i], at: `state.ledger.partners.${i}` };
  }
}

export const statedPrivacyClauses: Readonly<Record<string, StatedEvaluator>> = {
  *kind({ request, output }) {
    if (output === undefined) return;
    if (output.kind === 'counts' && request.privacy === null) {
      yield ['privacy.missing', 'privacy', 'request.privacy'];
    }
    if (output.kind === 'matches' && request.privacy !== null) {
      yield ['privacy.without-counts', 'privacy', 'request.privacy'];
    }
  },
  *minCount({ agreement, request }) {
    if (request.privacy !== null && request.privacy.minCount < agreement.privacy.minCount) {
      yield ['privacy.min-count', 'privacy.minCount', 'request.privacy.minCount'];
    }
  },
  *noise({ agreement, request }) {
    const agreed = agreement.privacy.noise;
    if (request.privacy === null || agreed === null) return;
    const at = 'request.privacy.noise';
    const asked = request.privacy.noise;
    if (asked === null) yield ['privacy.noise', 'privacy.noise', at];
    if (asked === null) return;
    if (asked.mechanism !== agreed.mechanism) yield ['privacy.mechanism', 'privacy.noise.mechanism', at];
    if (asked.microEpsilon > agreed.microEpsilon) yield ['privacy.epsilon', 'privacy.noise.microEpsilon', at];
    if (
      agreed.deltaExponent === null
        ? asked.deltaExponent !== null
        : isWeaker(asked.deltaExponent, agreed.deltaExponent)
    ) {
      yield ['privacy.delta', 'privacy.noise.deltaExponent', at];
    }
  },
  *perRecord({ agreement, request }) {
    if (
      request.privacy !== null &&
      request.privacy.identifiersPerRecord > agreement.privacy.identifiersPerRecord
    ) {
      yield ['privacy.per-record', 'privacy.identifiersPerRecord', 'request.privacy.identifiersPerRecord'];
    }
  },
  *padding({ agreement, request, state }) {
    if (request.privacy === null) return;
    const { padTo } = request.privacy;
    const agreed = agreement.privacy.padTo;
    if (agreed !== null && (padTo === null || padTo < agreed)) {
      yield ['privacy.padding', 'privacy.padTo', 'request.privacy.padTo'];
    }
    if (padTo === null) return;
    for (const [i, { identifiers }] of state.announced.entries()) {
      if (identifiers % padTo !== 0)
        yield ['list.unpadded', 'privacy.padTo', `state.announced.${i}.identifiers`];
    }
  },
  *cost({ request, output, state }) {
    const { cost, privacy } = request;
    const noise = privacy?.noise ?? null;
    const understated = (name: keyof typeof cost): Failure => [
      'cost.understated',
      `privacy.budget.${name}`,
      `request.cost.${name}`,
    ];
    if (noise !== null && cost.microEpsilon < noise.microEpsilon) yield understated('microEpsilon');
    if (noise !== null && cost.femtoDelta < femtoOf(noise.deltaExponent)) yield understated('femtoDelta');
    if (output === undefined) return;
    // Exact counts, too, are charged in records (chain/ledger.ts).
    if (output.kind === 'counts' && noise !== null && output.listOwnerCollects === null) return;
    if (cost.records < 1) yield understated('records');
    for (const [i, { identifiers }] of state.announced.entries()) {
      if (identifiers > cost.records) {
        yield ['cost.understated', 'privacy.budget.records', `state.announced.${i}.identifiers`];
      }
    }
  },
};

export const privacyClauses: Readonly<Record<string, Evaluator>> = {
  *budget(facts) {
    const { cost } = facts.request;
    const { budget } = facts.agreement.privacy;
    for (const { partner, row, at } of ledgerRows(facts)) {
      if (row === undefined) {
        yield ['ledger.unknown', 'privacy.budget', `state.ledger.partners ${partner}`];
        continue;
      }
      if (!row.agrees) yield ['ledger.differs', 'privacy.budget', `${at}.agrees`];
      for (const name of ['microEpsilon', 'femtoDelta', 'records'] as const) {
        if (cost[name] > budget[name] - row[name])
          yield ['budget.spent', `privacy.budget.${name}`, `${at}.${name}`];
      }
      if (row.listVersions + Number(row.isNewListVersion) > budget.listVersions) {
        yield ['budget.spent', 'privacy.budget.listVersions', `${at}.listVersions`];
      }
    }
  },
  *capsPerDay({ agreement: { caps }, request, state: { ledger } }) {
    if (ledger.today.sessions >= caps.sessionsPerDay) {
      yield ['caps.sessions', 'caps.sessionsPerDay', 'state.ledger.today.sessions'];
    }
    if (request.cost.records > caps.recordsPerDay - ledger.today.records) {
      yield ['caps.records', 'caps.recordsPerDay', 'state.ledger.today.records'];
    }
  },
  *capsPerPair(facts) {
    const { caps } = facts.agreement;
    for (const { row, at } of ledgerRows(facts)) {
      if (row === undefined) continue; // said above
      if (row.sessionsToday >= caps.pairSessionsPerDay) {
        yield ['caps.sessions', 'caps.pairSessionsPerDay', `${at}.sessionsToday`];
      }
      if (facts.request.cost.records > caps.pairRecordsPerDay - row.recordsToday) {
        yield ['caps.records', 'caps.pairRecordsPerDay', `${at}.recordsToday`];
      }
    }
  },
};

/** δ = 10^-k: a smaller k is a weaker promise, none is the weakest. */
function isWeaker(asked: number | null, agreed: number): boolean {
  return asked === null || asked < agreed;
}
