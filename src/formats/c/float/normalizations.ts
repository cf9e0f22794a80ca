/** Normalisations and softmax in C. @module */
import { elementCount } from '../../../base/shape.ts';
import type { Shape } from '../../../base/types.ts';
import type { GroupNormSpec } from '../../../layers/groupNorm.ts';
import { cFunction } from '../program.ts';
import { float } from '../text.ts';
import { exponentialFunction, squareRootFunction } from './math.ts';
import type { CLayer, Row, Rows } from './row.ts';

const groupNormFunction = cFunction(
  'group_norm',
  `
/* y = w * (x - mean) / sqrt(variance + epsilon) + b, mean and variance of a group of channels */
static void group_norm(float *y, const float *x, const float *w, const float *b, int groups, int channels, int pixels,
                       float epsilon)
{
  const int length = channels / groups * pixels;
  int g, i;
  for (g = 0; g < groups; g++, x += length, y += length) {
    float mean = 0.0f, variance = 0.0f, gain;
    for (i = 0; i < length; i++) mean += x[i];
    mean /= (float)length;
    for (i = 0; i < length; i++) variance += (x[i] - mean) * (x[i] - mean);
    gain = 1.0f / square_root(variance / (float)length + epsilon);
    for (i = 0; i < length; i++) {
      const int c = g * (channels / groups) + i / pixels;
      y[i] = w[c] * (x[i] - mean) * gain + b[c];
    }
  }
}
`,
  squareRootFunction,
);

const softmaxFunction = cFunction(
  'softmax',
  `
/* y[i] = e^(x[i] - most) / the sum of all of these; y may be x */
static void softmax(float *y, const float *x, int length)
{
  float most = x[0], sum = 0.0f;
  int i;
  for (i = 1; i < length; i++) if (x[i] > most) most = x[i];
  for (i = 0; i < length; i++) sum += y[i] = exponential(x[i] - most);
  for (i = 0; i < length; i++) y[i] /= sum;
}
`,
  exponentialFunction,
);

const groupNorm: Row<GroupNormSpec> = (layer) => {
  const { spec, y, xs, parameter } = layer;
  const [channels = 1, ...plane] = layer.output;
  const sizes = [spec.groups, channels, elementCount(plane as Shape)];
  const weights = [parameter('weight'), parameter('bias')];
  const args = [y, xs[0], ...weights, ...sizes, float(spec.epsilon ?? 1e-5)];
  return [{ to: groupNormFunction, args }];
};

const softmax = {
  inPlace: ({ y, xs, output }: Pick<CLayer<unknown>, 'y' | 'xs' | 'output'>) => [
    { to: softmaxFunction, args: [y, xs[0], elementCount(output)] },
  ],
};

export const rows: Rows<'groupNorm' | 'softmax'> = { groupNorm, softmax };
