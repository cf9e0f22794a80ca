/**
 * Pixels, channel by channel, from 0 … 1 to a mean near 0 and a deviation near 1.
 *
 *   x[n, c, p] = (x[n, c, p] − statistics[0, c]) / statistics[1, c]
 *
 * x: f32[batch, channels, pixels]. statistics: f32[2, channels], means, then deviations above 0. Byte addresses; nothing
 * overlaps.
 */

/**
 * x = (x − mean) / deviation
 *
 * @updates x
 */
export function normalize(
  x: usize,
  statistics: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
): void {
  assert(batch >= 0 && channels >= 0 && pixels >= 0);
  const end = (<usize>pixels) << 2;
  const vectorEnd = end & ~15;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const mean = load<f32>(statistics + ((<usize>c) << 2));
      const deviation = load<f32>(statistics + ((<usize>(channels + c)) << 2));
      const means = f32x4.splat(mean);
      const deviations = f32x4.splat(deviation);
      let i: usize = 0;
      for (; i < vectorEnd; i += 16) {
        v128.store(x + i, f32x4.div(f32x4.sub(v128.load(x + i), means), deviations));
      }
      for (; i < end; i += 4) store<f32>(x + i, (load<f32>(x + i) - mean) / deviation);
      x += end;
    }
  }
}
