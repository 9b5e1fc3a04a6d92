/** Peers of the benches that ship no types; bench/kernel.ts uses one function of it. */
declare module 'sodium-native' {
  const sodium: {
    crypto_scalarmult(out: Buffer, scalar: Buffer, point: Buffer): void;
    crypto_scalarmult_base(out: Buffer, scalar: Buffer): void;
  };
  export default sodium;
}
