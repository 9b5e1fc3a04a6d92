/**
 * What nodes and coordinator say to each other about meeting: JSON text messages, version 1.
 *
 * A node opens one control socket: `hello` → `challenge` → `proof` → `welcome`, then `dial`, `answer`, `list`.
 * For each link both ends open a second socket and say `join` with the token they were given; after `joined`
 * that socket carries only binary messages, which the coordinator pipes and cannot read.
 *
 * Purpose: the schemas, the bytes that registration signs, parse and encode.
 * Assumes: what the coordinator says is a hint: peers are proved by the pinned TLS inside the link.
 * Does not know: sockets.
 */
import { codeOfAbort, type ErrorCode, errorTable, TallyError } from '@tallystick/protocol/errors';
import { z } from 'zod';

export const rendezvousVersions: readonly number[] = [1];

/** Longest WebSocket message, control or link, in bytes (a directory of a thousand nodes fits). */
export const maxMessageBytes = 256 * 1024;
export const maxTagLength = 128;

const nodeId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);
const bytes32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const bytes64 = z.string().regex(/^[A-Za-z0-9_-]{86}$/);
const request = z.int().min(0).max(0xffff_ffff);
const abort = z.int().min(1).max(999);
const tag = z.string().max(maxTagLength);
const versions = z.array(z.int().min(0).max(0xffff)).min(1).max(16);

// `hello` and `join` ignore fields they do not know, so that a newer node gets as far as `wire.version`.
const nodeMessages = {
  hello: z.object({ type: z.literal('hello'), versions, id: nodeId, publicKey: bytes32 }),
  proof: z.strictObject({ type: z.literal('proof'), signature: bytes64 }),
  dial: z.strictObject({ type: z.literal('dial'), request, to: nodeId, tag }),
  answer: z.strictObject({ type: z.literal('answer'), link: bytes32, abort }),
  list: z.strictObject({ type: z.literal('list'), request }),
  join: z.object({ type: z.literal('join'), versions, token: bytes32 }),
};

const coordinatorMessages = {
  challenge: z.strictObject({ type: z.literal('challenge'), version: z.int(), challenge: bytes32 }),
  welcome: z.strictObject({ type: z.literal('welcome') }),
  ring: z.strictObject({ type: z.literal('ring'), link: bytes32, token: bytes32, from: nodeId, tag }),
  linked: z.strictObject({ type: z.literal('linked'), request, link: bytes32, token: bytes32 }),
  failed: z.strictObject({ type: z.literal('failed'), request, abort }),
  nodes: z.strictObject({
    type: z.literal('nodes'),
    request,
    nodes: z.array(z.strictObject({ id: nodeId, fingerprint: z.string().max(64), online: z.boolean() })),
  }),
  joined: z.strictObject({ type: z.literal('joined') }),
};

type Shapes<T extends Record<string, z.ZodType>> = { [K in keyof T]: z.infer<T[K]> }[keyof T];
export type NodeMessage = Shapes<typeof nodeMessages>;
export type CoordinatorMessage = Shapes<typeof coordinatorMessages>;

function parseMessage(shapes: Record<string, z.ZodType>, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TallyError('wire.message', 'control message: want JSON');
  }
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  const shape = typeof type === 'string' && Object.hasOwn(shapes, type) ? shapes[type] : undefined;
  if (shape === undefined) throw new TallyError('wire.type', 'control message: unknown type');
  const result = shape.safeParse(value);
  if (!result.success) {
    const field = result.error.issues[0]?.path.join('.') ?? '';
    throw new TallyError(
      'wire.message',
      `control message.${field}: ${result.error.issues[0]?.code ?? 'invalid'}`,
    );
  }
  return result.data;
}

/** @throws TallyError `wire.message`, `wire.type`. */
export const parseNodeMessage = (text: string): NodeMessage =>
  parseMessage(nodeMessages, text) as NodeMessage;

/** @throws TallyError `wire.message`, `wire.type`. */
export const parseCoordinatorMessage = (text: string): CoordinatorMessage =>
  parseMessage(coordinatorMessages, text) as CoordinatorMessage;

export const encodeMessage = (message: NodeMessage | CoordinatorMessage): string => JSON.stringify(message);

/** The highest version in common. @throws TallyError `wire.version`. */
export function chooseVersion(
  offered: readonly number[],
  own: readonly number[] = rendezvousVersions,
): number {
  const common = offered.filter((version) => own.includes(version));
  if (common.length === 0) {
    throw new TallyError(
      'wire.version',
      `versions: want one of ${own.join(', ')}, got ${offered.slice(0, 16).join(', ')}`,
    );
  }
  return Math.max(...common);
}

/** What a node signs to register: label, id, key and the coordinator's 32 random bytes. */
export function registrationBytes(id: string, publicKey: Uint8Array, challenge: Uint8Array): Uint8Array {
  const name = new TextEncoder().encode(id);
  const label = new TextEncoder().encode('tallystick-v1-register');
  return Uint8Array.from([...label, 0, name.length, ...name, ...publicKey, ...challenge]);
}

export const encodeBase64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
export const parseBase64url = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64url'));

export const abortOf = (code: ErrorCode): number => errorTable[code].abort;
/** A number this version does not know is still a refusal. */
export const codeOf = (number: number): ErrorCode => codeOfAbort(number) ?? 'wire.message';
