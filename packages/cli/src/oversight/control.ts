/**
 * The running oversight body's control API, typed.
 *
 * Purpose: one call, one result, by the contract of `@tallystick/oversight/control`.
 * Assumes: the body runs in the data directory and is of this version. Does not know: the transport.
 */
import { callControl } from '@tallystick/host/control';
import type { OversightMethod, OversightParams, OversightResults } from '@tallystick/oversight/control';
import type { Call } from '../args/types.ts';
import { dataDirectory } from '../commands/common.ts';

/** @throws TallyError as the body throws it; `control.refused` where none answers. */
export async function askBody<M extends OversightMethod>(
  { options, io }: Call,
  method: M,
  params: OversightParams<M>,
): Promise<OversightResults[M]> {
  const result = await callControl(dataDirectory(options, io), method, params, { signal: io.signal });
  return result as OversightResults[M];
}
