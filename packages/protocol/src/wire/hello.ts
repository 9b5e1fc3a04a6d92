/**
 * Version negotiation: the first frame either end sends on a channel.
 *
 * Purpose: agree on the highest protocol version that both ends speak, or refuse by code before anything else.
 * Does not know: sessions.
 */
import { z } from 'zod';
import { utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';

export const protocolVersions: readonly number[] = [1];

const helloSchema = z.strictObject({
  type: z.literal('hello'),
  versions: z.array(z.number().int().min(1).max(1000)).min(1).max(16),
  software: z.string().max(64),
});

export function encodeHello(software: string, versions: readonly number[] = protocolVersions): Uint8Array {
  return utf8(JSON.stringify({ type: 'hello', versions, software }));
}

/** The version to speak with the sender of this hello. Throws `wire.frame`, `wire.message`, `wire.version`. */
export function parseHello(bytes: Uint8Array, versions: readonly number[] = protocolVersions): number {
  if (bytes.length > 1024)
    throw new TallyError('wire.length', `hello: want at most 1024 bytes, got ${bytes.length}`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new TallyError('wire.frame', 'hello: no UTF-8 JSON');
  }
  const result = helloSchema.safeParse(value);
  if (!result.success) throw new TallyError('wire.message', 'hello: fields do not match');
  const common = result.data.versions.filter((version) => versions.includes(version));
  if (common.length === 0) {
    throw new TallyError('wire.version', `hello.versions: want one of ${versions.join(', ')}, got none`);
  }
  return Math.max(...common);
}
