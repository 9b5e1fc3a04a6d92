/**
 * A run under a standing agreement: signed by its own keys, installed at every station, ready for sessions.
 *
 * Purpose: what people do between signing and the first session, in their place: it shows what the agreement permits,
 * and is nobody's consent.
 * Assumes: every station runs in a process of this run. Does not know: what is asked.
 */
import { callControl } from '@tallystick/host/control';
import {
  type SignedAgreement,
  type StandingAgreement,
  standingId,
  verifySigned,
} from '@tallystick/protocol/agreement';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import type { Approval, Verdict } from '@tallystick/protocol/policy';
import { nodeAt } from '../control/index.ts';
import { makeOfficers, type Officers } from './officers.ts';
import { poll } from './poll.ts';
import type { Child } from './processes.ts';

export interface Standing {
  readonly signed: SignedAgreement;
  /** SHA-256, hex. */
  readonly id: string;
  readonly officers: Officers;
  /** What oversight says yes to a request with, where the agreement wants it asked; none: it is not asked. */
  authorise(request: string): Promise<readonly Approval[]>;
}

type Signed = Omit<Standing, 'authorise'>;

/** How long members and witnesses may take to hear of each other, and how often one looks. */
const untilOpen = {
  everyMs: 200,
  withinMs: 60_000,
  what: 'agreement: its members did not hear of each other in time',
};

const untilTold = {
  everyMs: 100,
  withinMs: 60_000,
  what: 'oversight: it did not hear of the request in time',
};

/** Puts this run's keys into the draft and has every child sign. Throws `agreement.invalid`. */
async function signByAll(draft: StandingAgreement, children: readonly Child[]): Promise<Signed> {
  const officers = makeOfficers(draft);
  const keys = children.map(({ id, ready }) => {
    const { fingerprint, publicKey } = ready;
    return [id, { fingerprint, publicKey }] as const;
  });
  const agreement = officers.fillIn(draft, new Map(keys));
  const signers = [...agreement.parties, ...agreement.oversight].map(({ id }) => id);
  const signatures = await Promise.all(
    signers.flatMap((id) => children.find((child) => child.id === id)?.sign(agreement) ?? []),
  );
  const { value, problems } = verifySigned({ agreement, signatures });
  if (value !== undefined) return { signed: value, id: standingId(agreement), officers };
  const [first] = problems;
  throw new TallyError('agreement.invalid', `agreement: ${first?.path ?? ''} ${first?.code ?? ''}`);
}

/** @param nodes data directories. @param bodies those of oversight. Throws `agreement.invalid`, `session.deadline`. */
export async function installAgreement(
  draft: StandingAgreement,
  children: readonly Child[],
  nodes: readonly string[],
  bodies: readonly string[],
): Promise<Standing> {
  const standing = await signByAll(draft, children);
  const { signed } = standing;
  await Promise.all([
    ...nodes.map((dir) => nodeAt(dir).call('agreement.install', { agreement: signed })),
    ...bodies.map((dir) => callControl(dir, 'oversight.install', { signed })),
  ]);
  for (const dir of nodes) await poll(() => isOpen(dir), untilOpen);
  // The head of every log is seen by the others before anything is asked.
  await Promise.all(nodes.map((dir) => nodeAt(dir).call('audit.witness', { peers: [] })));
  return { ...standing, authorise: (request) => authoriseAt(signed.agreement, bodies, request) };
}

/** As the first body that may. It hears of a request as soon as that is drafted. @throws TallyError `session.deadline`. */
async function authoriseAt(
  { tiers, oversight }: StandingAgreement,
  bodies: readonly string[],
  request: string,
): Promise<readonly Approval[]> {
  if (tiers.routine.oversight !== 'asked') return [];
  const dataDir = bodies[oversight.findIndex(({ powers }) => powers.includes('authorise'))] as string;
  await poll(async () => {
    const thrown = await callControl(dataDir, 'oversight.authorise', { request }).then(
      () => undefined,
      (error: unknown) => asTallyError(error),
    );
    if (thrown !== undefined && thrown.code !== 'request.unknown') throw thrown;
    return thrown === undefined;
  }, untilTold);
  const shown = await callControl(dataDir, 'oversight.show', { request });
  const { verdicts } = (shown as { asked: { verdicts: readonly Verdict[] } }).asked;
  return verdicts.flatMap((verdict) => (verdict.kind === 'authorise' ? [verdict.approval] : []));
}

/** Nothing that members said, or did not say, stands against a session. */
async function isOpen(dataDir: string): Promise<boolean> {
  const [status] = await nodeAt(dataDir).call('membership.status', {});
  return status !== undefined && status.standing !== 'unheard';
}
