/** Activations in C: a function of one number each, and a loop over all of them. @module */
import { elementCount } from '../../../base/shape.ts';
import type { Shape } from '../../../base/types.ts';
import type { EluSpec, LeakyReluSpec } from '../../../layers/activations.ts';
import type { PreluSpec } from '../../../layers/prelu.ts';
import { type CFunction, cFunction } from '../program.ts';
import { float } from '../text.ts';
import { exponentialFunction } from './math.ts';
import type { CLayer, InPlace, Row, Rows } from './row.ts';

type Elementwise<Spec> = Pick<CLayer<Spec>, 'spec' | 'y' | 'xs' | 'output'>;

/**
 * The row of `y = expression(v)`, in place if it can be.
 * @param numbers Options of the spec, which the expression knows as `a`.
 */
function elementwise<Spec = unknown>(
  name: string,
  expression: string,
  numbers: (spec: Spec) => readonly number[] = () => [],
  ...needs: readonly CFunction[]
): InPlace<Spec> {
  const parameter = /\ba\b/.test(expression) ? ', float a' : '';
  const to = cFunction(
    name,
    `
static void ${name}(float *y, const float *x, int length${parameter})
{
  int i;
  for (i = 0; i < length; i++) {
    const float v = x[i];
    y[i] = ${expression};
  }
}
`,
    ...needs,
  );
  const inPlace = ({ spec, y, xs, output }: Elementwise<Spec>) => [
    { to, args: [y, xs[0], elementCount(output), ...numbers(spec).map(float)] },
  ];
  return { inPlace };
}

const errorFunction = cFunction(
  'error_function',
  `
/* erf by Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 7.1.26; 1.5e-7 off at most */
static float error_function(float x)
{
  const float v = x < 0.0f ? -x : x, t = 1.0f / (1.0f + 0.3275911f * v);
  const float sum = t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
  const float y = 1.0f - sum * exponential(-v * v);
  return x < 0.0f ? -y : y;
}
`,
  exponentialFunction,
);

const softplusFunction = cFunction(
  'soft_plus',
  `
/* max(x, 0) + ln(1 + z) with z = e^-|x|, and ln(1 + z) = 2 artanh(s) with s = z / (2 + z) <= 1/3 */
static float soft_plus(float x)
{
  const float z = exponential(x < 0.0f ? x : -x), s = z / (2.0f + z), t = s * s;
  const float sum = 1.0f + t * (1.0f / 3.0f + t * (1.0f / 5.0f + t * (1.0f / 7.0f + t * (1.0f / 9.0f + t * (1.0f / 11.0f
                    + t / 13.0f)))));
  return (x > 0.0f ? x : 0.0f) + 2.0f * s * sum;
}
`,
  exponentialFunction,
);

const preluFunction = cFunction(
  'prelu',
  `
/* y = x > 0 ? x : slope of its channel * x */
static void prelu(float *y, const float *x, const float *slope, int channels, int pixels)
{
  int i;
  for (i = 0; i < channels * pixels; i++) y[i] = x[i] > 0.0f ? x[i] : slope[i / pixels] * x[i];
}
`,
);

const prelu: Row<PreluSpec> = ({ y, xs, output: [channels = 1, ...plane], parameter }) => [
  {
    to: preluFunction,
    args: [y, xs[0], parameter('weight'), channels, elementCount(plane as Shape)],
  },
];

const RAMP = '(v <= -3.0f ? 0.0f : v >= 3.0f ? 1.0f : (v + 3.0f) / 6.0f)';

/** y = expression(v), with an exponential in it. */
const exponential = (name: string, expression: string) =>
  elementwise(name, expression, () => [], exponentialFunction);

export const rows: Rows<
  | 'elu'
  | 'gelu'
  | 'hardSigmoid'
  | 'hardSwish'
  | 'leakyRelu'
  | 'prelu'
  | 'relu'
  | 'relu6'
  | 'selu'
  | 'sigmoid'
  | 'silu'
  | 'softplus'
  | 'tanh'
> = {
  elu: elementwise<EluSpec>(
    'elu',
    'v > 0.0f ? v : a * (exponential(v) - 1.0f)',
    ({ alpha = 1 }) => [alpha],
    exponentialFunction,
  ),
  gelu: elementwise(
    'gelu',
    '0.5f * v * (1.0f + error_function(v * 0.707106781f))',
    () => [],
    errorFunction,
  ),
  hardSigmoid: elementwise('hard_sigmoid', RAMP),
  hardSwish: elementwise('hard_swish', `v * ${RAMP}`),
  leakyRelu: elementwise<LeakyReluSpec>(
    'leaky_relu',
    'v > 0.0f ? v : a * v',
    ({ negativeSlope = 0.01 }) => [negativeSlope],
  ),
  prelu,
  relu: elementwise('relu', 'v > 0.0f ? v : 0.0f'),
  relu6: elementwise('relu6', 'v > 0.0f ? (v < 6.0f ? v : 6.0f) : 0.0f'),
  selu: exponential('selu', '1.05070099f * (v > 0.0f ? v : 1.67326324f * (exponential(v) - 1.0f))'),
  sigmoid: exponential('sigmoid', '1.0f / (1.0f + exponential(-v))'),
  silu: exponential('silu', 'v / (1.0f + exponential(-v))'),
  softplus: elementwise('softplus', 'soft_plus(v)', () => [], softplusFunction),
  tanh: exponential('hyperbolic_tangent', '2.0f / (1.0f + exponential(-2.0f * v)) - 1.0f'),
};
