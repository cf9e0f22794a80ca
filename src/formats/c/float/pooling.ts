/** Pooling in C. @module */
import { elementCount } from '../../../base/shape.ts';
import type { Shape } from '../../../base/types.ts';
import { averagePoolSizes, poolSizes } from '../../../base/window.ts';
import type { AveragePool2dSpec } from '../../../layers/averagePool2d.ts';
import type { MaxPool2dSpec } from '../../../layers/maxPool2d.ts';
import { type CFunction, cFunction } from '../program.ts';
import type { CLayer, Row, Rows } from './row.ts';

const maxPoolFunction = cFunction(
  'max_pool2d',
  `
/* The largest value of each window; what is around the image never is */
static void max_pool2d(float *y, const float *x, int channels, int in_h, int in_w, int out_h, int out_w,
                       int k_h, int k_w, int stride_h, int stride_w, int pad_h, int pad_w)
{
  int c, i, j, p, q;
  for (c = 0; c < channels; c++, x += in_h * in_w) {
    for (i = 0; i < out_h; i++) {
      for (j = 0; j < out_w; j++) {
        int is_first = 1;
        float most = 0.0f;
        for (p = 0; p < k_h; p++) {
          const int row = i * stride_h + p - pad_h;
          if (row < 0 || row >= in_h) continue;
          for (q = 0; q < k_w; q++) {
            const int column = j * stride_w + q - pad_w;
            if (column < 0 || column >= in_w) continue;
            if (is_first || x[row * in_w + column] > most) most = x[row * in_w + column];
            is_first = 0;
          }
        }
        *y++ = most;
      }
    }
  }
}
`,
);

const averagePoolFunction = cFunction(
  'average_pool2d',
  `
/* The mean of each window; padding counts as zeros if counts_pad is 1, and never past its end */
static void average_pool2d(float *y, const float *x, int channels, int in_h, int in_w, int out_h, int out_w,
                           int k_h, int k_w, int stride_h, int stride_w, int pad_h, int pad_w,
                           int pad_bottom, int pad_right, int counts_pad)
{
  int c, i, j, p, q;
  for (c = 0; c < channels; c++, x += in_h * in_w) {
    for (i = 0; i < out_h; i++) {
      for (j = 0; j < out_w; j++) {
        float sum = 0.0f;
        int count = 0;
        for (p = 0; p < k_h; p++) {
          const int row = i * stride_h + p - pad_h;
          for (q = 0; q < k_w; q++) {
            const int column = j * stride_w + q - pad_w;
            if (row >= 0 && row < in_h && column >= 0 && column < in_w) {
              sum += x[row * in_w + column];
              count++;
            } else if (counts_pad && row < in_h + pad_bottom && column < in_w + pad_right) count++;
          }
        }
        *y++ = sum / (float)count;
      }
    }
  }
}
`,
);

const globalFunction = (name: string, step: string, end: string, what: string) =>
  cFunction(
    name,
    `
/* The ${what} of each channel */
static void ${name}(float *y, const float *x, int channels, int pixels)
{
  int c, i;
  for (c = 0; c < channels; c++, x += pixels) {
    float all = x[0];
    for (i = 1; i < pixels; i++) ${step}
    y[c] = ${end};
  }
}
`,
  );

const globalAverageFunction = globalFunction(
  'global_average_pool2d',
  'all += x[i];',
  'all / (float)pixels',
  'mean',
);
const globalMaxFunction = globalFunction(
  'global_max_pool2d',
  'if (x[i] > all) all = x[i];',
  'all',
  'largest value',
);

const maxPool2d: Row<MaxPool2dSpec> = ({ spec, y, xs, inputShapes: [input] }) => {
  const [, ...sizes] = poolSizes('export', [1, ...input], spec);
  return [{ to: maxPoolFunction, args: [y, xs[0], ...sizes] }];
};

const averagePool2d: Row<AveragePool2dSpec> = ({ spec, y, xs, inputShapes: [input] }) => {
  const [, ...sizes] = averagePoolSizes('export', [1, ...input], spec);
  return [{ to: averagePoolFunction, args: [y, xs[0], ...sizes] }];
};

const globalPool =
  (to: CFunction) =>
  ({ y, xs, inputShapes: [[channels = 0, ...plane]] }: GlobalLayer) => [
    { to, args: [y, xs[0], channels, elementCount(plane as Shape)] },
  ];

type GlobalLayer = Pick<CLayer<unknown>, 'y' | 'xs' | 'inputShapes'>;

const globalAveragePool2d = globalPool(globalAverageFunction) satisfies Row<never>;
const globalMaxPool2d = globalPool(globalMaxFunction) satisfies Row<never>;

export const rows: Rows<'averagePool2d' | 'globalAveragePool2d' | 'globalMaxPool2d' | 'maxPool2d'> =
  { averagePool2d, globalAveragePool2d, globalMaxPool2d, maxPool2d };
