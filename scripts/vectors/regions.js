/** Regions of memory as the vectors describe them. */

/** f32 inputs from the integers [a, b, m, h, d]: v[i] = ((i·a + b) mod m − h) / d, rounded to f32 once. */
export function numbers(shape, b, m = 23, d = 7) {
  return { type: 'f32', shape, formula: [37, b, m, Math.floor(m / 2), d] };
}

/** Inputs from larger integers, so that no two sums of products are equal: for kernels that take a maximum. */
export function distinct(shape, b) {
  return { type: 'f32', shape, formula: [4099, b, 10_007, 5003, 1009] };
}

/** Inputs that are never below 1/d: for kernels that take a root or a logarithm. */
export function positive(shape, b) {
  return { type: 'f32', shape, formula: [37, b, 23, -1, 7] };
}

/** Inputs given as a list. Numbers that JSON lacks are strings: `"NaN"`. */
export function listed(data, type = 'f32', shape = [data.length]) {
  return { type, shape, data };
}

/** A region that a kernel overwrites. */
export function output(shape, type = 'f32') {
  return { type, shape };
}

/** A region of as many bytes as the kernel returns, `times` over. */
export function asked(kernel, args, times = 1) {
  return { bytes: { kernel, args, times } };
}

export function lengthOf({ shape }) {
  return shape.reduce((product, size) => product * size, 1);
}

/** The values of an input as numbers. */
export function valuesOf(region) {
  if (region.data !== undefined) return region.data.map(Number);
  const [a, b, m, h, d] = region.formula;
  return Array.from({ length: lengthOf(region) }, (_, i) =>
    Math.fround((((i * a + b) % m) - h) / d),
  );
}
