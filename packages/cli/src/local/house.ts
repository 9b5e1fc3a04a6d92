/**
 * A coordinator, collectors and nodes on this machine, ready for sessions.
 *
 * Purpose: start the processes, let everybody pin everybody, import the lists.
 * Assumes: every list belongs to whoever runs this; so consent may be automatic here, and only here.
 * Does not know: what is compared.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ImportResult } from '@tallystick/node/control';
import type { StandingAgreement } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import { type NodeControl, nodeAt } from '../control/index.ts';
import { type Collecting, freeId, type ScenarioParty } from '../scenario/index.ts';
import { type Standing, installAgreement } from './standing.ts';
import { type Child, openHousehold } from './processes.ts';
import { listName, type LocalParty } from './session.ts';

const betterReasonMs = 1000;

export interface House {
  readonly parties: readonly LocalParty[];
  /** The id of the coordinator. */
  readonly coordinator: string;
  /** Ids of those who collect where a session needs it, in the order of an agreement. */
  readonly collectors: readonly string[];
  /** Private directory for answers on their way; gone at `close`. */
  readonly directory: string;
  /** Under a standing agreement: it, and the people of it. */
  readonly standing?: Standing;
  /** By party: the report of its import. */
  readonly imports: ReadonlyMap<string, ImportResult>;
  /** By party: the engine that its node computes with, by the node's own report. */
  readonly engines: ReadonlyMap<string, string>;
  /** Process ids, the coordinator's first. */
  readonly pids: readonly number[];
  /** `work`, or the error of whatever ended meanwhile: a child, or the signal. */
  guard<T>(work: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface HouseOptions {
  /** Or what makes their lists in the house's own directory, gone with it; none of them is called `coordinator`. */
  readonly parties: readonly ScenarioParty[] | ((directory: string) => Promise<readonly ScenarioParty[]>);
  /** Absent: the coordinator. */
  readonly collecting?: Collecting | undefined;
  /** Signed by this run's own keys and installed everywhere. Consent is then asked for, and carries approvals. */
  readonly agreement?: StandingAgreement | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** @throws TallyError of the lists (`list.*`), of a child that ended, or `session.cancelled` at the signal. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const { signal } = options;
  const household = await openHousehold(options.env);
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new TallyError('session.cancelled', 'stopped by a signal'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  stopped.catch(() => {});
  const guard = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await Promise.race([work, household.broken, stopped]);
    } catch (error) {
      // A dead child shows first as a closed socket somewhere: wait a moment for the better reason.
      await Promise.race([
        household.broken,
        stopped,
        new Promise((done) => setTimeout(done, betterReasonMs)),
      ]);
      throw error;
    }
  };
  try {
    return { ...(await guard(furnish(options, household))), guard };
  } catch (error) {
    await household.close();
    throw error;
  }
}

type Household = Awaited<ReturnType<typeof openHousehold>>;

async function furnish(options: HouseOptions, household: Household): Promise<Omit<House, 'guard'>> {
  const { byCoordinator, own } = options.collecting ?? { byCoordinator: true, own: null };
  const taken = typeof options.parties === 'function' ? [] : options.parties.map(({ id }) => id);
  const { agreement } = options;
  // Who collects is whom the agreement names.
  const named = agreement?.collectors?.map(({ id }) => id).find((id) => id !== own);
  const coordinatorId = named ?? freeId('coordinator', own === null ? taken : [...taken, own]);
  const starting = household.start('c', 'coordinator', (dataDir) => ({
    type: 'start',
    role: 'coordinator',
    id: coordinatorId,
    dataDir,
    collects: byCoordinator,
  }));
  starting.catch(() => {}); // awaited below, with the nodes
  const startingOwn =
    own === null ? undefined : startCollector(household, own, async () => (await starting).ready.url ?? '');
  startingOwn?.catch(() => {});
  const parties =
    typeof options.parties === 'function' ? await options.parties(household.directory) : options.parties;
  const threads = Math.max(1, Math.floor(availableParallelism() / parties.length));
  // Members without a list here: their word is wanted that nothing is suspended, and that nobody's log was taken back.
  const members = (agreement?.parties ?? []).filter(({ id }) => parties.every((party) => party.id !== id));
  const startingNodes = [...parties, ...members].map(({ id }, i) =>
    household.start(`n${i}`, 'node', async (dataDir) => ({
      type: 'start',
      role: 'node',
      id,
      dataDir,
      coordinatorUrl: (await starting).ready.url ?? '',
      collector: own ?? coordinatorId,
      threads,
      consent: options.agreement === undefined ? 'auto' : 'ask',
    })),
  );
  const [coordinator, ...nodes] = await Promise.all([starting, ...startingNodes]);
  const ownCollector = await startingOwn;
  const bodies = await Promise.all(
    (agreement?.oversight ?? []).map(({ id }, i) =>
      startOversight(household, `o${i}`, id, coordinator.ready.url ?? ''),
    ),
  );
  const collectors = [
    ...(byCoordinator ? [coordinator] : []),
    ...(ownCollector === undefined ? [] : [ownCollector]),
  ].sort((a, b) => (a.id < b.id ? -1 : 1));
  const controls = nodes.map((_, i) => nodeAt(join(household.directory, `n${i}`)));
  const everybody = [...nodes, ...collectors, ...bodies].map(({ id, ready }) => ({
    id,
    fingerprint: ready.fingerprint,
  }));
  const imports = new Map<string, ImportResult>();
  const engines = new Map<string, string>();
  await Promise.all(
    controls.map(async (node, i) => {
      const self = nodes[i]?.id;
      for (const peer of everybody) if (peer.id !== self) await node.call('peer.add', peer);
      const party = parties[i];
      if (party === undefined) return;
      engines.set(party.id, (await node.call('status', {})).engine.engine);
      imports.set(party.id, await importList(node, party));
    }),
  );
  const children = [...nodes, ...collectors, ...bodies];
  const standing =
    agreement === undefined
      ? undefined
      : await installAgreement(
          agreement,
          children,
          [...controls.keys()].map((i) => join(household.directory, `n${i}`)),
          [...bodies.keys()].map((i) => join(household.directory, `o${i}`)),
        );
  return {
    ...(standing === undefined ? {} : { standing }),
    parties: parties.map(({ id }, i) => ({ id, node: controls[i] as NodeControl })),
    coordinator: coordinatorId,
    collectors: collectors.map(({ id }) => id),
    directory: household.directory,
    imports,
    engines,
    pids: [...new Set([coordinator, ...children])].map(({ pid }) => pid),
    close: () => household.close(),
  };
}

function importList(node: NodeControl, party: ScenarioParty): Promise<ImportResult> {
  const { format, columns } = party;
  return node.call('list.import', {
    path: party.list,
    name: listName,
    ...(format === undefined ? {} : { format }),
    ...(columns === undefined ? {} : { columns }),
  });
}

function startCollector(household: Household, id: string, url: () => Promise<string>): Promise<Child> {
  return household.start('m', 'collector', async (dataDir) => ({
    type: 'start',
    role: 'collector',
    id,
    dataDir,
    coordinatorUrl: await url(),
  }));
}

function startOversight(household: Household, name: string, id: string, url: string): Promise<Child> {
  return household.start(name, 'oversight', (dataDir) => ({
    type: 'start',
    role: 'oversight',
    id,
    dataDir,
    coordinatorUrl: url,
  }));
}
