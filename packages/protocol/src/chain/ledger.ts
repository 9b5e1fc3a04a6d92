/**
 * What a session is to the privacy ledger: its book, its terms, what it costs.
 *
 * Purpose: from an agreement and its consents to rows that all sides compute alike.
 * Assumes: both were checked. Does not know: what was spent before, disks.
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { encodeHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { defaultPeriodDays } from '../privacy/caps.ts';
import { chargeFor } from '../privacy/compare.ts';
import { femtoDelta } from '../privacy/epsilon.ts';
import {
  ledgerPeriod,
  noLimits,
  type LedgerLimits,
  type LedgerRow,
  type LedgerScope,
  type ListCharge,
} from '../privacy/ledger.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';
import type { MessageOf } from '../wire/messages.ts';
import type { Consents } from './consents.ts';
import { isProved } from './plan.ts';

/**
 * The book of a session. Under a standing agreement: of its id and the session's parties. Of an ephemeral agreement
 * nothing but its parties counts: whatever else a proposer may choose anew (purpose, output, collector, noise) would
 * otherwise begin a new book.
 */
export function ledgerScopeOf({ agreement, proposedAtMs }: MessageOf<'proposal'>): LedgerScope {
  const parties = agreement.parties.map(({ id, fingerprint }) => ({ id, fingerprint }));
  const period = ledgerPeriod(proposedAtMs, agreement.caps?.periodDays ?? defaultPeriodDays);
  const standing = agreement.standing?.agreement ?? null;
  return {
    standing,
    series: encodeHex(domainHash('ledger-series', canonicalBytes({ parties, standing }))),
    parties: parties.map(({ id }) => id),
    ...period,
  };
}

/** Hash, as hex, of all of an agreement that can change the answer: a field that is not named here does. */
export function ledgerTermsOf(agreement: Agreement): string {
  // A request is new each time; what it asks stands in the other fields.
  const {
    purpose: _,
    notAfterMs: __,
    chunkElements: ___,
    caps: ____,
    standing: _____,
    ...question
  } = agreement;
  return encodeHex(domainHash('ledger-terms', canonicalBytes(question)));
}

export function ledgerLimitsOf({ caps }: Agreement): LedgerLimits {
  if (caps === null) return noLimits;
  const { periodDays: _, ...limits } = caps;
  return limits;
}

/** What a session costs list `list` of an announced size: one more where its owner has it proved (plan.ts). */
export function listChargeOf(
  agreement: Agreement,
  list: number,
  { version, identifiers }: { version: string; identifiers: number },
): ListCharge {
  const { output, privacy } = agreement;
  const cost = chargeFor({
    output: output.kind,
    microEpsilon: privacy?.microEpsilon ?? 0,
    femtoDelta: privacy?.mechanism === 'gaussian' ? femtoDelta(privacy.deltaExponent) : 0,
    records: identifiers + (isProved(agreement, list) ? 1 : 0),
  });
  return { version, ...cost };
}

/** The row that every side charges. */
export function ledgerRowOf({ agreement, session }: MessageOf<'proposal'>, consents: Consents): LedgerRow {
  const lists = agreement.parties.map(({ id }, list) => {
    const consent = consents.get(id);
    if (consent === undefined || consent.listVersion === null) {
      throw new TallyError('internal.bug', 'ledger: charged before every consent');
    }
    return listChargeOf(agreement, list, { version: consent.listVersion, identifiers: consent.identifiers });
  });
  const collectors = agreement.collectors.map(({ fingerprint }) => fingerprint);
  return { session, collectors, terms: ledgerTermsOf(agreement), lists };
}
