/**
 * Two sums at once that normalisations need, in double precision: as one vector, f64[2].
 *
 *   [Σ a, Σ a·(b − mean)]
 *
 * a, b: f32[length], byte addresses; a may be b. Order: two lanes take turns, then what is left of a multiple of four.
 */
export function sumProducts(a: usize, b: usize, length: i32, mean: f64): v128 {
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  const shift = f64x2.splat(mean);
  let plain = f64x2.splat(0);
  let products = f64x2.splat(0);
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const first = v128.load(a + i);
    const second = v128.load(b + i);
    const firstLow = f64x2.promote_low_f32x4(first);
    const secondLow = f64x2.sub(f64x2.promote_low_f32x4(second), shift);
    plain = f64x2.add(plain, firstLow);
    products = f64x2.add(products, f64x2.mul(firstLow, secondLow));
    const firstHigh = f64x2.promote_low_f32x4(v128.shuffle<f32>(first, first, 2, 3, 2, 3));
    const secondHigh = f64x2.sub(
      f64x2.promote_low_f32x4(v128.shuffle<f32>(second, second, 2, 3, 2, 3)),
      shift,
    );
    plain = f64x2.add(plain, firstHigh);
    products = f64x2.add(products, f64x2.mul(firstHigh, secondHigh));
  }
  let plainSum = f64x2.extract_lane(plain, 0) + f64x2.extract_lane(plain, 1);
  let productSum = f64x2.extract_lane(products, 0) + f64x2.extract_lane(products, 1);
  for (; i < end; i += 4) {
    const first = <f64>load<f32>(a + i);
    plainSum += first;
    productSum += first * (<f64>load<f32>(b + i) - mean);
  }
  return f64x2.replace_lane(f64x2.splat(plainSum), 1, productSum);
}
