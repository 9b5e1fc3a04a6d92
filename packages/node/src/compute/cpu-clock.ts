/**
 * CPU time of the calling thread.
 *
 * Purpose: Node 20 has no clock of a thread's own CPU time; Linux tells it in /proc/thread-self/schedstat
 * (first number: nanoseconds on a CPU). Wall time would overstate where threads outnumber cores.
 * Assumes: the function is called on the thread that opened it. Does not know: what is measured.
 */
import { openSync, readSync } from 'node:fs';

/** A function that gives the thread's CPU time so far in ns; where the system does not tell, always 0. */
export function openThreadCpuClock(): () => number {
  let fd: number;
  try {
    // resolved to this thread when opened; stays open as long as the thread, and Node closes it with the worker
    fd = openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return () => 0;
  }
  const buffer = Buffer.alloc(64);
  return () => {
    try {
      const length = readSync(fd, buffer, 0, buffer.length, 0);
      const ns = Number.parseInt(buffer.toString('latin1', 0, length), 10);
      return Number.isFinite(ns) ? ns : 0;
    } catch {
      return 0;
    }
  };
}
