/**
 * Witnesses of this node.
 *
 * Purpose: heads cosigned in both directions from the start on; which members of an agreement have to have confirmed the
 * log since then; who watches a station whose log is found cut, taken back or broken.
 * Assumes: pins say who is asked. Does not know: sessions, decisions.
 */
import { type AgreementShelf, stationsUnder } from '@tallystick/host/agreements';
import {
  createWitnessStore,
  keepWitnessed,
  LogFaults,
  type LogStatus,
  LogWitness,
  type WitnessStore,
} from '@tallystick/host/audit';
import type { Sealer } from '@tallystick/host/seal';
import type { Store } from '@tallystick/host/store';

type WitnessOptions = ConstructorParameters<typeof LogWitness>[0];

export interface NodeWitnessOptions extends Omit<WitnessOptions, 'store' | 'onFault'> {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly agreements: Pick<AgreementShelf, 'get' | 'list'>;
  /** Parties that have withdrawn from an agreement, by its id. */
  withdrawn(agreement: string): readonly string[];
}

export interface NodeWitness {
  readonly witnesses: WitnessStore;
  readonly witness: LogWitness;
  /** What a decision about a session with these partners wants to know. */
  statusFor(partners: readonly string[], agreement: string): LogStatus;
  /** Asks these partners, and members of the agreement that have not confirmed the log since the start. Never rejects. */
  refresh(partners: readonly string[], agreement: string): Promise<void>;
  /** A log was found other than it was: whoever watches it is told. */
  onFault(): void;
  stop(): void;
}

export function keepWitnesses({
  sealer,
  agreements,
  withdrawn,
  ...options
}: NodeWitnessOptions): NodeWitness {
  const { identity, clock, peers } = options;
  const witnesses = createWitnessStore(options.store, sealer);
  const given = { ...options, store: witnesses };
  /** Bodies of the agreements that this node and that station are both under. */
  const bodies = (station: string): string[] =>
    agreements.list().flatMap(({ signed }) => {
      const stations = stationsUnder(signed.agreement);
      if (!stations.some(({ id }) => id === station)) return [];
      return stations.filter(({ kind }) => kind === 'oversight').map(({ id }) => id);
    });
  const faults = new LogFaults({ ...given, bodies });
  const onFault = (): void => void faults.tell();
  const witness = new LogWitness({ ...given, onFault });
  /** A node knows by key whom it pins, and bodies; of others it can ask nothing. */
  const members = (id: string): string[] => {
    const agreement = agreements.get(id)?.signed.agreement;
    if (agreement === undefined) return [];
    const gone = withdrawn(id);
    return [...agreement.parties, ...agreement.oversight]
      .map((one) => one.id)
      .filter((one) => one !== identity.id && !gone.includes(one) && peers().has(one));
  };
  return {
    witnesses,
    witness,
    statusFor(partners, agreement) {
      const status = witness.statusFor(partners);
      return { ...status, confirmed: status.confirmed && witness.isConfirmedBy(members(agreement)) };
    },
    refresh: (partners, agreement) =>
      witness.refresh([
        ...new Set([...partners, ...members(agreement).filter((one) => !witness.isConfirmedBy([one]))]),
      ]),
    onFault,
    stop: keepWitnessed(witness, faults, clock),
  };
}
