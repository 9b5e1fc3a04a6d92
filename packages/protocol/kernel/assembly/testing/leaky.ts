// A deliberately leaky kernel, for the timing test only: it skips the additions of digits that are zero, as a
// careless implementation would. Never committed as wasm.
import { ACCUMULATOR, DECODED, DIGITS, OUTPUT, POINT, SELECTED } from '../layout';
import { decodePairs } from '../index';
import { addCached, buildTable, double, selectDigit, setNeutral } from '../point';
import { beginEncoding, finishEncoding, takePoint } from '../encode';

export { init, setScalar, input, output, scalar } from '../index';

/** OUTPUT = scalar·e like the real one, in a time that tells how many digits are zero. */
export function evaluate(n: i32): i32 {
  beginEncoding();
  const pairs = (n + 1) >> 1;
  for (let pair = 0; pair < pairs; pair++) {
    if ((pair & 1) == 0) decodePairs(pair);
    buildTable(DECODED + POINT * ((pair & 1) as usize));
    setNeutral(ACCUMULATOR);
    for (let i = 63; i >= 0; i--) {
      for (let j = 0; j < 4; j++) double(ACCUMULATOR, true);
      const digit = DIGITS + 16 * (i as usize);
      if (load<i64>(digit) != 0) {
        selectDigit(digit);
        addCached(ACCUMULATOR, ACCUMULATOR, SELECTED, true);
      }
    }
    takePoint(pair, ACCUMULATOR);
  }
  finishEncoding(pairs, OUTPUT);
  return -1;
}
