/**
 * Handling marks as people read them.
 *
 * Purpose: one spelling for pages, tables and drawings. Does not know: where marks come from.
 */
import type { HandlingMarks } from '@tallystick/node/control';

export const marksText = ({ tlp, pap }: HandlingMarks): string => `TLP:${tlp} PAP:${pap}`;
