export * from './result.ts';
export * from './text.ts';
