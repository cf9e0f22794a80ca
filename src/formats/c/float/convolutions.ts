/** Convolutions in C. @module */
import type { Shape } from '../../../base/types.ts';
import {
  type ConvSizes,
  convSizes,
  transposeSizes,
  type WindowOptions,
} from '../../../base/window.ts';
import type { Conv2dSpec } from '../../../layers/conv2d.ts';
import type { Conv2dTransposeSpec } from '../../../layers/conv2dTranspose.ts';
import type { DepthwiseConv2dSpec } from '../../../layers/depthwiseConv2d.ts';
import type { SeparableConv2dSpec } from '../../../layers/separableConv2d.ts';
import { cFunction } from '../program.ts';
import type { Row, Rows } from './row.ts';

const conv2dFunction = cFunction(
  'conv2d',
  `
/* y[o, i, j] = b[o] + the sum of x[c, i * stride + p * dilation - pad, ...] * w[o, c, p, q] over c, p and q; zeros around x */
static void conv2d(float *y, const float *x, const float *w, const float *b, int in_c, int in_h, int in_w,
                   int out_c, int out_h, int out_w, int k_h, int k_w, int stride_h, int stride_w,
                   int pad_h, int pad_w, int dilation_h, int dilation_w, int groups)
{
  const int group_c = in_c / groups;
  int o, i, j, c, p, q;
  for (o = 0; o < out_c; o++) {
    const float *planes = x + o / (out_c / groups) * group_c * in_h * in_w;
    const float *kernel = w + o * group_c * k_h * k_w;
    for (i = 0; i < out_h; i++) {
      for (j = 0; j < out_w; j++) {
        float sum = b ? b[o] : 0.0f;
        for (c = 0; c < group_c; c++) {
          for (p = 0; p < k_h; p++) {
            const int row = i * stride_h + p * dilation_h - pad_h;
            if (row < 0 || row >= in_h) continue;
            for (q = 0; q < k_w; q++) {
              const int column = j * stride_w + q * dilation_w - pad_w;
              if (column < 0 || column >= in_w) continue;
              sum += planes[(c * in_h + row) * in_w + column] * kernel[(c * k_h + p) * k_w + q];
            }
          }
        }
        *y++ = sum;
      }
    }
  }
}
`,
);

const transposeFunction = cFunction(
  'conv2d_transpose',
  `
/* The gradient of a convolution by its input, and a bias: y[o, i * stride + p * dilation - pad, ...] += x[c, i, j] * w[c, o, p, q] */
static void conv2d_transpose(float *y, const float *x, const float *w, const float *b, int out_c, int out_h, int out_w,
                             int in_c, int in_h, int in_w, int k_h, int k_w, int stride_h, int stride_w,
                             int pad_h, int pad_w, int dilation_h, int dilation_w, int groups)
{
  const int group_out = out_c / groups;
  int c, o, i, j, p, q;
  for (i = 0; i < out_c * out_h * out_w; i++) y[i] = b ? b[i / (out_h * out_w)] : 0.0f;
  for (c = 0; c < in_c; c++) {
    for (o = 0; o < group_out; o++) {
      float *plane = y + (c / (in_c / groups) * group_out + o) * out_h * out_w;
      const float *kernel = w + (c * group_out + o) * k_h * k_w;
      for (i = 0; i < in_h; i++) {
        for (j = 0; j < in_w; j++) {
          for (p = 0; p < k_h; p++) {
            const int row = i * stride_h + p * dilation_h - pad_h;
            if (row < 0 || row >= out_h) continue;
            for (q = 0; q < k_w; q++) {
              const int column = j * stride_w + q * dilation_w - pad_w;
              if (column < 0 || column >= out_w) continue;
              plane[row * out_w + column] += x[(c * in_h + i) * in_w + j] * kernel[p * k_w + q];
            }
          }
        }
      }
    }
  }
}
`,
);

/** The sizes that a convolution's function takes; one image has no batch. */
const sizesFor = (input: Shape, outC: number, groups: number, options: WindowOptions) =>
  withoutBatch(convSizes('export', [1, ...input], outC, groups, options));

const withoutBatch = ([, ...sizes]: ConvSizes): readonly number[] => sizes;

const conv2d: Row<Conv2dSpec> = ({ spec, y, xs, inputShapes: [input], parameter }) => {
  const sizes = sizesFor(input, spec.filters, spec.groups ?? 1, spec);
  const args = [y, xs[0], parameter('weight'), parameter('bias'), ...sizes];
  return [{ to: conv2dFunction, args }];
};

const depthwiseConv2d: Row<DepthwiseConv2dSpec> = (layer) => {
  const { spec, y, xs, inputShapes, parameter } = layer;
  const [input] = inputShapes;
  const [channels = 1] = input;
  const sizes = sizesFor(input, channels * (spec.multiplier ?? 1), channels, spec);
  const args = [y, xs[0], parameter('weight'), parameter('bias'), ...sizes];
  return [{ to: conv2dFunction, args }];
};

const separableFunction = cFunction(
  'separable_conv2d',
  `
/* A depthwise convolution without bias and a convolution of 1x1, one pixel at a time */
static void separable_conv2d(float *y, const float *x, const float *depthwise, const float *pointwise, const float *b,
                             int filters, int in_c, int in_h, int in_w, int middle_c, int out_h, int out_w,
                             int k_h, int k_w, int stride_h, int stride_w, int pad_h, int pad_w,
                             int dilation_h, int dilation_w)
{
  const int pixels = out_h * out_w;
  int m, o, i, j, p, q;
  for (o = 0; o < filters * pixels; o++) y[o] = b ? b[o / pixels] : 0.0f;
  for (m = 0; m < middle_c; m++) {
    const float *plane = x + m / (middle_c / in_c) * in_h * in_w;
    const float *kernel = depthwise + m * k_h * k_w;
    for (i = 0; i < out_h; i++) {
      for (j = 0; j < out_w; j++) {
        float sum = 0.0f;
        for (p = 0; p < k_h; p++) {
          const int row = i * stride_h + p * dilation_h - pad_h;
          if (row < 0 || row >= in_h) continue;
          for (q = 0; q < k_w; q++) {
            const int column = j * stride_w + q * dilation_w - pad_w;
            if (column < 0 || column >= in_w) continue;
            sum += plane[row * in_w + column] * kernel[p * k_w + q];
          }
        }
        for (o = 0; o < filters; o++) y[o * pixels + i * out_w + j] += sum * pointwise[o * middle_c + m];
      }
    }
  }
}
`,
);

const separableConv2d: Row<SeparableConv2dSpec> = (layer) => {
  const { spec, y, xs, inputShapes, parameter } = layer;
  const [input] = inputShapes;
  const [channels = 1] = input;
  const sizes = sizesFor(input, channels * (spec.multiplier ?? 1), channels, spec).slice(0, -1);
  const weights = [parameter('depthwise.weight'), parameter('pointwise.weight'), parameter('bias')];
  return [{ to: separableFunction, args: [y, xs[0], ...weights, spec.filters, ...sizes] }];
};

const conv2dTranspose: Row<Conv2dTransposeSpec> = (layer) => {
  const { spec, y, xs, inputShapes, parameter } = layer;
  const shape = [1, ...inputShapes[0]];
  const sizes = transposeSizes('export', shape, spec.filters, spec.groups ?? 1, spec);
  const args = [y, xs[0], parameter('weight'), parameter('bias'), ...withoutBatch(sizes)];
  return [{ to: transposeFunction, args }];
};

export const rows: Rows<'conv2d' | 'conv2dTranspose' | 'depthwiseConv2d' | 'separableConv2d'> = {
  conv2d,
  conv2dTranspose,
  depthwiseConv2d,
  separableConv2d,
};
