/** Layers that move pixels, in C. @module */
import { fourSides, pair } from '../../../base/window.ts';
import type { Crop2dSpec } from '../../../layers/crop2d.ts';
import type { Upsample2dSpec } from '../../../layers/upsample2d.ts';
import type { ZeroPad2dSpec } from '../../../layers/zeroPad2d.ts';
import { frameFunction } from '../frame.ts';
import { cFunction } from '../program.ts';
import { float } from '../text.ts';
import type { Row, Rows } from './row.ts';

const frame = frameFunction('float');

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
  return [{ to: frame, args: [y, xs[0], ...input, outH, outW, top, left, float(0)] }];
};

const crop2d: Row<Crop2dSpec> = ({ spec, y, xs, inputShapes: [input], output }) => {
  const [top, left] = fourSides(spec.cropping);
  const [, outH = 0, outW = 0] = output;
  return [{ to: frame, args: [y, xs[0], ...input, outH, outW, -top, -left, float(0)] }];
};

const upsample2d: Row<Upsample2dSpec> = ({ spec, y, xs, inputShapes: [input] }) => [
  { to: upsampleFunction, args: [y, xs[0], ...input, ...pair(spec.size ?? 2)] },
];

export const rows: Rows<'crop2d' | 'upsample2d' | 'zeroPad2d'> = { crop2d, upsample2d, zeroPad2d };
