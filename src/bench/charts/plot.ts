/** What the caller of a chart gave, with the types of the library Plot. No declaration that ships names them. @module */
import type { ChartOptions } from './style.ts';

export type Plot = typeof import('@observablehq/plot');

export interface Drawing {
  readonly plot: Plot;
  readonly document?: NonNullable<NonNullable<Parameters<Plot['plot']>[0]>['document']>;
  readonly width: number;
}

export function drawingOf(options: ChartOptions): Drawing {
  return options as Drawing;
}
