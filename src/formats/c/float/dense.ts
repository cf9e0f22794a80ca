/** Dense layers in C. @module */
import type { DenseSpec } from '../../../layers/dense.ts';
import { cFunction } from '../program.ts';
import type { Row } from './row.ts';

const denseFunction = cFunction(
  'dense',
  `
/* y[u] = b[u] + the sum of x[i] * w[u, i] over i */
static void dense(float *y, const float *x, const float *w, const float *b, int inputs, int units)
{
  int u, i;
  for (u = 0; u < units; u++) {
    float sum = b ? b[u] : 0.0f;
    for (i = 0; i < inputs; i++) sum += x[i] * *w++;
    y[u] = sum;
  }
}
`,
);

export const dense: Row<DenseSpec> = ({ spec, y, xs, inputShapes: [[inputs = 0]], parameter }) => [
  {
    to: denseFunction,
    args: [y, xs[0], parameter('weight'), parameter('bias'), inputs, spec.units],
  },
];
