/**
 * What the pictures of the filters show: the weights themselves, how far they have come since the start, or the gradient
 * of a step, which is how much the loss grows for each weight that grows.
 * @module
 */
import type { Tensor } from 'convlet';

export const OVERLAYS = ['weights', 'change', 'gradient'] as const;
export type OverlayKind = (typeof OVERLAYS)[number];

export interface Overlay {
  readonly kind: OverlayKind;
  /** `of batch 31 of 63 in epoch 2`; why there is nothing to see, if there is nothing. */
  readonly of: string;
  /** The numbers to show of a parameter, undefined if they are not known. */
  tensorOf(name: string, now: Tensor): Tensor | undefined;
}

/** The weights as they are. */
export const PLAIN: Overlay = { kind: 'weights', of: '', tensorOf: (_name, now) => now };

/** The difference between each weight and its value at the start. */
export function changeSince(start: ReadonlyMap<string, Tensor>, of: string): Overlay {
  return {
    kind: 'change',
    of,
    tensorOf(name, now) {
      const before = start.get(name);
      return before && scaledDifference(now, before, 1);
    },
  };
}

/** The gradient of a step, parameter by parameter; `gradientOf` is undefined if none is known. */
export function gradientOverlay(
  gradientOf: ((name: string) => Tensor | undefined) | undefined,
  of: string,
): Overlay {
  return { kind: 'gradient', of, tensorOf: (name) => gradientOf?.(name) };
}

/** `(a − b) · factor`, number by number. */
export function scaledDifference(a: Tensor, b: Tensor, factor: number): Tensor {
  const data = a.data.map((value, i) => (value - (b.data[i] ?? Number.NaN)) * factor);
  return { shape: a.shape, data };
}
