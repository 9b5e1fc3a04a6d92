/**
 * The closed vocabulary of problems, in words.
 *
 * Purpose: every code that `checkStanding`, `verifySigned` and the readers of text can give, with one line for people.
 * Assumes: nothing. Does not know: where a problem is.
 */
export const problemTexts = {
  // text and shape
  'text.not-json': 'this is not JSON',
  'text.not-canonical': 'a signed agreement must be in canonical form (RFC 8785), byte for byte',
  'key.repeated-field': 'this field stands twice',
  'field.missing': 'this field is missing; where there is nothing to say, write null',
  'field.unknown': 'no such field; what is not known is refused, never skipped',
  'field.type': 'a value of another kind is wanted here',
  'term.unknown': 'no such word in the vocabulary of agreements',
  'set.too-small': 'a set needs more members than this; an empty set permits nothing',
  'set.too-large': 'more members than permitted',
  'set.repeated': 'this member stands twice',
  'text.length': 'the text is too short or too long',
  'text.form': 'the text does not have the form wanted here',
  'number.range': 'the number is out of range',
  // life
  'version.supersedes':
    'the first version supersedes nothing; every later one names the id of the one before',
  'time.order': 'the agreement ends before it begins',
  'time.too-long': 'an agreement lasts five years at most; renewal needs fresh signatures',
  // who
  'id.repeated': 'this id is taken',
  'key.repeated': 'this key is held by two; every station, body and officer has a key of its own',
  'fingerprint.of-another-key': 'the fingerprint is not that of the public key beside it',
  'party.without-analyst': 'no officer of this party is an analyst, so nobody may ask',
  'party.unknown': 'no party of that id',
  'oversight.cannot-suspend': 'no oversight body has the power to suspend',
  'legal-basis.missing': 'no legal basis is given for this jurisdiction',
  // lists and outputs
  'list.sizes': 'the smallest permitted list is larger than the largest',
  'list.repeated': 'two entries for one party, category and subject',
  'lists.too-few': 'fewer than two parties may bring a list',
  'labels.none': 'counts are split by labels, and no list has any',
  'form.direct': 'the direct form has no collector, no predicate and tells no lists: null, 0, null and false',
  'form.sealed': 'the sealed form needs a collector and, for matches, predicates',
  'collectors.too-few': 'fewer collectors than are needed',
  'collector.unknown': 'neither a party nor a collector of that id',
  'collector.brings-list':
    'this collector may bring a list, and the output does not say so: listOwnerCollects "charged-as-matches"',
  'collector.word-without-need': 'listOwnerCollects is said, and no collector here may bring a list',
  'receiver.without-list': 'a receiver of matches learns about its own records, and this one brings no list',
  'purpose.unknown': 'no purpose of that id',
  'purpose.without-output': 'no output serves this purpose',
  // tiers
  'tier.without-approvals': 'a run needs an approval, or oversight is asked; here nobody is',
  'tier.approvers-too-few': 'this party has fewer approvers than a tier needs approvals',
  'tier.custodians-too-few': 'this party has fewer custodians than a tier asks for',
  'tier.nobody-authorises': 'oversight is asked, and no body has the power to authorise',
  'tier.nobody-reviews': 'emergencies are reviewed by a body with the power to authorise, and there is none',
  'tier.absent': 'this tier is null',
  'tier.without-output': 'no output may be run in this tier',
  // numbers
  'privacy.without-counts': 'no output gives counts, so there is nothing to withhold, to noise or to fill up',
  'noise.delta-missing': 'gaussian noise needs a delta',
  'noise.delta-unused': 'laplace noise has no delta',
  'budget.without-noise': 'a budget of epsilon, and no noise that would spend it',
  'budget.below-one-release': 'the budget does not suffice for one release',
  'caps.pair-above-all': 'the cap of a pair is above the cap of all together',
  'retention.log-shorter': 'the log is kept for less time than the results',
  'retention.log-before-redress': 'the log is gone before an enquiry must be decided',
  'redress.order': 'an enquiry must be decided before it must be acknowledged',
  'freshness.within-clock-tolerance': 'the age permitted is within the tolerance of the clocks',
  // signatures
  'signature.missing': 'this signer has not signed',
  'signature.unknown-signer': 'neither a party nor an oversight body of that id',
  'signature.repeated': 'this signer has signed twice',
  'signature.wrong-key': 'signed with another key than the agreement names',
  'signature.wrong': 'the signature does not verify: another text was signed, or a byte was changed',
} as const;

export type ProblemCode = keyof typeof problemTexts;
