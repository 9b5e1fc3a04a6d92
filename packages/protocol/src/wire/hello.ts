/**
 * Version negotiation: the first frame either end sends on a channel.
 *
 * Purpose: agree on the highest protocol version that both ends speak, or refuse by code before anything else; and say
 * which software speaks and what time it thinks it is.
 * Assumes: nothing of what it says: a version and a clock are the sender's own word. Does not know: sessions.
 */
import { z } from 'zod';
import { utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';

export const protocolVersions: readonly number[] = [1];

/** Of every version, whatever else it says: so a newer one is told that none is in common. */
const speaksSchema = z.object({ type: z.literal('hello'), versions: z.array(z.number()) });

const helloSchema = z.strictObject({
  type: z.literal('hello'),
  versions: z.array(z.number().int().min(1).max(1000)).min(1).max(16),
  /** `name/version`. */
  software: z.string().max(64),
  /** The sender's clock as the hello left. */
  atMs: z.number().int().min(0),
});

export interface Hello {
  /** The highest that both speak. */
  readonly protocol: number;
  readonly software: string;
  readonly atMs: number;
}

/** @param atMs milliseconds since 1970 */
export function encodeHello(
  software: string,
  atMs: number,
  versions: readonly number[] = protocolVersions,
): Uint8Array {
  return utf8(JSON.stringify({ type: 'hello', versions, software, atMs }));
}

/** What the sender says, and the version to speak with it. Throws `wire.frame`, `wire.message`, `wire.version`. */
export function parseHello(bytes: Uint8Array, versions: readonly number[] = protocolVersions): Hello {
  if (bytes.length > 1024)
    throw new TallyError('wire.length', `hello: want at most 1024 bytes, got ${bytes.length}`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new TallyError('wire.frame', 'hello: no UTF-8 JSON');
  }
  const speaks = speaksSchema.safeParse(value);
  if (!speaks.success) throw new TallyError('wire.message', 'hello: fields do not match');
  const common = speaks.data.versions.filter((version) => versions.includes(version));
  if (common.length === 0) {
    throw new TallyError('wire.version', `hello.versions: want one of ${versions.join(', ')}, got none`);
  }
  const result = helloSchema.safeParse(value);
  if (!result.success) throw new TallyError('wire.message', 'hello: fields do not match');
  const { software, atMs } = result.data;
  return { protocol: Math.max(...common), software, atMs };
}
