/**
 * A running oversight body.
 *
 * Purpose: wires store, link, mail, desk and control socket; takes them down again in reverse order.
 * Assumes: one process to a data directory: the control socket is the lock. Whom it listens to follows from the
 * agreements that it installed, each of which it has signed itself. Does not know: lists, sessions, the command line.
 */
import { createAgreementShelf, stationsUnder } from '@tallystick/host/agreements';
import {
  Attempts,
  createWitnessStore,
  keepWitnessed,
  LogFaults,
  LogWitness,
  openAuditLog,
} from '@tallystick/host/audit';
import { type CoordinatorLink, connectCoordinator } from '@tallystick/host/channel';
import { type Clock, systemClock } from '@tallystick/host/clock';
import { serveLate } from '@tallystick/host/control';
import { controlDirectory, openPlace, type Place } from '@tallystick/host/directory';
import { Emergencies } from '@tallystick/host/emergencies';
import {
  type Fingerprint,
  fingerprintOfPublicKey,
  type Identity,
  publicIdentity,
  type SigningIdentity,
} from '@tallystick/host/identity';
import { type Log, pub, silentLog } from '@tallystick/host/log';
import { createMail, mailTag } from '@tallystick/host/mail';
import { createMembershipShelf, Members } from '@tallystick/host/membership';
import { createOutbox } from '@tallystick/host/outbox';
import { type Random, systemRandom } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import { type Unwinding, unwindOnFailure } from '@tallystick/host/undo';
import { createVerdictShelf } from '@tallystick/host/verdicts';
import { parseHex } from '@tallystick/protocol/bytes';
import { asTallyError } from '@tallystick/protocol/errors';
import { currentKey } from '@tallystick/protocol/policy';
import {
  createMethods,
  type OversightMethod,
  type OversightParams,
  oversightParams,
  type OversightResults,
} from '../control/index.ts';
import { createRequestBook, Desk } from '../desk/index.ts';

export interface OversightOptions {
  readonly place: Place;
  readonly coordinatorUrl: string;
  /** Instead of connecting to `coordinatorUrl`: for tests. The body closes it. */
  readonly connect?: (identity: SigningIdentity) => Promise<CoordinatorLink>;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
}

export interface RunningOversight {
  readonly identity: Identity;
  /** The control API without its socket. Throws what the method throws, `control.request` for other parameters. */
  call<M extends OversightMethod>(method: M, params: OversightParams<M>): Promise<OversightResults[M]>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Refusals of mail that say that the sender, not this body, has something wrong. */
const attempted: readonly string[] = ['wire.message', 'notice.invalid', 'verdict.invalid'];

/**
 * Resolves when the body is registered at the coordinator and answers on its control socket.
 * @throws TallyError `store.locked`, `store.key`, `store.corrupt`, `file.*`, `channel.refused`, `channel.auth`.
 */
export function startOversight(options: OversightOptions): Promise<RunningOversight> {
  return unwindOnFailure((undo) => start(options, undo));
}

async function start(options: OversightOptions, undo: Unwinding): Promise<RunningOversight> {
  const { place, clock = systemClock, random = systemRandom, log = silentLog } = options;
  const late = await serveLate(controlDirectory(place), oversightParams, undo);

  const { store, identity, dataKey } = await openPlace(place, clock, random);
  undo.push(() => store.close());
  const sealer = createSealer(dataKey, random);
  dataKey.fill(0);
  undo.push(() => sealer.destroy());
  const audit = openAuditLog({ store, sealer, clock, random, identity });
  const agreements = createAgreementShelf(store, sealer, identity, audit);
  const attempts = new Attempts({ audit, clock, log, self: identity.id });
  undo.push(() => attempts.flush());
  const keysOf = (agreement: string) => members.facts(agreement)?.keys ?? [];
  /** The stations of the agreements, each by the key that it signs with now. */
  const peers = (): ReadonlyMap<string, Fingerprint> => {
    const pins = new Map<string, Fingerprint>();
    for (const { id: agreement, signed } of agreements.list()) {
      for (const { id, publicKey } of stationsUnder(signed.agreement)) {
        const key = currentKey(keysOf(agreement), id, null, publicKey);
        if (id !== identity.id) pins.set(id, fingerprintOfPublicKey(parseHex(key)));
      }
    }
    return pins;
  };
  const verdicts = createVerdictShelf({
    store,
    sealer,
    audit,
    agreementOf(id) {
      const held = agreements.get(id);
      return held && { agreement: held.signed.agreement, replaced: keysOf(id) };
    },
  });

  const { coordinatorUrl } = options;
  const connect =
    options.connect ??
    ((self: SigningIdentity) =>
      connectCoordinator({ url: coordinatorUrl, identity: self, clock, random, log }));
  const link = await connect(identity);
  undo.push(() => link.close());
  const mail = createMail({ link, peers, clock, log });
  undo.push(() => mail.close());
  const members = new Members({
    identity,
    shelf: createMembershipShelf(store, sealer),
    agreements: () => agreements.list().map(({ signed }) => signed),
    mail,
    audit,
    attempts,
    clock,
    log,
    onChange: () => undefined,
  });
  undo.push(() => members.close());
  const emergencies = new Emergencies({
    store,
    sealer,
    self: identity.id,
    agreements,
    keys: keysOf,
    audit,
    mail,
    clock,
    log,
    attempt: (from, code) => attempts.note({ from, code }),
  });
  undo.push(() => emergencies.close());
  const witnesses = createWitnessStore(store, sealer);
  const witness = new LogWitness({
    audit,
    store: witnesses,
    mail,
    identity,
    clock,
    log,
    peers,
  });
  // What it finds itself stands in its own log: it tells nobody but of that.
  const faults = new LogFaults({
    audit,
    store: witnesses,
    mail,
    identity,
    log,
    peers,
    bodies: () => [],
  });
  undo.push(keepWitnessed(witness, faults, clock));
  const outbox = createOutbox({ store, sealer, mail, clock, log, onAnswer: () => undefined });
  undo.push(() => outbox.close());
  const book = createRequestBook(store, sealer);
  const desk = new Desk({
    identity,
    book,
    verdicts,
    agreements,
    keys: keysOf,
    audit,
    outbox,
    clock,
    random,
  });
  /** What is not the word of whom it should be of is an attempt, in the log. */
  const noted =
    <T>(handle: (from: string, body: unknown) => T) =>
    (from: string, body: unknown): T => {
      try {
        return handle(from, body);
      } catch (thrown) {
        const { code } = asTallyError(thrown);
        if (attempted.includes(code)) attempts.note({ from, code });
        throw thrown;
      }
    };
  mail.serve(
    'oversight.request',
    noted((from, body) => desk.hear(from, body)),
  );
  mail.serve(
    'oversight.verdict',
    noted((_, body) => {
      verdicts.take((body as { verdict?: unknown } | null)?.verdict);
      return {};
    }),
  );
  link.onRing((ring) => (ring.tag === mailTag ? mail.accept(ring) : ring.reject('peer.unknown')));
  const wake = (): void => {
    members.wake();
    emergencies.wake();
    void outbox.flush();
  };
  link.onState((state) => {
    if (state === 'online') wake();
  });
  wake();

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= undo.run());
  late.announce(
    createMethods({
      identity,
      coordinatorUrl,
      link,
      agreements,
      desk,
      outbox,
      members,
      emergencies,
      audit,
      witnesses,
      witness,
      clock,
      installed: wake,
    }),
  );
  log.info('oversight.ready', { id: pub(identity.id), fingerprint: pub(identity.fingerprint) });
  const call = late.call as RunningOversight['call'];
  return { identity: publicIdentity(identity), call, close };
}
