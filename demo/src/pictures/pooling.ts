/** Which pixel is shown for a place: the largest of the window for a pooled pixel, the strongest answer for a filter. @module */
import { channelOf, type Frame, valueAt } from './forward.ts';
import type { Place, PoolWindow } from './place.ts';
import { makerOf } from './stages.ts';
import { pair, windowOf } from './window.ts';

/** The pixel of a convolution, or of another layer that does not pool, that a place stands for. */
export function pixelOf(frame: Frame, place: Place): Place {
  if (place.kind === 'filters') return strongestOf(frame, place);
  const pool = poolWindowOf(frame, place);
  if (pool === undefined) return place;
  const { before: stage, row, column } = pool;
  return pixelOf(frame, { ...place, stage, row, column });
}

/** The window behind a place, or undefined if no max pooling of maps made it. */
export function poolWindowOf(frame: Frame, place: Place): PoolWindow | undefined {
  const layer = makerOf(frame, place.stage);
  const { before } = place.stage;
  if (place.kind !== 'maps' || layer.type !== 'maxPool2d' || before === undefined) return undefined;
  const { poolSize, strides = poolSize, padding = 'valid' } = layer;
  const map = channelOf(valueAt(frame.values, before.value), place.channel);
  const output = channelOf(valueAt(frame.values, place.stage.value), place.channel);
  const window = windowOf(
    { size: pair(poolSize), strides, padding },
    [map.height, map.width],
    [output.height, output.width],
    [place.row, place.column],
  );
  let best = { row: window.top, column: window.left, value: Number.NEGATIVE_INFINITY };
  for (let i = 0; i < window.height * window.width; i++) {
    const row = window.top + Math.floor(i / window.width);
    const column = window.left + (i % window.width);
    if (row < 0 || row >= map.height || column < 0 || column >= map.width) continue;
    const value = map.values[row * map.width + column] ?? 0;
    if (value > best.value) best = { row, column, value };
  }
  return { before, window, row: best.row, column: best.column };
}

/** The pixel of a map where its filter answers most, before the activation. */
function strongestOf(frame: Frame, place: Place): Place {
  const map = valueAt(frame.values, place.stage.layers[0] + 1);
  const { width, values } = channelOf(map, place.channel);
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return { ...place, kind: 'maps', row: Math.floor(best / width), column: best % width };
}
