/** Questions and answers between stations that pin each other: the public door of the room. */
export { createMail, type Mail, type MailHandler, mailTag } from './mail.ts';
