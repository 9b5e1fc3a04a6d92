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
import { createIdentity } from '@tallystick/host/identity';
import { silentLog } from '@tallystick/host/log';
import { systemRandom } from '@tallystick/host/random';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import type { ChildMessage, Ready, StartOrder } from './messages.ts';

/** Longest time that a tidy end may take before the process ends anyway. */
const endWithinMs = 1500;

interface Running {
  readonly ready: Ready;
  close(): Promise<void>;
}

export async function serve(self: NodeJS.Process): Promise<void> {
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
  self.once('message', (order: StartOrder) => {
    loading
      .then((start) => start(order))
      .then((started) => {
        running = started;
        say(started.ready);
        if (ending) leave(0);
      })
      .catch((thrown: unknown) => {
        const { code, message } = asTallyError(thrown);
        say({ type: 'failed', code, message });
      });
  });
}

/** Each role loads its own rooms only, and before its order comes: half of a start is loading. */
async function loadRole(role: string | undefined): Promise<(order: StartOrder) => Promise<Running>> {
  if (role === 'coordinator') {
    const { startCoordinatorProcess } = await import('@tallystick/coordinator/process');
    return async (order) => {
      if (order.role !== 'coordinator') throw misdirected();
      const identity = await createIdentity(order.id, systemClock, systemRandom);
      const coordinator = await startCoordinatorProcess({
        host: '127.0.0.1',
        port: 0,
        identity,
        withoutCollector: !order.collects,
        log: silentLog,
      });
      const { fingerprint } = coordinator.identity;
      return {
        ready: { type: 'ready', fingerprint, url: coordinator.url },
        close: () => coordinator.close(),
      };
    };
  }
  if (role === 'collector') {
    const { startCollector } = await import('@tallystick/coordinator/collector');
    return async (order) => {
      if (order.role !== 'collector') throw misdirected();
      const identity = await createIdentity(order.id, systemClock, systemRandom);
      const collector = await startCollector({ identity, url: order.coordinatorUrl, log: silentLog });
      return {
        ready: { type: 'ready', fingerprint: identity.fingerprint, url: null },
        close: () => collector.close(),
      };
    };
  }
  const { startNode } = await import('@tallystick/node/daemon');
  return async (order) => {
    if (order.role !== 'node') throw misdirected();
    const node = await startNode({
      place: { kind: 'ephemeral', identity: { id: order.id }, controlDir: order.dataDir },
      coordinatorUrl: order.coordinatorUrl,
      collector: order.collector,
      consent: 'auto',
      // One thread for each party anyway: the vault's own then saves a pool and its start.
      compute: order.threads === 1 ? { inline: true } : { threads: order.threads },
      log: silentLog,
    });
    return {
      ready: { type: 'ready', fingerprint: node.identity.fingerprint, url: null },
      close: () => node.close(),
    };
  };
}

function misdirected(): TallyError {
  return new TallyError('internal.bug', 'child: the order is of another role');
}
