/**
 * The forms of a session that are measured.
 *
 * Purpose: one list for what is run and for the table made of it. Does not know: sessions.
 */
export type LightForm = 'direct-one' | 'direct-both' | 'sealed';
export type Form = LightForm | `${LightForm}-verified`;

export const forms: readonly Form[] = [
  'direct-one',
  'direct-one-verified',
  'direct-both',
  'direct-both-verified',
  'sealed',
  'sealed-verified',
];
