/** Layers that move pixels, in C. @module */
import { fourSides, pair } from '../../../base/window.ts';
import type { Crop2dSpec } from '../../../layers/crop2d.ts';
import type { Upsample2dSpec } from '../../../layers/upsample2d.ts';
import type { ZeroPad2dSpec } from '../../../layers/zeroPad2d.ts';
import { cFunction } from '../program.ts';
import type { Row, Rows } from './row.ts';

const frameFunction = cFunction(
  'frame',
  `
/* The image moved down and to the right, with zeros around it; what leaves the output is cut off */
static void frame(float *y, const float *x, int channels, int in_h, int in_w, int out_h, int out_w, int down, int right)
{
  int c, i, j;
  for (c = 0; c < channels; c++, x += in_h * in_w) {
    for (i = -down; i < out_h - down; i++) {
      for (j = -right; j < out_w - right; j++) {
        *y++ = i >= 0 && i < in_h && j >= 0 && j < in_w ? x[i * in_w + j] : 0.0f;
      }
    }
  }
}
`,
);

const upsampleFunction = cFunction(
  'upsample2d',
  `
/* Each pixel size_h * size_w times */
static void upsample2d(float *y, const float *x, int channels, int in_h, int in_w, int size_h, int size_w)
{
  int c, i, j;
  for (c = 0; c < channels; c++, x += in_h * in_w) {
    for (i = 0; i < in_h * size_h; i++) {
      for (j = 0; j < in_w * size_w; j++) *y++ = x[i / size_h * in_w + j / size_w];
    }
  }
}
`,
);

const zeroPad2d: Row<ZeroPad2dSpec> = ({ spec, y, xs, inputShapes: [input], output }) => {
  const [top, left] = fourSides(spec.padding);
  const [, outH = 0, outW = 0] = output;
  return [{ to: frameFunction, args: [y, xs[0], ...input, outH, outW, top, left] }];
};

const crop2d: Row<Crop2dSpec> = ({ spec, y, xs, inputShapes: [input], output }) => {
  const [top, left] = fourSides(spec.cropping);
  const [, outH = 0, outW = 0] = output;
  return [{ to: frameFunction, args: [y, xs[0], ...input, outH, outW, -top, -left] }];
};

const upsample2d: Row<Upsample2dSpec> = ({ spec, y, xs, inputShapes: [input] }) => [
  { to: upsampleFunction, args: [y, xs[0], ...input, ...pair(spec.size ?? 2)] },
];

export const rows: Rows<'crop2d' | 'upsample2d' | 'zeroPad2d'> = { crop2d, upsample2d, zeroPad2d };
