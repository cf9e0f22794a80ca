/** Parameters in the layouts of TensorFlow: channels last. @module */
import { elementCount } from '../../base/shape.ts';
import type { Shape, Tensor } from '../../base/types.ts';

/**
 * `w[OC, IC / groups, KH, KW]` as `[spanH, spanW, IC, OC]`: with `dilation − 1` zeros between its rows and columns, `extra`
 * rows and columns of zeros after them, and weight 0 for the channels of other groups.
 */
export function hwioKernel(
  { shape: [outC = 0, groupC = 0, kH = 0, kW = 0], data }: Tensor,
  [inC = 0]: Shape,
  groups: number,
  [dilationH, dilationW]: readonly [number, number],
  [extraH, extraW]: readonly [number, number] = [0, 0],
): Tensor {
  const spanW = dilationW * (kW - 1) + 1 + extraW;
  const shape = [dilationH * (kH - 1) + 1 + extraH, spanW, inC, outC];
  const kernel = new Float32Array(elementCount(shape));
  let from = 0;
  for (let o = 0; o < outC; o++) {
    const firstC = Math.floor(o / (outC / groups)) * groupC;
    for (let c = firstC; c < firstC + groupC; c++) {
      for (let p = 0; p < kH; p++) {
        for (let q = 0; q < kW; q++) {
          const pixel = p * dilationH * spanW + q * dilationW;
          kernel[(pixel * inC + c) * outC + o] = data[from++] ?? 0;
        }
      }
    }
  }
  return { shape, data: kernel };
}

/**
 * `w[units, inputs]` as `[inputs, units]`. If the inputs are a flattened image `[C, H, W]`, they come in the order
 * `[H, W, C]`.
 */
export function denseKernel(
  { shape: [units = 0, inputs = 0], data }: Tensor,
  image: Shape | undefined,
): Tensor {
  const [channels, pixels] = image === undefined ? [1, inputs] : [image[0] ?? 1, planeOf(image)];
  const kernel = new Float32Array(units * inputs);
  for (let u = 0; u < units; u++) {
    for (let c = 0; c < channels; c++) {
      for (let pixel = 0; pixel < pixels; pixel++) {
        const input = pixel * channels + c;
        kernel[input * units + u] = data[u * inputs + c * pixels + pixel] ?? 0;
      }
    }
  }
  return { shape: [inputs, units], data: kernel };
}

function planeOf([, height = 1, width = 1]: Shape): number {
  return height * width;
}
