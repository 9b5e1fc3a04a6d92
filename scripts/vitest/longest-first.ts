/**
 * In which order test files run: the long ones first, so that no core is idle at the end while another has a long one left.
 *
 * Purpose: vitest sorts by how long files took the last time; a clean checkout remembers nothing, and then the largest file
 * is first, which says little: a file of four lines may play a hundred sessions. Files that need a process of their own
 * come first, so that the others share theirs to the end.
 * Assumes: names stand in the order of their length. Does not know: figures, and what tests do.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Test files that take longest, the longest first. What is not named comes after. */
const longest = [
  'test/misbehaviour/four',
  'test/misbehaviour/sealed-messages',
  'test/misbehaviour/chunks',
  'test/cli/walkthrough',
  'test/attacks/blinded',
  'test/attacks/counts',
  'evidence/evidence.ring',
  'chain/chain.ring',
  'test/misbehaviour/contents',
  'test/cli/run.',
  'test/session/ends',
  'test/misbehaviour/',
  'test/cli/killed',
  'chain/proofs.ring',
  'oracle/sessions-',
  'test/cli/',
  'test/attacks/',
  'test/session/',
  '.ring.test.ts',
  '.slow.test.ts',
];

function rankOf({ moduleId }: TestSpecification): number {
  const rank = longest.findIndex((part) => moduleId.includes(part));
  return rank < 0 ? longest.length : rank;
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isShared = ({ project }: TestSpecification): number => (project.config.isolate ? 0 : 1);
    // Stable: among files of one rank vitest's own order stays.
    return (await super.sort(files)).toSorted((a, b) => isShared(a) - isShared(b) || rankOf(a) - rankOf(b));
  }
}
