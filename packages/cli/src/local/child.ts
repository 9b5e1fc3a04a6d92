/**
 * A child of `run` or `demo`: one coordinator, collector or node, in a process of its own.
 *
 * Purpose: start what the parent orders, say when it is ready, and go when the parent goes: the end of the IPC
 * channel ends this process and removes the run's directory, so that nothing is left whoever was killed.
 * Assumes: it was forked with an IPC channel; argv[2] is the run's directory, argv[3] the role. Everything it keeps is in memory:
 * the directory holds sockets and answers on their way only.
 * Does not know: sessions, lists, other children.
 */
import { rmSync } from 'node:fs';
import { systemClock } from '@tallystick/host/clock';
import { keepYoungSmall } from '@tallystick/host/heap';
import { createIdentity, type SigningIdentity } from '@tallystick/host/identity';
import { silentLog } from '@tallystick/host/log';
import { systemRandom } from '@tallystick/host/random';
import { signStanding } from '@tallystick/protocol/agreement';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import type { ChildMessage, SignOrder, StartOrder } from './messages.ts';

/** Longest time that a tidy end may take before the process ends anyway. */
const endWithinMs = 1500;

interface Running {
  readonly identity: SigningIdentity;
  /** Of a coordinator. */
  readonly url: string | null;
  close(): Promise<void>;
}

export async function serve(self: NodeJS.Process): Promise<void> {
  keepYoungSmall();
  const directory = self.argv[2] ?? '';
  let running: Running | undefined;
  let ending = false;
  const leave = (code: number): never => {
    // Every child tries; whoever ends last removes what others were still writing.
    if (directory !== '') rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
    return self.exit(code);
  };
  const end = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    setTimeout(() => leave(0), endWithinMs).unref();
    await running?.close().catch(() => undefined);
    leave(0);
  };
  // A terminal sends its signals to the whole group: the parent decides, and its end is ours.
  for (const name of ['SIGINT', 'SIGHUP'] as const) self.on(name, () => {});
  self.on('SIGTERM', () => void end());
  self.on('disconnect', () => void end());
  if (!self.connected) leave(0);

  const say = (message: ChildMessage): void => {
    if (self.connected) self.send?.(message);
  };
  const loading = loadRole(self.argv[3]);
  loading.catch(() => {}); // reported when the order comes
  const begin = async (order: StartOrder): Promise<void> => {
    const start = await loading;
    running = await start(order, await createIdentity(order.id, systemClock, systemRandom));
    const { identity, url } = running;
    say({ type: 'ready', fingerprint: identity.fingerprint, publicKey: hexOf(identity.publicKey), url });
    if (ending) leave(0);
  };
  self.on('message', (order: StartOrder | SignOrder) => {
    const done = order.type === 'start' ? begin(order) : (async () => say(signed(order, running)))();
    done.catch((thrown: unknown) => {
      const { code, message } = asTallyError(thrown);
      say({ type: 'failed', code, message });
    });
  });
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function signed({ agreement }: SignOrder, running: Running | undefined): ChildMessage {
  if (running === undefined) throw new TallyError('internal.bug', 'child: not started');
  const { identity } = running;
  const sign = (message: Uint8Array): Uint8Array => identity.sign(message);
  return { type: 'signed', signature: signStanding(agreement, identity.id, hexOf(identity.publicKey), sign) };
}

type Start = (order: StartOrder, identity: SigningIdentity) => Promise<Running>;

/** Each role loads its own rooms only, and before its order comes: half of a start is loading. */
async function loadRole(role: string | undefined): Promise<Start> {
  if (role === 'coordinator') {
    const { startCoordinatorProcess } = await import('@tallystick/coordinator/process');
    return async (order, identity) => {
      if (order.role !== 'coordinator') throw misdirected();
      const coordinator = await startCoordinatorProcess({
        host: '127.0.0.1',
        port: 0,
        identity,
        withoutCollector: !order.collects,
        log: silentLog,
      });
      return { identity, url: coordinator.url, close: () => coordinator.close() };
    };
  }
  if (role === 'collector') {
    const { startCollector } = await import('@tallystick/coordinator/collector');
    return async (order, identity) => {
      if (order.role !== 'collector') throw misdirected();
      const collector = await startCollector({ identity, url: order.coordinatorUrl, log: silentLog });
      return { identity, url: null, close: () => collector.close() };
    };
  }
  if (role === 'oversight') {
    const { startOversight } = await import('@tallystick/oversight/body');
    return async (order, identity) => {
      if (order.role !== 'oversight') throw misdirected();
      const body = await startOversight({
        place: { kind: 'ephemeral', identity, controlDir: order.dataDir },
        coordinatorUrl: order.coordinatorUrl,
        log: silentLog,
      });
      return { identity, url: null, close: () => body.close() };
    };
  }
  const { startNode } = await import('@tallystick/node/daemon');
  return async (order, identity) => {
    if (order.role !== 'node') throw misdirected();
    const node = await startNode({
      place: { kind: 'ephemeral', identity, controlDir: order.dataDir },
      coordinatorUrl: order.coordinatorUrl,
      collector: order.collector,
      consent: order.consent,
      // One thread for each party anyway: the vault's own then saves a pool and its start.
      compute: order.threads === 1 ? { inline: true } : { threads: order.threads },
      log: silentLog,
    });
    return { identity, url: null, close: () => node.close() };
  };
}

function misdirected(): TallyError {
  return new TallyError('internal.bug', 'child: the order is of another role');
}
