/**
 * Large arrays that are done with.
 *
 * Purpose: give their memory back at once, zeroed. V8 collects an array's memory when it collects the array, and a thread
 * that works on flat bytes alone makes so little garbage that this is late: on Node 24, megabytes late.
 * Assumes: nobody looks at any view of the buffer again: where it is let go they have no bytes.
 * Does not know: what was in it.
 */

/** ES2024; Node 20 does not have it, and collects external memory sooner. */
interface Transferable {
  transfer?(newLength: number): unknown;
}

/** Zeroes a buffer and lets go of its memory, where the runtime can. */
export function giveBack(buffer: ArrayBuffer): void {
  if (buffer.byteLength === 0) return; // moved, or given back already
  new Uint8Array(buffer).fill(0);
  (buffer as Transferable).transfer?.(0);
}
