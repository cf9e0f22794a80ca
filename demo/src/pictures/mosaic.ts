/** A filter as one picture: the kernels for its input channels side by side, with a line of nothing between them. @module */
import type { Tensor } from 'convlet';
import { filterOf } from './forward.ts';
import type { Matrix } from './matrix.ts';

/** Kernels in a row and in a column, for so many channels: as square as it can be. */
function gridOf(channels: number): readonly [rows: number, columns: number] {
  const columns = Math.ceil(Math.sqrt(channels));
  return [Math.ceil(channels / columns), columns];
}

/** Height and width of the picture of each filter of a weight `[OC, C, KH, KW]`. */
export function mosaicSize({ shape }: Tensor): readonly [height: number, width: number] {
  const [, channels = 1, height = 1, width = 1] = shape;
  const [rows, columns] = gridOf(channels);
  return [rows * (height + 1) - 1, columns * (width + 1) - 1];
}

/** Filter `index` of a weight. Lines and places without a kernel are 0, the colour of the paper. */
export function mosaicOf(weight: Tensor, index: number): Matrix {
  const [, channels = 1] = weight.shape;
  const [height, width] = mosaicSize(weight);
  const [, columns] = gridOf(channels);
  const values = new Float32Array(height * width);
  for (let channel = 0; channel < channels; channel++) {
    const kernel = filterOf(weight, index, channel);
    const top = Math.floor(channel / columns) * (kernel.height + 1);
    const left = (channel % columns) * (kernel.width + 1);
    for (let i = 0; i < kernel.values.length; i++) {
      const [row, column] = [Math.floor(i / kernel.width), i % kernel.width];
      values[(top + row) * width + left + column] = kernel.values[i] ?? 0;
    }
  }
  return { width, height, values };
}
