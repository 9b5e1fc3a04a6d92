/** Corrections between partners: the public door of the room. */
export {
  type Correction,
  correctionActions,
  correctionSchema,
  correctionTag,
  correctionTags,
  isTagged,
  parseCorrection,
  tagsMultiple,
} from './correction.ts';
