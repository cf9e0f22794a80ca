/** Numbers of 16 bits, from their bits. @module */

/** IEEE 754 binary16: 1 bit sign, 5 bits exponent, 10 bits fraction. */
export function halfOf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent < 31) return sign * (1024 + fraction) * 2 ** (exponent - 25);
  return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
}

/** bfloat16: the upper half of an f32. */
export function brainOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0] ?? 0;
}
