/** Philox4x32-10 in plain JavaScript, of whole numbers of 32 bits (see assembly/lib/philox.ts). @module */

/** Overwrites `words` with the four for a counter and a key. */
export function philox(
  words: Uint32Array,
  [first, second, third, fourth]: readonly [number, number, number, number],
  [low, high]: readonly [number, number],
): void {
  let [c0, c1, c2, c3, k0, k1] = [first, second, third, fourth, low, high];
  for (let round = 0; round < 10; round++) {
    const [above, below] = [highWord(0xd2511f53, c0), highWord(0xcd9e8d57, c2)];
    const [low0, low1] = [Math.imul(0xd2511f53, c0), Math.imul(0xcd9e8d57, c2)];
    [c0, c1, c2, c3] = [below ^ c1 ^ k0, low1, above ^ c3 ^ k1, low0];
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** The upper 32 bits of the product of two words, by halves. */
function highWord(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const rest = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(rest / 65536)) | 0;
}
