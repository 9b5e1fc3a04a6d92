/** sodium-native brings no types; the bench needs one function. */
declare module 'sodium-native' {
  const sodium: { crypto_scalarmult(out: Buffer, scalar: Buffer, point: Buffer): void };
  export default sodium;
}
