/**
 * CPU time of the calling thread, for stretches in which it computes without sleeping.
 *
 * Purpose: Node 20 has no clock of a thread's own CPU time. Wall time overstates it where threads outnumber cores;
 * the first number of /proc/thread-self/schedstat (time on a CPU) is only brought up to date at scheduler ticks,
 * which took 5% off stretches of 40 ms that began after a sleep. The second (time runnable but waiting for a CPU) is
 * exact whenever the thread runs: wall time less that wait is its CPU time. Linux, Documentation/scheduler/sched-stats.
 * Assumes: the function is called on the thread that opened it, before and after work that does not sleep.
 * Does not know: what is measured.
 */
import { openSync, readSync } from 'node:fs';

/**
 * A function whose difference over a stretch of work is the thread's CPU time in ns; where the system does not tell,
 * it is always 0.
 */
export function openThreadCpuClock(): () => number {
  let fd: number;
  try {
    // resolved to this thread when opened; stays open as long as the thread, and Node closes it with the worker
    fd = openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return () => 0;
  }
  const buffer = Buffer.alloc(64);
  const startedNs = process.hrtime.bigint();
  return () => {
    try {
      const length = readSync(fd, buffer, 0, buffer.length, 0);
      const [onCpuNs = 0, waitedNs = Number.NaN] = buffer
        .toString('latin1', 0, length)
        .split(' ')
        .map(Number);
      // a system that does not keep these statistics tells zeros
      if (onCpuNs === 0 || !Number.isFinite(waitedNs)) return 0;
      return Number(process.hrtime.bigint() - startedNs) - waitedNs;
    } catch {
      return 0;
    }
  };
}
