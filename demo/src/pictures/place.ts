/** What the reader points at, and what that comes from. @module */
import type { Stage } from './stages.ts';
import type { Spot } from './tiles.ts';
import type { Window } from './window.ts';

/** A pixel of what a stage makes, or of one of its filters; a unit is a channel of one pixel. */
export interface Place extends Spot {
  readonly kind: 'filters' | 'maps' | 'units';
  readonly stage: Stage;
  /** What it is a pixel of: `Map`. */
  readonly noun: string;
}

/** The window of a max-pooled pixel, in the maps of the stage before it. */
export interface PoolWindow {
  readonly before: Stage;
  readonly window: Window;
  /** The largest pixel of the window; the first one if several are. */
  readonly row: number;
  readonly column: number;
}

/** What a place comes from. */
export interface Origin {
  /** The pixel of the map that the place stands for. */
  readonly pixel: Place;
  /** In the picture, if a convolution looks at the picture itself. */
  readonly window: Window | undefined;
  /** In the maps before it, if the place is pooled. */
  readonly pool: PoolWindow | undefined;
}
