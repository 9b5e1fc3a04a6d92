/** Output privacy: exact noise, sensitivities, suppression, the privacy ledger. See docs/privacy.md. */
export {
  cellSpace,
  checkCounts,
  derive,
  listsIn,
  maxCells,
  mergeLabels,
  type Cell,
  type CellSpace,
  type Derived,
  type LabelGroup,
  type LabelSize,
  type ListShape,
} from './cells.ts';
export { capsSchema, defaultPeriodDays, parseCaps, type LedgerCaps } from './caps.ts';
export * from './compare.ts';
export {
  encodeNoise,
  femtoDelta,
  parseDelta,
  parseEpsilon,
  tailBound,
  withinTail,
  type EncodedNoise,
  type Noise,
} from './epsilon.ts';
export * from './ledger.ts';
export type { Rational } from './rational.ts';
export * from './release.ts';
export { discreteGaussian, discreteLaplace, uniformFrom, type UniformBelow } from './samplers.ts';
export * from './seed.ts';
export { sensitivityOf, type Sensitivity, type SensitivityQuery, type Statistic } from './sensitivity.ts';
export { deriveReleased, requireCount, suppress, type SuppressionRequest } from './suppress.ts';
export type { CountCell, WithheldReason } from './withheld.ts';
