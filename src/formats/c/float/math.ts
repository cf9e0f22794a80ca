/** The functions of <math.h> that layers need, without it: exponential, square root. @module */
import { type CFunction, cFunction } from '../program.ts';

export const exponentialFunction: CFunction = cFunction(
  'exponential',
  `
/* e^x = 2^n * e^r with |r| <= ln(2) / 2, and e^r by its series to r^7; 2e-7 off at most, relatively */
static float exponential(float x)
{
  float r, sum;
  int n;
  if (x < -87.0f) return 0.0f;
  if (x > 88.0f) x = 88.0f;
  n = (int)(x * 1.44269504f + (x < 0.0f ? -0.5f : 0.5f));
  r = x - (float)n * 0.693359375f + (float)n * 2.12194440e-4f; /* ln(2) in two parts: the first product is exact */
  sum = 1.0f + r * (1.0f + r / 2.0f * (1.0f + r / 3.0f * (1.0f + r / 4.0f * (1.0f + r / 5.0f * (1.0f + r / 6.0f
        * (1.0f + r / 7.0f))))));
  for (; n > 0; n--) sum *= 2.0f;
  for (; n < 0; n++) sum *= 0.5f;
  return sum;
}
`,
);

export const squareRootFunction: CFunction = cFunction(
  'square_root',
  `
/* Newton's iteration from above, which falls until it is there */
static float square_root(float v)
{
  float root = v > 1.0f ? v : 1.0f, next = root;
  if (!(v > 0.0f)) return 0.0f;
  do {
    root = next;
    next = 0.5f * (root + v / root);
  } while (next < root);
  return root;
}
`,
);
