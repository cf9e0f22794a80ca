/** The body of each kind of column: how it is made, painted, and marked. @module */
import { make } from '../dom.ts';
import { Bars } from './bars.ts';
import type { Column } from './columns.ts';
import { channelOf, type Frame, filterOf } from './forward.ts';
import { largest, paint } from './paint.ts';
import type { Palette } from './palette.ts';
import { type Spot, TileGrid } from './tiles.ts';

/** A pixel of what a layer makes; of a filter, where `layer` is that of the convolution. */
export interface Place extends Spot {
  readonly kind: 'filters' | 'maps' | 'pooled';
  readonly layer: number;
  readonly convolution: number;
}

export interface View {
  readonly element: HTMLElement;
  /** `12 × 26 × 26` */
  readonly size: string;
  paint(frame: Frame, palette: Palette): void;
  /** Marks what belongs to a place, if anything here does; `pixel` is the one of the map that the place stands for. */
  select(place: Place, pixel: Place): void;
}

type OnPlace = (place: Place) => void;

export function viewOf(column: Column, frame: Frame, onPlace: OnPlace): View {
  if (column.kind === 'answer') return answerView(frame);
  if (column.kind === 'units') return unitsView(column.layer, frame);
  if (column.kind === 'filters') return filtersView(column, frame, onPlace);
  return mapsView(column, column.kind, frame, onPlace);
}

function filtersView({ layer, convolution }: Column, frame: Frame, onPlace: OnPlace): View {
  const weightOf = ({ weights }: Frame) => weights.get(`${layer}.weight`);
  const [count = 0, , height = 1, width = 1] = weightOf(frame)?.shape ?? [];
  const grid = new TileGrid({
    count,
    height,
    width,
    name: (channel) => `Filter ${channel + 1}`,
    onPoint: (spot) => onPlace({ ...spot, kind: 'filters', layer, convolution }),
  });
  return {
    element: grid.element,
    size: sizeOf(count, height, width),
    paint(next, palette) {
      const weight = weightOf(next);
      if (weight === undefined) return;
      const scale = { isSigned: true, most: largest(weight.data) };
      grid.paint((channel) => filterOf(weight, channel), scale, palette);
    },
    select: (place) => grid.select(place.convolution === convolution ? place.channel : undefined),
  };
}

function mapsView(
  { layer, convolution }: Column,
  kind: 'maps' | 'pooled',
  frame: Frame,
  onPlace: OnPlace,
): View {
  const [, count = 0, height = 1, width = 1] = frame.outputs[layer]?.shape ?? [];
  const noun = kind === 'maps' ? 'Map' : 'Pooled map';
  const grid = new TileGrid({
    count,
    height,
    width,
    name: (channel) => `${noun} ${channel + 1}`,
    onPoint: (spot) => onPlace({ ...spot, kind, layer, convolution }),
  });
  return {
    element: grid.element,
    size: sizeOf(count, height, width),
    paint({ outputs, spec }, palette) {
      const tensor = outputs[layer];
      if (tensor === undefined) return;
      const isSigned = spec.layers[layer]?.type === 'conv2d'; // no ReLU has followed
      grid.paint(
        (channel) => channelOf(tensor, channel),
        { isSigned, most: largest(tensor.data) },
        palette,
      );
    },
    select(place, pixel) {
      if (place.convolution !== convolution) grid.select(undefined);
      else if (kind === 'maps') grid.select(place.channel, pixel);
      else grid.select(place.channel, place.layer === layer ? place : undefined);
    },
  };
}

/** Hidden units as one picture, as square as it can be. */
function unitsView(layer: number, frame: Frame): View {
  const count = frame.outputs[layer]?.data.length ?? 0;
  const width = Math.ceil(Math.sqrt(count));
  const height = Math.ceil(count / width);
  const canvas = make('canvas', { role: 'img', 'aria-label': `${count} hidden units` });
  canvas.className = 'units';
  canvas.style.width = `${width * Math.max(4, Math.floor(160 / width))}px`;
  return {
    element: canvas,
    size: `${count}`,
    paint({ outputs, spec }, palette) {
      const values = outputs[layer]?.data ?? new Float32Array();
      const isSigned = spec.layers[layer]?.type === 'dense';
      paint(canvas, { width, height, values }, { isSigned, most: largest(values) }, palette);
    },
    select: () => {},
  };
}

function answerView(frame: Frame): View {
  const count = frame.outputs.at(-1)?.data.length ?? 0;
  const bars = new Bars(count);
  return {
    element: bars.element,
    size: `${count}`,
    paint: ({ outputs }) => bars.show(outputs.at(-1)?.data ?? []),
    select: () => {},
  };
}

function sizeOf(count: number, height: number, width: number): string {
  return `${count} × ${height} × ${width}`;
}
