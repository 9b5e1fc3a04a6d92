/**
 * Where attacks take place: a world of real nodes whose lists change from run to run.
 *
 * Purpose: the victim's list is replaced, an attacker holds as many lists as he likes, a run is one call. No node caps
 * anything by itself: an attack that ends at a cap says so.
 * Assumes: nodes consent by themselves (test/session/world.ts); a victim has one list, an attacker proposes.
 * Does not know: attacks.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeptLedger } from '@tallystick/host/ledger';
import type { ProposeParams, SessionDetail } from '@tallystick/node/control';
import { asTallyError } from '@tallystick/protocol/errors';
import {
  columns,
  csvOf,
  type Insides,
  passports,
  startWorld,
  type World,
  type WorldOptions,
} from '../session/world.ts';

export interface Arena {
  readonly world: World;
  inside(id: string): Insides;
  /** Replaces the list that a node consents with; `tiers`: a label for each number. */
  relist(id: string, numbers: readonly string[], tiers?: readonly string[]): Promise<void>;
  /** Gives a node one more list; its name. Only for nodes that propose. `tiers`: a label for each number. */
  addList(id: string, numbers: readonly string[], tiers?: readonly string[]): Promise<string>;
  /** Runs a session to its end at the proposer, whose view of it this is. Throws what proposing throws. */
  run(from: string, params: ProposeParams): Promise<SessionDetail>;
  close(): Promise<void>;
}

export const noCaps = { periodDays: 7, sessions: null, records: null, versions: null, microEpsilon: null };

type Method<K extends keyof KeptLedger> = Extract<KeptLedger[K], (...args: never[]) => unknown>;

/**
 * From now on a node's own ledger denies it nothing: it proposes, consents and freezes whatever stands there. What then
 * refuses is somebody else. Returns the way back.
 */
export function ignoreOwnLedger(id: string): () => void {
  const { findings, reserve, charge } = KeptLedger.prototype;
  const isOf = (ledger: KeptLedger): boolean =>
    (Reflect.get(ledger, 'options') as { self: { id: string } }).self.id === id;
  const forgiving = <A extends unknown[], R>(method: (...args: A) => R, otherwise: R) =>
    function (this: KeptLedger, ...args: A): R {
      try {
        return method.apply(this, args);
      } catch (thrown) {
        if (isOf(this) && asTallyError(thrown).code === 'privacy.budget') return otherwise;
        throw thrown;
      }
    };
  KeptLedger.prototype.reserve = forgiving(reserve as Method<'reserve'>, undefined);
  KeptLedger.prototype.charge = forgiving(charge as Method<'charge'>, undefined);
  KeptLedger.prototype.findings = function (...args) {
    return isOf(this) ? [] : findings.apply(this, args);
  };
  return () => Object.assign(KeptLedger.prototype, { findings, reserve, charge });
}

/** Lists that nobody asks about; the attack brings its own. */
export async function openArena(
  ids: readonly string[],
  options: Omit<WorldOptions, 'lists'> = {},
): Promise<Arena> {
  const directory = await mkdtemp(join(tmpdir(), 'tallystick-attack-'));
  const lists = Object.fromEntries(ids.map((id) => [id, passports(2)]));
  const { adjust } = options;
  const world = await startWorld({
    // the clock's tick hides how long noise took; here nobody times
    limits: { releaseTickMs: 1 },
    // many sessions a second
    coordinator: { limits: { maxBurst: 100_000 } },
    ...options,
    adjust: (id, node) => {
      const uncapped = { ...node, localCaps: noCaps };
      return adjust?.(id, uncapped) ?? uncapped;
    },
    lists,
  });
  let files = 0;
  const importList = async (
    id: string,
    name: string,
    numbers: readonly string[],
    tiers?: readonly string[],
  ): Promise<void> => {
    files += 1;
    const path = join(directory, `${files}.csv`);
    const [head, ...rows] = csvOf(numbers).trimEnd().split('\n');
    const lines = [`${head},tier`, ...rows.map((row, i) => `${row},${tiers?.[i] ?? ''}`), ''];
    await writeFile(path, lines.join('\n'));
    const mapping = { ...columns, labels: { tier: 'tier' } };
    await world.node(id).call('list.import', { path, name, format: 'csv', columns: mapping, replace: true });
  };
  return {
    world,
    inside: (id) => world.inside(id),
    relist: (id, numbers, tiers) => importList(id, 'watch', numbers, tiers),
    async addList(id, numbers, tiers) {
      const name = `list-${files}`;
      await importList(id, name, numbers, tiers);
      return name;
    },
    async run(from, params) {
      const { session } = await world.node(from).call('session.propose', params);
      return world.node(from).call('session.watch', { session });
    },
    async close() {
      await world.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
