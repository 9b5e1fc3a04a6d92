/**
 * Runs the command line from its sources, in this process.
 *
 * Purpose: `--conditions=@tallystick/source --import tsx` without a second process: tsx compiles, and the hook
 * below adds the condition by which workspaces resolve to their sources.
 * Assumes: tsx is installed. Does not know: what it loads. Threads and children bring their own registration.
 */
import { register } from 'node:module';
import { register as registerTsx } from 'tsx/esm/api';

const hook = `
export function resolve(specifier, context, next) {
  const conditions = context.conditions ?? [];
  if (conditions.includes('@tallystick/source')) return next(specifier, context);
  return next(specifier, { ...context, conditions: ['@tallystick/source', ...conditions] });
}`;

registerTsx();
register(`data:text/javascript,${encodeURIComponent(hook)}`); // the last one registered is asked first
