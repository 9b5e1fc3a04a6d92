/**
 * The yardstick: one X25519 of the machine's own OpenSSL, by `openssl speed`.
 *
 * Purpose: native speed in the same run, so that ratios hold from one machine to the next.
 * Assumes: `openssl speed` counts CPU time of its own process (it does unless told `-elapsed`).
 * Does not know: what it is compared with.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** CPU time of one X25519 in µs, measured over `seconds`; undefined where there is no usable openssl. */
export async function nativeX25519Us(seconds: number): Promise<number | undefined> {
  try {
    const { stdout } = await run('openssl', ['speed', '-seconds', String(seconds), 'ecdhx25519']);
    const line = stdout.split('\n').find((text) => text.includes('X25519'));
    const perSecond = Number(line?.trim().split(/\s+/).at(-1));
    return perSecond > 0 ? 1e6 / perSecond : undefined;
  } catch {
    return undefined;
  }
}

/** The same while `processes` of them run at once: cores of one machine are not independent. */
export async function nativeX25519TogetherUs(
  seconds: number,
  processes: number,
): Promise<number | undefined> {
  const all = await Promise.all(Array.from({ length: processes }, () => nativeX25519Us(seconds)));
  const known = all.filter((us) => us !== undefined);
  return known.length === processes ? known.reduce((sum, us) => sum + us, 0) / processes : undefined;
}
