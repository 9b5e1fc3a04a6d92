/** What a proposal and a collector's consent must not say. */
import { expect, it } from 'vitest';
import { parseAgreement } from '../agreement/index.ts';
import { isJsonFrame, parseMessage, type MessageOf } from '../wire/index.ts';
import { maxClockSkewMs } from '../wire/limits.ts';
import { checkConsent, checkProposal, hashProposal } from './consents.ts';
import { Ring, testNowMs } from './ring.testkit.ts';

const ring = new Ring({ lists: { a: ['x'], b: ['x', 'y'] } }).run();
const consentOf = (id: string): MessageOf<'consent'> => {
  for (const { from, frame } of ring.sent) {
    const message = isJsonFrame(frame) ? parseMessage(frame, 1e6) : undefined;
    if (message?.type === 'consent' && from === id) return message;
  }
  throw new Error(`${id}: no consent`);
};
const check = (consent: MessageOf<'consent'>) => (): void =>
  checkConsent(consent, ring.agreement, hashProposal(ring.proposal), 1000);

it('a collector brings no list and no key, whatever it signs', () => {
  const consent = consentOf('zz-collector');
  expect(check(consent)).not.toThrow();
  const { keyCommitment, possession } = consentOf('a');
  for (const more of [{ identifiers: 1 }, { keyCommitment }, { possession }]) {
    expect(check({ ...consent, ...more })).toThrow(expect.objectContaining({ code: 'wire.message' }));
  }
});

it('a party of an agreement does not collect for it', () => {
  const { agreement } = ring;
  const [first] = agreement.parties;
  if (first === undefined) throw new Error('no party');
  const again = { ...first, publicKey: '11'.repeat(32) };
  for (const collectors of [[first], [again], []]) {
    expect(() => parseAgreement({ ...agreement, collectors })).toThrow(
      expect.objectContaining({ code: 'agreement.invalid' }),
    );
  }
});

it('a proposal whose clock is off is refused: it would charge another period', () => {
  const { proposal } = ring;
  const at = (offMs: number) => (): unknown =>
    checkProposal(proposal.proposer, proposal, 'b', testNowMs + offMs);
  for (const offMs of [-maxClockSkewMs, 0, maxClockSkewMs - 1]) expect(at(offMs)).not.toThrow();
  for (const offMs of [-maxClockSkewMs - 1, maxClockSkewMs + 1, 86_400_000]) {
    expect(at(offMs)).toThrow(expect.objectContaining({ code: 'consent.clock' }));
  }
});
