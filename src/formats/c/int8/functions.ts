/** The functions of a network in whole numbers, in C: the arithmetic of src/model/int8/run.ts. @module */
import { type CFunction, cFunction } from '../program.ts';

/** Right shifts of negative numbers are left to compilers: here they round down. */
const scaledFunction = cFunction(
  'scaled',
  `
/* zero + floor(product / 2^shift + 1/2), saturated */
static int8_t scaled(int64_t product, int shift, int zero)
{
  const int64_t power = (int64_t)1 << shift, sum = product + power / 2;
  const int64_t y = (sum >= 0 ? sum / power : -((power - 1 - sum) / power)) + zero;
  return (int8_t)(y < -128 ? -128 : y > 127 ? 127 : y);
}
`,
);

export const bytesFunction: CFunction = cFunction(
  'bytes',
  `
/* Bytes of the image: byte - 128 */
static void bytes(int8_t *y, const uint8_t *image, int length)
{
  int i;
  for (i = 0; i < length; i++) y[i] = (int8_t)(image[i] - 128);
}
`,
);

export const bytesByTableFunction: CFunction = cFunction(
  'bytes_by_table',
  `
/* Bytes of the image, by a table of 256 for each channel */
static void bytes_by_table(int8_t *y, const uint8_t *image, const int8_t *table, int channels, int pixels)
{
  int i;
  for (i = 0; i < channels * pixels; i++) y[i] = table[256 * (i / pixels) + image[i]];
}
`,
);

export const convolveFunction: CFunction = cFunction(
  'conv2d',
  `
/* The sum over c, p and q of (x[c, i * stride + p * dilation - pad, ...] - x_zero) * w[o, c, p, q], and b[o]; nothing around x */
static void conv2d(int8_t *y, const int8_t *x, const int8_t *w, const int32_t *b, const int32_t *multiplier,
                   const uint8_t *shift, int x_zero, int y_zero, int in_c, int in_h, int in_w,
                   int out_c, int out_h, int out_w, int k_h, int k_w, int stride_h, int stride_w,
                   int pad_h, int pad_w, int dilation_h, int dilation_w, int groups)
{
  const int group_c = in_c / groups;
  int o, i, j, c, p, q;
  for (o = 0; o < out_c; o++) {
    const int8_t *planes = x + o / (out_c / groups) * group_c * in_h * in_w;
    const int8_t *kernel = w + o * group_c * k_h * k_w;
    for (i = 0; i < out_h; i++) {
      for (j = 0; j < out_w; j++) {
        int32_t sum = b[o];
        for (c = 0; c < group_c; c++) {
          for (p = 0; p < k_h; p++) {
            const int row = i * stride_h + p * dilation_h - pad_h;
            if (row < 0 || row >= in_h) continue;
            for (q = 0; q < k_w; q++) {
              const int column = j * stride_w + q * dilation_w - pad_w;
              if (column < 0 || column >= in_w) continue;
              sum += (planes[(c * in_h + row) * in_w + column] - x_zero) * kernel[(c * k_h + p) * k_w + q];
            }
          }
        }
        *y++ = scaled((int64_t)sum * multiplier[o], shift[o], y_zero);
      }
    }
  }
}
`,
  scaledFunction,
);

export const denseFunction: CFunction = cFunction(
  'dense',
  `
/* The sum over i of (x[i] - x_zero) * w[u, i], and b[u] */
static void dense(int8_t *y, const int8_t *x, const int8_t *w, const int32_t *b, const int32_t *multiplier,
                  const uint8_t *shift, int x_zero, int y_zero, int inputs, int units)
{
  int u, i;
  for (u = 0; u < units; u++) {
    int32_t sum = b[u];
    for (i = 0; i < inputs; i++) sum += (x[i] - x_zero) * *w++;
    y[u] = scaled((int64_t)sum * multiplier[u], shift[u], y_zero);
  }
}
`,
  scaledFunction,
);

export const denseOutputFunction: CFunction = cFunction(
  'dense_output',
  `
/* The same as numbers: scale[u] * sum */
static void dense_output(float *y, const int8_t *x, const int8_t *w, const int32_t *b, const float *scale, int x_zero,
                         int inputs, int units)
{
  int u, i;
  for (u = 0; u < units; u++) {
    int32_t sum = b[u];
    for (i = 0; i < inputs; i++) sum += (x[i] - x_zero) * *w++;
    y[u] = (float)sum * scale[u];
  }
}
`,
);

export const floatsFunction: CFunction = cFunction(
  'floats',
  `
/* Numbers: (x[i] - zero) * scale */
static void floats(float *y, const int8_t *x, float scale, int zero, int length)
{
  int i;
  for (i = 0; i < length; i++) y[i] = (float)(x[i] - zero) * scale;
}
`,
);

export const maxPoolFunction: CFunction = cFunction(
  'max_pool2d',
  `
/* The largest number of each window; what is around the image never is */
static void max_pool2d(int8_t *y, const int8_t *x, int channels, int in_h, int in_w, int out_h, int out_w,
                       int k_h, int k_w, int stride_h, int stride_w, int pad_h, int pad_w)
{
  int c, i, j, p, q;
  for (c = 0; c < channels; c++, x += in_h * in_w) {
    for (i = 0; i < out_h; i++) {
      for (j = 0; j < out_w; j++) {
        int8_t most = -128;
        for (p = 0; p < k_h; p++) {
          const int row = i * stride_h + p - pad_h;
          if (row < 0 || row >= in_h) continue;
          for (q = 0; q < k_w; q++) {
            const int column = j * stride_w + q - pad_w;
            if (column < 0 || column >= in_w) continue;
            if (x[row * in_w + column] > most) most = x[row * in_w + column];
          }
        }
        *y++ = most;
      }
    }
  }
}
`,
);

export const averagePoolFunction: CFunction = cFunction(
  'average_pool2d',
  `
/* The sum of each window by the multiplier of its count; padding counts if counts_pad is 1, and never past its end */
static void average_pool2d(int8_t *y, const int8_t *x, const int32_t *multiplier, const uint8_t *shift,
                           int x_zero, int y_zero, int channels, int in_h, int in_w, int out_h, int out_w,
                           int k_h, int k_w, int stride_h, int stride_w, int pad_h, int pad_w,
                           int pad_bottom, int pad_right, int counts_pad)
{
  int c, i, j, p, q;
  for (c = 0; c < channels; c++, x += in_h * in_w) {
    for (i = 0; i < out_h; i++) {
      for (j = 0; j < out_w; j++) {
        int32_t sum = 0;
        int count = 0;
        for (p = 0; p < k_h; p++) {
          const int row = i * stride_h + p - pad_h;
          for (q = 0; q < k_w; q++) {
            const int column = j * stride_w + q - pad_w;
            if (row >= 0 && row < in_h && column >= 0 && column < in_w) {
              sum += x[row * in_w + column] - x_zero;
              count++;
            } else if (counts_pad && row < in_h + pad_bottom && column < in_w + pad_right) count++;
          }
        }
        *y++ = scaled((int64_t)sum * multiplier[count - 1], shift[count - 1], y_zero);
      }
    }
  }
}
`,
  scaledFunction,
);

export const globalAverageFunction: CFunction = cFunction(
  'global_average_pool2d',
  `
/* The sum of each channel by a multiplier that divides it */
static void global_average_pool2d(int8_t *y, const int8_t *x, int32_t multiplier, int shift, int x_zero, int y_zero,
                                  int channels, int pixels)
{
  int c, i;
  for (c = 0; c < channels; c++, x += pixels) {
    int32_t sum = 0;
    for (i = 0; i < pixels; i++) sum += x[i] - x_zero;
    y[c] = scaled((int64_t)sum * multiplier, shift, y_zero);
  }
}
`,
  scaledFunction,
);

/** The sum of `inputs` values; y may be the first. */
export function addFunction(inputs: number): CFunction {
  const all = Array.from({ length: inputs }, (_, i) => i);
  const parameters = all.map((i) => `const int8_t *x${i}, int32_t m${i}, int zero${i}`).join(', ');
  const terms = all.map((i) => `(int64_t)(x${i}[i] - zero${i}) * m${i}`).join(' + ');
  const name = `add${inputs}`;
  return cFunction(
    name,
    `
/* The sum of (x[i] - its zero) * its multiplier / 2^20; y may be the first x */
static void ${name}(int8_t *y, ${parameters}, int y_zero, int length)
{
  int i;
  for (i = 0; i < length; i++) y[i] = scaled(${terms}, 20, y_zero);
}
`,
    scaledFunction,
  );
}

export const appendFunction: CFunction = cFunction(
  'append',
  `
/* (x[i] - x_zero) * multiplier / 2^20 */
static void append(int8_t *y, const int8_t *x, int32_t multiplier, int x_zero, int y_zero, int length)
{
  int i;
  for (i = 0; i < length; i++) y[i] = scaled((int64_t)(x[i] - x_zero) * multiplier, 20, y_zero);
}
`,
  scaledFunction,
);

export const lookupFunction: CFunction = cFunction(
  'lookup',
  `
/* y[i] = table[x[i] + 128]; y may be x */
static void lookup(int8_t *y, const int8_t *x, const int8_t *table, int length)
{
  int i;
  for (i = 0; i < length; i++) y[i] = table[x[i] + 128];
}
`,
);
