/**
 * The number of bytes that a kernel needs, as f64: a product of sizes does not wrap, and whole numbers are exact up to 2⁵³.
 * Each product begins with a size cast to f64.
 */

/** Bytes of `count` f32 or i32. */
export function bytesOf(count: f64): f64 {
  return count * 4;
}

/** The i32 that the ABI returns: 2³¹ − 1 stands for any larger need. */
export function saturate(needed: f64): i32 {
  return <i32>min<f64>(needed, 2147483647.0);
}
