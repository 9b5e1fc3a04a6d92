/**
 * Rows of one station that changes fields of one kind of message, or sends a message that is not due.
 */
import type { MessageOf, SignedType } from '@tallystick/protocol/wire';
import { edit, message, type Pick, sends, signedFrame } from '../frames.ts';
import type { Play } from '../play.ts';
import type { Outcome, Row } from '../row.ts';

export const zeros = (bytes: number): string => '00'.repeat(bytes);
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A row of one station that changes one kind of message. */
export function change<T extends SignedType>(
  id: string,
  [role, by, setting]: readonly [Row['role'], string, string],
  [type, to, where]: readonly [T, string?, ((body: MessageOf<T>) => boolean)?],
  deed: string,
  fields: (body: MessageOf<T>, play: Play) => Record<string, unknown>,
  outcome: Outcome,
  more: Partial<Row> = {},
): Row {
  const deviate = sends(
    by,
    message(type, to, where),
    edit<T>(by, (body, play) => fields(body, play) as never),
  );
  return { id, role, setting, message: `\`${type}\``, deed, by: [by], deviate, outcome, ...more };
}

export const flipped = (text: string): string => (text.startsWith('0') ? '1' : '0') + text.slice(1);

/** The first chunk of a list's first stream goes out behind a message that is not due. */
export const ahead = (
  by: string,
  pick: Pick,
  body: (play: Play) => Record<string, unknown>,
): ((play: Play) => void) =>
  sends(
    by,
    pick,
    (frame, play) => [
      signedFrame(play, by, { ...body(play), session: play.session, from: by, signature: '' }),
      frame,
    ],
    'first',
  );
