/**
 * The one error class of Tallystick and the one table behind it.
 *
 * Purpose: every refusal in every package is a `TallyError` with a code from this table, so that callers
 * branch on `code`, the wire carries a number, and the command line finds its exit code and remedy.
 * Assumes: messages never hold contents (no identifier, record, element or scalar): they name the field and
 * give want and got.
 * Does not know: who logs, prints or sends an error.
 */

/** Who has to act on an error: this process's caller, the other party, an agreed rule, or the machine. */
export type Fault = 'local' | 'peer' | 'policy' | 'environment';

interface ErrorRow {
  /** Number on the wire (an `abort` message carries nothing else); never reused. */
  readonly abort: number;
  readonly fault: Fault;
  /** What a person can do about it, in one line. */
  readonly remedy: string;
}

const row = (abort: number, fault: Fault, remedy: string): ErrorRow => ({ abort, fault, remedy });

/** Code → wire number, fault and remedy. Numbers are grouped by room: 1xx arguments and files, 2xx wire, … */
export const errorTable = {
  // arguments, scenarios, files (local)
  'argument.invalid': row(100, 'local', 'see --help for the form of this argument'),
  'scenario.invalid': row(101, 'local', 'correct the named field of the scenario file'),
  'file.missing': row(102, 'local', 'check the path; paths in a scenario are relative to its file'),
  'file.unreadable': row(103, 'local', 'check the permissions and that the file is a regular file'),
  'list.empty': row(
    110,
    'local',
    'the list gives nothing to compare; check the file, its format, the subject and the recipes',
  ),
  'list.format': row(111, 'local', 'give "format" explicitly, or check that the file is of that format'),
  'list.encoding': row(112, 'local', 'save the file as UTF-8'),
  'list.truncated': row(113, 'local', 'fetch the file again: it ends in the middle'),
  'list.row': row(114, 'local', 'correct or remove the row; `tallystick list check` names every one'),
  'list.unknown': row(115, 'local', 'import the list first: `tallystick list import`'),
  'list.cap': row(
    116,
    'local',
    'the list brings more identifiers than the session permits; raise the cap or cut the list',
  ),
  'list.label': row(
    117,
    'local',
    'a record has a label that the agreement does not declare; declare it, or correct the list',
  ),
  'recipe.unknown': row(120, 'local', 'choose one of the recipes that `tallystick list check --help` names'),
  'recipe.unicode': row(
    121,
    'environment',
    'run on a Node.js whose Unicode version is not older than the pinned one',
  ),
  'text.codepoint': row(122, 'local', 'remove the unassigned character from the text'),
  // bytes on the wire (peer)
  'wire.version': row(200, 'peer', 'both sides need a protocol version in common; upgrade the older one'),
  'wire.frame': row(
    201,
    'peer',
    'the peer sent a frame that does not parse; check that its software is genuine',
  ),
  'wire.length': row(202, 'peer', 'the peer sent a frame longer than the limit'),
  'wire.type': row(203, 'peer', 'the peer sent a message of an unknown type'),
  'wire.message': row(204, 'peer', 'the peer sent a message that its schema refuses'),
  'wire.order': row(205, 'peer', 'the peer sent a message that is not due in this state'),
  'wire.credit': row(206, 'peer', 'the peer sent more chunks than it was granted'),
  'mail.kind': row(
    207,
    'peer',
    'the peer does not answer such questions; both sides need software of one version',
  ),
  // group elements and scalars
  'element.length': row(210, 'peer', 'an element is 32 bytes; the batch must be a whole number of them'),
  'element.encoding': row(211, 'peer', 'the peer sent bytes that are no canonical ristretto255 encoding'),
  'element.identity': row(212, 'peer', 'the peer sent the identity element, which no honest party does'),
  'scalar.range': row(213, 'local', 'a scalar must be in 1..order-1'),
  // the chain
  'chain.count': row(220, 'peer', 'the peer announced another number of elements than it sent'),
  'chain.position': row(221, 'peer', 'a position was asked or answered twice, or out of order'),
  'chain.sorted': row(222, 'peer', 'a first stream or a tag stream must be strictly increasing'),
  'chain.incomplete': row(223, 'peer', 'a chain did not come back whole'),
  'chain.tag': row(224, 'peer', 'tags do not have the agreed length or coding'),
  'chain.proof': row(225, 'peer', 'a party did not prove that it used the scalar it committed to; no result'),
  'chain.sentinel': row(
    226,
    'peer',
    'a sentinel is missing: a tag was lost or changed on its way; no result',
  ),
  'chain.label': row(
    228,
    'peer',
    'a party announced or sent a label that the agreement does not declare; no result',
  ),
  'chain.collectors': row(
    227,
    'peer',
    'the two collectors do not agree: one of them counts wrongly, or a party sent them other tags; no result',
  ),
  // consent
  'consent.refused': row(300, 'policy', 'a party refused; its reasons are in the refusal'),
  'consent.mismatch': row(
    301,
    'peer',
    'the parties did not see the same consents; nothing was sent; start again',
  ),
  'consent.signature': row(302, 'peer', 'a signature does not verify against the pinned key'),
  'consent.possession': row(303, 'peer', 'a key commitment has no valid proof of possession'),
  'consent.clock': row(
    305,
    'policy',
    'two clocks differ by more than ten minutes; set the clock that is off',
  ),
  'consent.expired': row(304, 'policy', 'the proposal expired before every party consented; propose again'),
  'agreement.invalid': row(310, 'policy', 'correct the named field of the agreement'),
  'agreement.denied': row(
    311,
    'policy',
    'the agreement does not permit this session; see the failed clauses',
  ),
  'agreement.unknown': row(
    313,
    'local',
    'no agreement of that id is installed, or this station is no member of it; see `tallystick agreement installed`',
  ),
  'request.unknown': row(317, 'local', '`tallystick oversight requests` lists those that were told of'),
  'request.over': row(
    318,
    'local',
    'nothing can be said for it any more; whoever still wants to know asks anew',
  ),
  'verdict.power': row(
    319,
    'policy',
    'see `oversight` in the agreement: each body has the powers that it names',
  ),
  'verdict.invalid': row(
    312,
    'policy',
    'not the word of an oversight body of the agreement; ask the body for it again',
  ),
  'notice.invalid': row(
    328,
    'policy',
    'who tells of a request signs it with the key that the agreement names; see `tallystick membership status`',
  ),
  'agreement.suspended': row(
    314,
    'policy',
    'the agreement is suspended, or a party has left; see `tallystick membership status`',
  ),
  'membership.refused': row(
    315,
    'policy',
    'the list of members does not allow it; the reasons are named, see docs/agreement.md',
  ),
  'membership.unheard': row(
    316,
    'environment',
    'no other member has answered since this station started; start another one, or wait until one is there',
  ),
  'emergency.refused': row(
    330,
    'policy',
    'not a declaration or a review that the agreement allows; the reason is named, see docs/agreement.md',
  ),
  // output privacy
  'privacy.epsilon': row(320, 'policy', 'give epsilon as a decimal from 0.000001 to 20'),
  'privacy.delta': row(321, 'policy', 'give delta as a power of ten from 1e-15 to 1e-5, or leave it out'),
  'privacy.budget': row(
    322,
    'policy',
    'the privacy ledger refuses: wait for the next period or agree on another budget',
  ),
  'privacy.suppressed': row(323, 'policy', 'this number is withheld; a result shows the reason beside it'),
  'privacy.policy': row(324, 'policy', 'correct the named field of the privacy settings'),
  'privacy.seed': row(325, 'peer', 'a collector did not open the noise seed that it committed to'),
  'privacy.ledger': row(
    326,
    'policy',
    'a privacy ledger was edited, copied or rolled back; see `tallystick ledger show` on both sides, then `tallystick ledger accept` where it is behind',
  ),
  'privacy.caps': row(
    327,
    'policy',
    'correct the named cap: sessions, records, versions, epsilon, periodDays',
  ),
  // sessions
  // redress
  'redress.unknown': row(340, 'local', 'see `tallystick redress list`'),
  'redress.decided': row(341, 'policy', 'a decision stands; open another enquiry'),
  'redress.disclosure': row(342, 'policy', 'start the node with --redress-disclose, if the law allows it'),
  'redress.forbidden': row(343, 'policy', 'an agreement forbids it: answer without --disclose'),
  'session.cancelled': row(400, 'local', 'the session was cancelled by a party'),
  'session.deadline': row(401, 'peer', 'a party did not answer in time; check its node and try again'),
  'session.unknown': row(402, 'local', 'no session of that id; `tallystick session list` shows them'),
  'session.state': row(403, 'local', 'the session is not in a state that allows this'),
  'session.busy': row(404, 'environment', 'the node already runs as many sessions as it may; try later'),
  'peer.left': row(410, 'peer', 'the other party closed its connection; check its node and try again'),
  'peer.unknown': row(411, 'local', 'add the peer first: `tallystick peer add ID FINGERPRINT`'),
  'peer.pinned': row(
    413,
    'local',
    'this id is pinned to another fingerprint: find out why, then `tallystick peer remove ID` first',
  ),
  'peer.absent': row(412, 'environment', 'the peer is not connected to the coordinator; start its node'),
  // channel
  'channel.pin': row(
    500,
    'peer',
    'the certificate is not the pinned one; compare fingerprints by another way',
  ),
  'channel.certificate': row(501, 'peer', 'the peer presented no certificate'),
  'channel.resumed': row(
    502,
    'peer',
    'the peer tried to resume an old TLS session; only full handshakes are taken',
  ),
  'channel.tls': row(503, 'peer', 'the TLS handshake failed; both ends must speak TLS 1.3'),
  'channel.refused': row(
    504,
    'environment',
    'nobody answers at that address; start the coordinator or correct the URL',
  ),
  'channel.listen': row(507, 'environment', 'the port is taken or not permitted; choose another one'),
  'channel.auth': row(505, 'peer', 'the coordinator does not accept this node identity'),
  'channel.overflow': row(506, 'peer', 'a peer outran its flow-control window or the relay limits'),
  // machine
  'compute.unavailable': row(600, 'environment', 'no engine passed its self-test; see `tallystick doctor`'),
  'compute.worker': row(601, 'environment', 'a worker died; the batch failed, the pool recovers; try again'),
  'compute.memory': row(
    602,
    'environment',
    'not enough memory for this batch; use a smaller list or fewer workers',
  ),
  'vault.died': row(603, 'environment', 'the vault stopped; its sessions have ended; restart the node'),
  'store.locked': row(610, 'environment', 'another node runs in this data directory'),
  'store.corrupt': row(
    611,
    'environment',
    'the store does not open; restore the data directory from a backup',
  ),
  'store.key': row(612, 'local', 'the passphrase or key does not open this data directory'),
  'store.write': row(
    613,
    'environment',
    'the disk takes no writes: make room, or check the mount and its permissions',
  ),
  'control.refused': row(
    620,
    'environment',
    'no node answers in this data directory; start it: `tallystick node`',
  ),
  'control.request': row(
    621,
    'local',
    'the control request is malformed; CLI and node must be of one version',
  ),
  // results
  'oracle.unequal': row(
    700,
    'environment',
    'the protocol and the plaintext answer differ; report this as a bug',
  ),
  'evidence.invalid': row(
    710,
    'local',
    'give a file that `tallystick session export` or `tallystick run --out` wrote',
  ),
  'report.invalid': row(
    730,
    'local',
    'the report does not follow from the log, or is not signed by whom it should be: do not rely on it',
  ),
  // the audit log
  'log.entry': row(800, 'local', 'an entry of an audit log is not of this form; both sides need one version'),
  'log.note': row(802, 'peer', 'a signed note or checkpoint of a log is not of the C2SP formats'),
  'log.export': row(803, 'local', 'give a file that `tallystick audit export` wrote'),
  'log.rollback': row(
    804,
    'environment',
    'a partner has witnessed more of this audit log than there is: it was restored from an old copy; tell the partners, who may run `tallystick audit accept`',
  ),
  'log.fork': row(
    805,
    'peer',
    'a partner shows an audit log that does not continue the one it showed before; ask its people and the oversight body',
  ),
  'log.broken': row(
    801,
    'environment',
    'the audit log on disk is not as this node left it: no session starts; see `tallystick audit show`, tell the oversight body, restore the newest backup, or go on with what fits: `tallystick audit recover`',
  ),
  'log.whole': row(806, 'local', 'there is nothing to recover; `tallystick audit show` says what the log is'),
  'internal.bug': row(900, 'environment', 'this is a defect of Tallystick; please report it with the code'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

export class TallyError extends Error {
  readonly code: ErrorCode;
  readonly fault: Fault;
  /** Stations one of which, at least, did it; none: that cannot be known; undefined: who throws does not say. */
  readonly among: readonly string[] | undefined;

  /** @param message lower case; names the field, gives want and got; never contents. */
  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly among?: readonly string[] } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'TallyError';
    this.code = code;
    this.fault = errorTable[code].fault;
    this.among = options.among;
  }

  get abort(): number {
    return errorTable[this.code].abort;
  }

  get remedy(): string {
    return errorTable[this.code].remedy;
  }
}

/** Any thrown value as a `TallyError`; what is not one already becomes `internal.bug` without its text. */
export function asTallyError(thrown: unknown): TallyError {
  if (thrown instanceof TallyError) return thrown;
  return new TallyError('internal.bug', 'unexpected failure', { cause: thrown });
}

/** The code behind a wire number; `undefined` for numbers this version does not know. */
export function codeOfAbort(abort: number): ErrorCode | undefined {
  for (const code of Object.keys(errorTable) as ErrorCode[]) {
    if (errorTable[code].abort === abort) return code;
  }
  return undefined;
}
