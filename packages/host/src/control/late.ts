/**
 * Methods that come after their socket.
 *
 * Purpose: the socket is the directory's lock, so it is there first; who calls before the methods are waits for them.
 * Assumes: `announce` is called, or the process ends. Does not know: methods.
 */
import { TallyError } from '@tallystick/protocol/errors';
import type { z } from 'zod';
import type { Unwinding } from '../undo/index.ts';
import { type ControlContext, serveControl } from './server.ts';

type MethodsOf<Name extends string> = Readonly<
  Record<Name, (params: never, context: ControlContext) => unknown>
>;

export interface LateMethods<Name extends string> {
  /** Rejects with `control.request`, without waiting, for other parameters; otherwise as the method does. */
  call(method: Name, params: unknown, context?: Partial<ControlContext>): Promise<unknown>;
  announce(methods: MethodsOf<Name>): void;
}

/**
 * Listens in `directory`, where there is one, until `undo` runs. `schemas` has each method's parameters.
 * @throws TallyError `store.locked` where another process owns the directory; `file.*`.
 */
export async function serveLate<Name extends string>(
  directory: string | undefined,
  schemas: Readonly<Record<Name, z.ZodType>>,
  undo: Unwinding,
): Promise<LateMethods<Name>> {
  let announce: (methods: MethodsOf<Name>) => void = () => undefined;
  const ready = new Promise<MethodsOf<Name>>((resolve) => {
    announce = resolve;
  });
  const call: LateMethods<Name>['call'] = async (method, params, context) => {
    const checked = parseParams(method, schemas[method], params);
    const { emit = () => undefined, signal = new AbortController().signal } = context ?? {};
    const methods = await ready;
    return methods[method](checked as never, { emit, signal });
  };
  if (directory !== undefined) {
    const handlers = (Object.keys(schemas) as Name[]).map((name) => [
      name,
      (params: unknown, context: ControlContext) => call(name, params, context),
    ]);
    const server = await serveControl(directory, Object.fromEntries(handlers));
    undo.push(() => server.close());
  }
  return { call, announce: (methods) => announce(methods) };
}

/** @throws TallyError `control.request` naming the field. */
function parseParams(method: string, schema: z.ZodType, params: unknown): unknown {
  const result = schema.safeParse(params ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = [method, ...(issue?.path ?? [])].join('.');
  throw new TallyError('control.request', `${field}: ${issue?.message.toLowerCase() ?? 'invalid'}`);
}
