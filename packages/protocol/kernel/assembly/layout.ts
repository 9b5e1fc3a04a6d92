// Where everything lives in the kernel's linear memory.
//
// Purpose: one map of fixed addresses; nothing is allocated while the kernel runs, so one instance never grows.
// Assumes: the module is built with the `stub` runtime, without static data (addresses from 1024 are ours).
// Does not know: what the regions hold beyond their sizes.
//
// All values are of two elements side by side ("a pair"): one per 64-bit lane.

/** A field element of a pair: five vectors in both builds. */
export const FE: usize = 80;
/** Uncarried columns of a product: 5 vectors (fused) or 10 (portable); room for the larger. */
export const WIDE: usize = 160;
/** A canonical field element as four 64-bit words. */
export const WORDS: usize = 64;
/** Extended point X, Y, Z, T, or cached point Y+X, Y−X, 2Z, 2dT. */
export const POINT: usize = 320;

/** Elements in one block; the host copies in and out by blocks, so memory does not depend on the batch. */
export const BLOCK: i32 = 256;
export const BLOCK_PAIRS: i32 = 128;

// --- public constants, written once by init() ---
/** Constants of the field module (magic numbers, masks, biases). */
export const FIELD: usize = 1024;
/** Curve constants: words (64 bytes) then field element (80 bytes) each. */
export const CONSTANTS: usize = 2048;
export const CONSTANT: usize = 144;
/** SHA-512: 80 round constants, then the initial state; a vector each. */
export const HASH_K: usize = 4352;
export const HASH_IV: usize = HASH_K + 80 * 16;

// --- secret from here on: wipe() clears SECRET .. SECRET_END ---
export const SECRET: usize = 5888;
/** 32 bytes in; overwritten by its half. */
export const SCALAR: usize = SECRET;
/** 64 signed base-16 digits, each splatted over an i64x2. */
export const DIGITS: usize = SCALAR + 64;
/** Columns A, B, C, D of the point formulas. */
export const WIDES: usize = DIGITS + 1024;
/** Columns of a product on their way into a carry (portable). */
export const COLUMNS: usize = WIDES + 4 * 160;
/** Field temporaries, 40 of them, each with a twin for the second of two values worked on side by side. */
export const TEMPS: usize = COLUMNS + 160;
export const TWIN: usize = 40 * 80;
/** Canonical words, 8 temporaries. */
export const TEMPS_WORDS: usize = TEMPS + 2 * TWIN;
/** Points: accumulator, two decoded or mapped points, two maps on their way, selected table entry. */
export const ACCUMULATOR: usize = TEMPS_WORDS + 8 * 64;
export const DECODED: usize = ACCUMULATOR + 320;
export const MAPPED: usize = DECODED + 2 * 320;
export const SELECTED: usize = MAPPED + 2 * 320;
/** Cached multiples 1P … 8P of the current pair. */
export const TABLE: usize = SELECTED + 320;
/** Two pairs in words on their way in. */
export const PAIR: usize = TABLE + 8 * 320;
/** Per pair of the block: mask of bad lanes, mask of lanes that are the identity. */
export const STATUS: usize = PAIR + 128;
/** Per pair of the block: e, f, g, h, e·g, f·h, their product, product of all before (see encode.ts). */
export const STATE: usize = STATUS + 128 * 32;
export const STATE_STRIDE: usize = 640;
/** Block in (32 or 64 bytes an element) and block out (32 bytes an element). */
export const INPUT: usize = STATE + 128 * 640;
export const OUTPUT: usize = INPUT + 256 * 64;
/** Weights of a block (16 bytes each). */
export const WEIGHTS: usize = OUTPUT + 256 * 32;
/** Six points of the weighted sum, and its digits (an i64 each). */
export const SUM_POINTS: usize = WEIGHTS + 256 * 16;
export const SUM_DIGITS: usize = SUM_POINTS + 6 * 320;
/** SHA-512 of two messages: scheduled words of a block, states, scheduled blocks that end b_1's input (3 at most). */
export const HASH_W: usize = SUM_DIGITS + 32 * 8;
export const HASH_STATE: usize = HASH_W + 80 * 16;
export const HASH_MIDSTATE: usize = HASH_STATE + 128;
export const HASH_B0: usize = HASH_MIDSTATE + 128;
export const HASH_TAIL: usize = HASH_B0 + 128;
/** A longer message is hashed by the host. */
export const MESSAGE_BYTES: i32 = 1024;
/** Padded message of each lane: 1,024 bytes, a suffix of at most 259, 17 to 144 of padding, 15 copied too far. */
export const LANE: usize = HASH_TAIL + 3 * 1280;
export const LANE_BYTES: usize = 1536;
/** What follows a message, with padding enough for any length. */
export const SUFFIX: usize = LANE + 2 * LANE_BYTES;
export const SUFFIX_BYTES: usize = 512;
/** Domain separation tag, or what stands before an element in a tag's input. */
export const TERM: usize = SUFFIX + SUFFIX_BYTES;
/** Where each message of a block ends in TEXT (4 bytes each). */
export const ENDS: usize = TERM + 272;
export const TEXT: usize = ENDS + 256 * 4;
export const TEXT_BYTES: i32 = 32768;
export const SECRET_END: usize = TEXT + 32768 + 16;

// --- public: buckets of the weighted sum ---
export const BUCKETS: usize = SECRET_END;
/** End of the largest set: 6 pairs of 11-bit windows, 1,025 buckets each. Fits in 40 pages. */
export const MEMORY_END: usize = BUCKETS + 6 * 1025 * 320;
