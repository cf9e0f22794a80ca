/** A batch normalisation in C that no other layer takes up: a gain and a shift a channel. @module */
import { elementCount } from '../../../base/shape.ts';
import type { Shape } from '../../../base/types.ts';
import { affineOf } from '../../../compile/fold.ts';
import type { BatchNormSpec } from '../../../layers/batchNorm.ts';
import { type Call, cFunction } from '../program.ts';
import type { CLayer, InPlace } from './row.ts';

const affineFunction = cFunction(
  'affine',
  `
/* y = gain * x + shift, channel by channel; y may be x */
static void affine(float *y, const float *x, const float *gain, const float *shift, int channels, int pixels)
{
  int i;
  for (i = 0; i < channels * pixels; i++) y[i] = gain[i / pixels] * x[i] + shift[i / pixels];
}
`,
);

/** The call that does so with constants of the layer. */
export function affineCall(
  y: string,
  x: string,
  [channels = 1, ...plane]: Shape,
  gain: string,
  shift: string,
): Call {
  return { to: affineFunction, args: [y, x, gain, shift, channels, elementCount(plane)] };
}

const affine = ({ spec, y, xs, output, values, constant }: CLayer<BatchNormSpec>) => {
  const { gain, shift } = affineOf(spec, values);
  const names = [
    constant('gain', Float32Array.from(gain)),
    constant('shift', Float32Array.from(shift)),
  ] as const;
  return [affineCall(y, xs[0], output, ...names)];
};

export const batchNorm: InPlace<BatchNormSpec> = { inPlace: affine };
