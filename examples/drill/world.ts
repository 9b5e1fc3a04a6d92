/**
 * The stations of the drill: a coordinator, five agencies' nodes and an oversight body, in one process.
 *
 * Purpose: everything as it is between machines, but for the clock: data directories on disk, WebSockets, TLS between
 * each two, audit logs, the same control calls as the command line's. The keys that the draft leaves open are put in,
 * and every station signs.
 * Assumes: the draft names these stations. Does not know: what happens in the drill.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeOfficers, type Officers } from '@tallystick/cli/local';
import type { PlainList } from '@tallystick/cli/oracle';
import { startCoordinatorProcess } from '@tallystick/coordinator/process';
import { openAuditLog } from '@tallystick/host/audit';
import { initDirectory, unlockDirectory } from '@tallystick/host/directory';
import { systemRandom } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import { type RunningNode, startNode } from '@tallystick/node/daemon';
import { type RunningOversight, startOversight } from '@tallystick/oversight/body';
import {
  type AgreementSignature,
  parseStanding,
  readStrictJson,
  signersOf,
  signStanding,
  type StandingAgreement,
  standingId,
  stripComments,
} from '@tallystick/protocol/agreement';
import { type SteeredClock, steeredClock } from './clock.ts';
import { type AgencyId, agencyIds, listFiles, readLists } from './lists.ts';
import { until } from './until.ts';

export const bodyId = 'inspectorate';
export const collectorId = 'meeting';
/** What each agency calls its list. */
export const listName = 'people';

/** The first morning of the drill. */
const startMs = Date.UTC(2027, 2, 1, 9);
/** The keys of these directories guard invented lists for a minute; a real `tallystick init` takes a hundred times as long. */
const scryptCost = { N: 2 ** 10, r: 8, p: 1 };
/** A machine under load answers late: nobody is given up soon. */
const patience = { openMs: 120_000, limits: { silentMs: 120_000 } };

export interface World {
  readonly clock: SteeredClock;
  readonly agreement: StandingAgreement;
  /** SHA-256, hex. */
  readonly agreementId: string;
  readonly officers: Officers;
  /** The five lists in plaintext, in the order of `agencyIds`. */
  readonly lists: readonly PlainList[];
  readonly body: RunningOversight;
  /** Private, gone at `close`. */
  readonly folder: string;
  node(id: AgencyId): RunningNode;
  dataDir(id: string): string;
  keyFile(id: string): string;
  /** Members have heard each other, as they do by themselves, and cosigned each other's logs; @param ids those who take part still */
  settle(ids?: readonly AgencyId[]): Promise<void>;
  /** What others pin of a station. */
  fingerprintOf(id: string): string;
  /** Stops every station; their directories stay until `close`. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'tallystick-drill-'));
  const running: { close(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    // The coordinator last: whoever stops says so.
    for (const one of running.splice(0).reverse()) await one.close();
  };
  const close = async (): Promise<void> => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return await furnish(folder, running, { stop, close });
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function furnish(
  folder: string,
  running: { close(): Promise<void> }[],
  ends: Pick<World, 'stop' | 'close'>,
): Promise<World> {
  const clock = steeredClock(startMs);
  const dataDir = (id: string): string => join(folder, id);
  const keyFile = (id: string): string => join(folder, `${id}.key`);
  const keyOf = (id: string) => ({ kind: 'file' as const, path: keyFile(id) });
  const placeOf = (id: string) => ({ kind: 'directory' as const, dataDir: dataDir(id), key: keyOf(id) });

  const { signed, officers } = await agree({ folder, clock, dataDir, keyOf });
  const { store, identity, dataKey } = await unlockDirectory(
    dataDir(collectorId),
    keyOf(collectorId),
    systemRandom,
  );
  const sealer = createSealer(dataKey, systemRandom);
  dataKey.fill(0);
  running.push({
    close() {
      sealer.destroy();
      store.close();
      return Promise.resolve();
    },
  });
  const coordinator = await startCoordinatorProcess({
    identity,
    audit: openAuditLog({ store, sealer, clock, random: systemRandom, identity }),
    clock,
    openMs: patience.openMs,
    sessionLimits: patience.limits,
  });
  running.push(coordinator);

  const nodes = new Map<AgencyId, RunningNode>();
  for (const id of agencyIds) {
    const node = await startNode({
      place: placeOf(id),
      coordinatorUrl: coordinator.url,
      collector: collectorId,
      clock,
      monotonicMs: () => clock.monotonicMs(),
      compute: { inline: true },
      // The node would; the agreement does not.
      redressDisclose: true,
      ...patience,
    });
    running.push(node);
    nodes.set(id, node);
  }
  const body = await startOversight({ place: placeOf(bodyId), coordinatorUrl: coordinator.url, clock });
  running.push(body);
  const node = (id: AgencyId): RunningNode => nodes.get(id) as RunningNode;

  // Each pins the others, after comparing fingerprints by another way, and imports its list.
  const stations = [...[...nodes.values()].map((one) => one.identity), body.identity, coordinator.identity];
  for (const { id, list, columns } of listFiles) {
    for (const peer of stations) {
      if (peer.id === id) continue;
      await node(id).call('peer.add', { id: peer.id, fingerprint: peer.fingerprint });
    }
    await node(id).call('list.import', {
      path: list,
      name: listName,
      ...(columns === undefined ? {} : { columns: { ...columns } }),
    });
    await node(id).call('agreement.install', { agreement: signed });
  }
  await body.call('oversight.install', { signed });

  const { agreement } = signed;
  const agreementId = standingId(agreement);
  const settle: World['settle'] = async (ids = agencyIds) => {
    await until(async () => {
      const known = await Promise.all([
        body.call('membership.status', {}),
        ...ids.map((id) => node(id).call('membership.status', {})),
      ]);
      return known.every(([status]) => status?.standing === 'open');
    }, 'every member has said that nothing is suspended');
    await Promise.all(ids.map((id) => node(id).call('audit.witness', { peers: [] })));
  };
  return {
    clock,
    agreement,
    agreementId,
    officers,
    lists: await readLists(),
    body,
    folder,
    node,
    dataDir,
    keyFile,
    settle,
    fingerprintOf: (id) => stations.find((one) => one.id === id)?.fingerprint ?? '',
    ...ends,
  };
}

interface Agreeing {
  readonly folder: string;
  readonly clock: SteeredClock;
  dataDir(id: string): string;
  keyOf(id: string): { readonly kind: 'file'; readonly path: string };
}

/** Every station makes its keys, everybody's stand in the agreement, and every party and the body signs. */
async function agree({ folder, clock, dataDir, keyOf }: Agreeing) {
  const text = await readFile(fileURLToPath(new URL('agreement.jsonc', import.meta.url)), 'utf8');
  const draft = parseStanding(readStrictJson(stripComments(text)).value);
  const officers = makeOfficers(draft);
  await mkdir(folder, { recursive: true });
  const ids = [...agencyIds, bodyId, collectorId];
  for (const id of ids) {
    await writeFile(keyOf(id).path, Buffer.from(systemRandom(32)).toString('hex'), { mode: 0o600 });
    await initDirectory(dataDir(id), id, keyOf(id), { clock, scryptCost });
  }
  const opened = await Promise.all(ids.map((id) => unlockDirectory(dataDir(id), keyOf(id), systemRandom)));
  try {
    const keys = new Map(
      opened.map(({ identity: { id, fingerprint, publicKey } }) => [
        id,
        { fingerprint, publicKey: Buffer.from(publicKey).toString('hex') },
      ]),
    );
    const agreement = parseStanding(officers.fillIn(draft, keys));
    const signatures = signersOf(agreement).map(({ id, publicKey }): AgreementSignature => {
      const own = opened.find((one) => one.identity.id === id)?.identity;
      if (own === undefined) throw new Error(`${id}: no station of the drill`);
      return signStanding(agreement, id, publicKey, (message) => own.sign(message));
    });
    return { signed: { agreement, signatures }, officers };
  } finally {
    for (const { store, dataKey } of opened) {
      dataKey.fill(0);
      store.close();
    }
  }
}
