/** Where the channels of images are, and images with their channels first. @module */
import type { Shape } from '../base/types.ts';

/** Order of the axes of an image: channels first, as Convlet has them, or last, as files and TensorFlow do. */
export type Layout = 'NCHW' | 'NHWC';

/** Numbers of channels that tell an axis of channels from one of pixels: grey and RGB. */
const CHANNELS: readonly (number | undefined)[] = [1, 3];

/**
 * The layout of images of three axes: channels are last if the last axis has 1 or 3 and the first has not, or if it has 4, as RGBA,
 * and both others have more.
 */
export function layoutOf([first = 0, second = 0, last]: Shape): Layout {
  const isLast = last === 4 ? first > 4 && second > 4 : CHANNELS.includes(last);
  return isLast && !CHANNELS.includes(first) ? 'NHWC' : 'NCHW';
}

/** The shape `[C, H, W]` of images of these three axes. */
export function shapeOf([first = 0, second = 0, third = 0]: Shape, layout: Layout): Shape {
  return layout === 'NCHW' ? [first, second, third] : [third, first, second];
}

/** Fills `to` with images `[C, H, W]` out of images `[H, W, C]`. */
export function channelsFirst<Numbers extends Uint8Array | Float32Array>(
  to: Numbers,
  from: ArrayLike<number>,
  [channels = 0, height = 0, width = 0]: Shape,
): Numbers {
  const area = height * width;
  for (let start = 0; start < to.length; start += channels * area) {
    for (let channel = 0; channel < channels; channel++) {
      const [first, source] = [start + channel * area, start + channel];
      for (let at = 0; at < area; at++) to[first + at] = from[source + at * channels] ?? 0;
    }
  }
  return to;
}
