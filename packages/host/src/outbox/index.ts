/** Mail that is sent until it is answered: the public door of the room. */
export { createOutbox, type Outbox, type OutboxItem } from './outbox.ts';
