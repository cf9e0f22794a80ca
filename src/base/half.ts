/**
 * Numbers of 16 bits: IEEE 754 half precision (f16: 5 bits of exponent, 10 of fraction) and bfloat16 (bf16: the upper half of a
 * single-precision number: 8 and 7). To the nearest, ties to even. Integer arithmetic alone, the same everywhere.
 * @module
 */

/** The largest number of f16. */
export const MOST_HALF = 65504;

/** Bits of f16. What is beyond its range becomes infinite. */
export function halfBits(values: Float32Array): Uint16Array {
  return narrowed(values, halfOf);
}

/** The numbers of f16 bits, exactly. */
export function fromHalfBits(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = numberOfHalf(halves[i] as number);
  return values;
}

/** Bits of bf16. */
export function brainBits(values: Float32Array): Uint16Array {
  return narrowed(values, brainOf);
}

/** The numbers of bf16 bits, exactly. */
export function fromBrainBits(brains: Uint16Array): Float32Array {
  const words = new Uint32Array(brains.length);
  for (let i = 0; i < brains.length; i++) words[i] = (brains[i] as number) << 16;
  return new Float32Array(words.buffer);
}

/** The number of one bf16. */
export function numberOfBrain(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0] ?? 0;
}

function narrowed(values: Float32Array, narrow: (word: number) => number): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < words.length; i++) bits[i] = narrow(words[i] as number);
  return bits;
}

function brainOf(word: number): number {
  const isNoNumber = (word & 0x7fffffff) > 0x7f800000;
  return isNoNumber ? (word >>> 16) | 64 : roundedShift(word, 16);
}

/** Scales of f16 by their exponents. */
const SCALES = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (exponent - 25));

/** The number of one f16. */
export function numberOfHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * (SCALES[exponent] as number);
}

function halfOf(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const size = word & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00; // NaN
  if (size >= 0x477ff000) return sign | 0x7c00; // rounds to 65536 or more
  if (size >= 0x38800000) return sign | roundedShift(size - 0x38000000, 13); // 2⁻¹⁴ and more
  const exponent = size >>> 23;
  if (exponent < 102) return sign; // less than a half of 2⁻²⁴
  return sign | roundedShift((size & 0x7fffff) | 0x800000, 126 - exponent);
}

/** `word / 2^shift` to the nearest whole number, ties to even. @param word From 0 to 2³² − 1. @param shift 1 to 24. */
function roundedShift(word: number, shift: number): number {
  const whole = word >>> shift;
  const rest = word & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (whole & 1) === 1) ? whole + 1 : whole;
}
