// A deliberately leaky kernel, for the timing test only: it skips the additions of digits that are zero, as a
// careless implementation would. Never committed as wasm.
import { ACCUMULATOR, DECODED, DIGITS, OUTPUT, POINT, SELECTED } from '../layout';
import { decodePairs, mapPair } from '../index';
import { addCached, buildTable, double, selectDigit, setNeutral } from '../point';
import { beginEncoding, finishEncoding, takePoint } from '../encode';

export { init, setScalar, input, output, scalar } from '../index';

/** o = scalar·p like the real one, in a time that tells how many digits are zero. */
function multiply(o: usize, p: usize): void {
  buildTable(p);
  setNeutral(o);
  for (let i = 63; i >= 0; i--) {
    for (let j = 0; j < 4; j++) double(o, true);
    const digit = DIGITS + 16 * (i as usize);
    if (load<i64>(digit) != 0) {
      selectDigit(digit);
      addCached(o, o, SELECTED, true);
    }
  }
}

/** OUTPUT = scalar·e for n encodings in INPUT. */
export function evaluate(n: i32): i32 {
  beginEncoding();
  const pairs = (n + 1) >> 1;
  for (let pair = 0; pair < pairs; pair++) {
    if ((pair & 1) == 0) decodePairs(pair);
    multiply(ACCUMULATOR, DECODED + POINT * ((pair & 1) as usize));
    takePoint(pair, ACCUMULATOR);
  }
  finishEncoding(pairs, OUTPUT);
  return -1;
}

/** OUTPUT = scalar·MAP(u) for n uniform inputs of 64 bytes in INPUT. */
export function hashAndBlind(n: i32): i32 {
  beginEncoding();
  const pairs = (n + 1) >> 1;
  for (let pair = 0; pair < pairs; pair++) {
    mapPair(pair);
    multiply(ACCUMULATOR, DECODED);
    takePoint(pair, ACCUMULATOR);
  }
  finishEncoding(pairs, OUTPUT);
  return -1;
}
