/**
 * Partners' audit logs, as a decision about the start asks for them.
 *
 * Purpose: from what consents show, when each partner's log was last witnessed by somebody who counts.
 * Assumes: the machine checked form, name and key of what is shown. Does not know: how old it may be (protocol/policy).
 */
import type { StandingAgreement } from '@tallystick/protocol/agreement';
import { parseCheckpoint, witnessedAtMs } from '@tallystick/protocol/audit';
import { parseHex } from '@tallystick/protocol/bytes';
import { currentKey, type PolicyState } from '@tallystick/protocol/policy';
import type { MessageOf } from '@tallystick/protocol/wire';

/** When somebody whom the agreement names, and not its owner, cosigned the log that each partner's consent shows. */
export function partnersLogs(
  partners: readonly string[],
  { parties, oversight }: Pick<StandingAgreement, 'parties' | 'oversight'>,
  keys: PolicyState['membership']['keys'],
  consents: ReadonlyMap<string, Pick<MessageOf<'consent'>, 'log'>> | undefined,
): PolicyState['log']['partners'] {
  const witnesses = [...parties, ...oversight].map(({ id, publicKey }) => ({
    station: id,
    publicKey: parseHex(currentKey(keys, id, null, publicKey)),
  }));
  return partners.flatMap((station) => {
    const note = consents?.get(station)?.log?.witnessed;
    if (note == null) return [];
    const others = witnesses.filter((witness) => witness.station !== station);
    return [{ station, witnessedAtMs: witnessedAtMs(parseCheckpoint(note), others) }];
  });
}
