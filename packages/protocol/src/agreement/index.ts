/** Agreements: what a session is bound to: the public door of the room. */
export * from './ephemeral.ts';
