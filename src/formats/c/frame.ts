/** Padding and cropping in C: the same for numbers in single precision and for whole numbers. @module */
import { type CFunction, cFunction, type NumberType } from './program.ts';

/** The function whose last argument is what fills the frame. */
export function frameFunction(type: NumberType): CFunction {
  return cFunction(
    'frame',
    `
/* The image moved down and to the right, with zero around it; what leaves the output is cut off */
static void frame(${type} *y, const ${type} *x, int channels, int in_h, int in_w, int out_h, int out_w,
                  int down, int right, ${type} zero)
{
  int c, i, j;
  for (c = 0; c < channels; c++, x += in_h * in_w) {
    for (i = -down; i < out_h - down; i++) {
      for (j = -right; j < out_w - right; j++) {
        *y++ = i >= 0 && i < in_h && j >= 0 && j < in_w ? x[i * in_w + j] : zero;
      }
    }
  }
}
`,
  );
}
