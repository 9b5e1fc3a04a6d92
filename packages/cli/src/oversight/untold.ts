/**
 * Sessions that an oversight body should have heard of.
 *
 * Purpose: what an export tells of, and nobody told the body. Assumes: the export was verified. Does not know: why.
 */
import type { ComparedLog } from '@tallystick/protocol/audit';

/** A session that started on a request that this body does not know. */
export interface Untold {
  readonly station: string;
  readonly session: string;
  readonly request: string;
}

/** Ids of agreements that the body watches, and of the requests that it was told of. */
export interface Known {
  readonly agreements: ReadonlySet<string>;
  readonly requests: ReadonlySet<string>;
}

/** Of agreements that are watched only: others are others' to watch. */
export function untoldIn(
  { header, entries }: Pick<ComparedLog, 'header' | 'entries'>,
  known: Known,
): Untold[] {
  return entries.flatMap((entry): Untold[] => {
    const { type, session, agreement, request } = entry;
    if (type !== 'start' || session === null || agreement === null || request === null) return [];
    if (!known.agreements.has(agreement) || known.requests.has(request)) return [];
    return [{ station: header.station, session, request }];
  });
}
