/**
 * Checks of how a session ended: the view, what parties signed of it, and whether everything is here.
 *
 * Does not know: whether numbers are true; only their collector could.
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { isCollector, stationsOf } from '../chain/consents.ts';
import { labelTermsOf } from '../chain/labels.ts';
import { isProved } from '../chain/plan.ts';
import { ownViewCommitment } from '../chain/seals.ts';
import { streamKey } from '../chain/streams.ts';
import { checkViewMessage, viewCommitmentOf } from '../chain/view.ts';
import type { SignedMessage } from '../wire/messages.ts';
import { deny, senderOf, type Book } from './book.ts';
import { saltedTypes, type Evidence } from './format.ts';
import type { Frozen } from './opening.ts';
import { planOf } from './streams.ts';

export function checkResult(book: Book, evidence: Evidence, frozen: Frozen, transcript: Uint8Array): void {
  const { agreement, lists } = frozen;
  const { output } = agreement;
  book.skip('result', 'no view and no own matches are here');
  const commitments = new Set<string>();
  for (const entry of book.of('view')) {
    const commitment = viewCommitmentOf(entry.message);
    book.check('result', entry, () => {
      if (!isCollector(agreement, entry.message.from)) deny('view.from: no collector');
      checkViewMessage(entry.message, agreement, lists, transcript);
      if (commitments.size > 0 && !commitments.has(commitment))
        deny('view: the collectors say different things');
    });
    commitments.add(commitment);
  }
  for (const entry of book.of('done')) {
    const { from, view } = entry.message;
    if (output.kind === 'matches') {
      if (from === evidence.holder)
        book.check('result', entry, () => checkOpening(evidence, agreement, frozen, view));
      continue;
    }
    if (commitments.size === 0) continue;
    book.check('result', entry, () => {
      if (view === null || !commitments.has(view)) deny('done.view: was told otherwise');
    });
  }
}

/** The holder's own matches: their number, as committed to. */
function checkOpening(
  { holder, salts, opening, session }: Evidence,
  { output, parties }: Agreement,
  { lists }: Frozen,
  commitment: string | null,
): void {
  const receives = output.kind === 'matches' && output.to.includes(holder);
  if (receives !== (commitment !== null)) deny('done.view: only a receiver of matches has one');
  if (!salts || !receives) {
    if (opening !== null) deny('opening: want none');
    return;
  }
  if (opening === null) return deny('opening: want one');
  if (ownViewCommitment(session, holder, opening) !== commitment) deny('opening: does not open done.view');
  if (opening.identifiers > (lists[parties.findIndex(({ id }) => id === holder)]?.size ?? 0))
    deny('opening.identifiers: more than the list has');
}

/** Nothing missing, nothing twice, nothing else. */
export function checkComplete(book: Book, evidence: Evidence, agreement: Agreement): void {
  const expected = new Set(
    evidence.ended === 'stored' ? openingMessages(agreement) : expectedMessages(agreement, evidence.holder),
  );
  const seen = new Set<string>();
  for (const entry of book.entries) {
    const message = entry.message as SignedMessage;
    const key = keyOf(message);
    book.check('complete', entry, () => {
      if (seen.has(key)) deny(`${message.type}: is here twice`);
      seen.add(key);
      const isEnd = evidence.ended === 'aborted' && message.type === 'refusal';
      if (!expected.has(key) && !isEnd)
        deny(`${message.type}: is not said to or by ${evidence.holder} in such a session`);
      if (!evidence.salts && saltedTypes.includes(message.type))
        deny(`${message.type}: in evidence that says to have no salts`);
    });
  }
  if (!evidence.salts)
    for (const key of expected) if (saltedTypes.includes(key.split(' ')[0] as string)) expected.delete(key);
  const missing = [...expected].filter((key) => !seen.has(key));
  book.check('complete', undefined, () => {
    if (evidence.ended !== 'aborted' && missing.length > 0) deny(`messages: missing: ${missing.join(', ')}`);
  });
  // Who has everything has finished, unless something in it was wrong.
  const isFinished = missing.length === 0 && !book.failed;
  if (evidence.ended === 'aborted' && isFinished)
    book.fail(
      'complete',
      undefined,
      'evidence.ended: aborted, but it has every message of a finished session',
    );
}

const place = ({ kind, list, hop }: { kind: string; list: number; hop: number }): string =>
  streamKey(kind as 'stream', list, hop);

function keyOf(message: SignedMessage): string {
  const sender = senderOf(message);
  if (message.type === 'proposal') return 'proposal';
  if (message.type === 'seal') return `seal ${place(message)} of ${sender}`;
  if ('hop' in message) return `${message.type} ${message.list}/${message.hop} of ${sender}`;
  return `${message.type} of ${sender}`;
}

function openingMessages(agreement: Agreement): string[] {
  return ['proposal', ...stationsOf(agreement).flatMap(({ id }) => [`consent of ${id}`, `freeze of ${id}`])];
}

/** What a party that finished has signed and was given, as `keyOf` names it. */
function expectedMessages(agreement: Agreement, holder: string): string[] {
  const { parties, collectors, output } = agreement;
  const ids = parties.map(({ id }) => id);
  const self = ids.indexOf(holder);
  const plan = planOf({ agreement }, self);
  const idOf = (index: number): string => ids[index] ?? '';
  const keys = openingMessages(agreement);
  for (const id of ids) keys.push(`barrier of ${id}`, `done of ${id}`);
  for (const stream of plan.outbound) keys.push(`seal ${place(stream)} of ${holder}`);
  for (const stream of plan.inbound) keys.push(`seal ${place(stream)} of ${idOf(stream.peer)}`);
  const receives = output.kind === 'matches' && output.to.includes(holder);
  for (let hop = 1; hop < ids.length; hop++) {
    const list = (self - hop + ids.length) % ids.length;
    const next = idOf((self + hop) % ids.length);
    if (isProved(agreement, self))
      keys.push(`prove ${self}/${hop} of ${holder}`, `proof ${self}/${hop} of ${next}`);
    if (isProved(agreement, list))
      keys.push(`prove ${list}/${hop} of ${idOf(list)}`, `proof ${list}/${hop} of ${holder}`);
  }
  for (const [at, { id }] of collectors.entries()) {
    keys.push(`view of ${id}`, `seal tags/${self}/${at} of ${holder}`);
    if (receives) keys.push(`seal marks/${self}/${at} of ${id}`);
    if (labelTermsOf(agreement, holder) !== undefined) keys.push(`seal labels/${self}/${at} of ${holder}`);
  }
  if (collectors.length > 0) keys.push(`sentinels of ${holder}`);
  return keys;
}
