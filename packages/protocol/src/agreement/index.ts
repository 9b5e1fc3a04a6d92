export * from './ephemeral.ts';
