/**
 * The contract suites of this package's ports: every adapter must pass them.
 *
 * Purpose: to be called from the tests of adapters, here and in other packages. Needs vitest.
 */
export { type ChannelPair, channelContract } from './channel.ts';
export { storeContract } from './store.ts';
