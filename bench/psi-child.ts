/**
 * A process of the benches: one node, or a coordinator with its collector.
 *
 * Purpose: start what a deployment would start, and tell what it has used.
 * Assumes: forked with an IPC channel; when that closes, it ends. Does not know: what is measured.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { startCollector } from '@tallystick/coordinator/collector';
import { startCoordinator } from '@tallystick/coordinator/server';
import { systemClock } from '@tallystick/host/clock';
import { keepYoungSmall } from '@tallystick/host/heap';
import { createIdentity } from '@tallystick/host/identity';
import { systemRandom } from '@tallystick/host/random';
import type { ControlMethod } from '@tallystick/node/control';
import { startNode } from '@tallystick/node/daemon';
import { openVault, type Vault } from '@tallystick/node/vault';
import { type Answer, benchKey, type Numbered, type Order, type Sample, type Started } from './psi-orders.ts';

interface Station {
  readonly started: Started;
  call(method: string, params: unknown): Promise<unknown>;
  used(): Promise<Pick<Sample, 'kernelCpuNs' | 'relayedBytes'>>;
  close(): Promise<void>;
}

// as the commands of the services do
keepYoungSmall();
let station: Station | undefined;

async function startNodeHere(order: Extract<Order, { op: 'node' }>): Promise<Station> {
  let vault: Vault | undefined;
  const node = await startNode({
    place: { kind: 'directory', dataDir: order.dataDir, key: benchKey },
    coordinatorUrl: order.url,
    collector: order.collector,
    consent: 'auto',
    // the same vault that the node would open, kept here to ask it for its statistics
    openVault: async () => (vault = await openVault({ threads: order.threads })),
  });
  const opened = vault as unknown as Vault;
  const { engine } = await opened.engine();
  return {
    started: { fingerprint: node.identity.fingerprint, url: '', engine },
    call: (method, params) => node.call(method as ControlMethod, params as never),
    used: async () => ({ kernelCpuNs: (await opened.stats()).kernelCpuNs, relayedBytes: 0 }),
    close: () => node.close(),
  };
}

async function startCoordinatorHere(id: string): Promise<Station> {
  const server = await startCoordinator();
  const identity = await createIdentity(id, systemClock, systemRandom);
  const collector = await startCollector({ identity, url: server.url });
  return {
    started: { fingerprint: identity.fingerprint, url: server.url, engine: '' },
    call: () => Promise.reject(new Error('a coordinator takes no calls')),
    used: async () => ({ kernelCpuNs: 0, relayedBytes: server.stats.relayedBytes }),
    async close() {
      await collector.close();
      await server.close();
    },
  };
}

/** Linux, proc(5): 5 resets the peak resident set to the current one. */
function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // not Linux, or not permitted: the peak is that of the whole process
  }
}

/** Peak resident set since the last reset (getrusage would tell the parent's before the exec). */
function peakRssBytes(): number {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'));
    if (found !== null) return Number(found[1]) * 1024;
  } catch {
    // not Linux
  }
  return process.resourceUsage().maxRSS * 1024;
}

function started(): Station {
  if (station === undefined) throw new Error('nothing is started');
  return station;
}

async function obey(order: Order): Promise<unknown> {
  switch (order.op) {
    case 'node':
      station = await startNodeHere(order);
      return station.started;
    case 'coordinator':
      station = await startCoordinatorHere(order.id);
      return station.started;
    case 'call':
      return started().call(order.method, order.params);
    case 'sample': {
      const used = await started().used();
      const { user, system } = process.cpuUsage();
      return { ...used, cpuUs: user + system, peakRssBytes: peakRssBytes() } satisfies Sample;
    }
    case 'reset':
      return resetPeak();
    case 'stop':
      return station?.close();
  }
}

async function answer({ number, order }: Numbered): Promise<Answer> {
  try {
    return { number, ok: true, result: await obey(order) };
  } catch (thrown) {
    const { code = 'internal.bug', message = '' } = (thrown ?? {}) as { code?: string; message?: string };
    return { number, ok: false, code, message };
  }
}

process.on('message', (numbered: Numbered) => {
  void answer(numbered).then((said) => {
    const sent = (): void => {
      if (numbered.order.op === 'stop') process.disconnect();
    };
    process.send?.(said, undefined, undefined, sent);
  });
});
process.on('disconnect', () => process.exit(0));
