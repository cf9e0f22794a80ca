/** The body of each kind of column: how it is made, painted, and marked. @module */
import { make } from '../dom.ts';
import { Bars } from './bars.ts';
import type { Column } from './columns.ts';
import { channelOf, type Frame, filterOf, parametersOf, valueAt } from './forward.ts';
import { largest, paint, type Scale } from './paint.ts';
import type { Palette } from './palette.ts';
import { makerOf, type Stage } from './stages.ts';
import { type Spot, TileGrid } from './tiles.ts';

/** A pixel of what a stage makes, or of one of its filters. */
export interface Place extends Spot {
  readonly kind: 'filters' | 'maps';
  readonly stage: Stage;
  /** What it is a pixel of: `Map`. */
  readonly noun: string;
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
  if (column.kind === 'units') return unitsView(column, frame);
  if (column.kind === 'filters') return filtersView(column, frame, onPlace);
  return mapsView(column, frame, onPlace);
}

function filtersView({ stage }: Column, frame: Frame, onPlace: OnPlace): View {
  const weightOf = (next: Frame) =>
    parametersOf(next.weights, makerOf(next, stage), stage.layers[0]).weight;
  const [count = 0, , height = 1, width = 1] = weightOf(frame)?.shape ?? [];
  const grid = new TileGrid({
    count,
    height,
    width,
    name: (channel) => `Filter ${channel + 1}`,
    onPoint: (spot) => onPlace({ ...spot, kind: 'filters', stage, noun: 'Filter' }),
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
    select: (place) => grid.select(isOfStage(place, stage) ? place.channel : undefined),
  };
}

function mapsView({ stage, noun = 'Map' }: Column, frame: Frame, onPlace: OnPlace): View {
  const { value } = stage;
  const [, count = 0, height = 1, width = 1] = valueAt(frame.values, value).shape;
  const grid = new TileGrid({
    count,
    height,
    width,
    name: (channel) => `${noun} ${channel + 1}`,
    onPoint: (spot) => onPlace({ ...spot, kind: 'maps', stage, noun }),
  });
  return {
    element: grid.element,
    size: sizeOf(count, height, width),
    paint({ values }, palette) {
      const tensor = valueAt(values, value);
      grid.paint((channel) => channelOf(tensor, channel), scaleOf(tensor.data), palette);
    },
    select(place, pixel) {
      const shown = [pixel, place].find((spot) => spot.stage.value === value);
      if (isOfStage(place, stage)) grid.select(place.channel, shown);
      else grid.select(undefined);
    },
  };
}

/** Whether a place is in this stage, or in one whose channels are the same. */
function isOfStage(place: Place, { source }: Stage): boolean {
  return place.stage.source === source;
}

/** Units as one picture, as square as it can be. */
function unitsView({ stage, title }: Column, frame: Frame): View {
  const count = valueAt(frame.values, stage.value).data.length;
  const width = Math.ceil(Math.sqrt(count));
  const height = Math.ceil(count / width);
  const label = `${title}: ${count} units`;
  const canvas = make('canvas', { role: 'img', 'aria-label': label });
  canvas.className = 'units';
  canvas.style.width = `${width * Math.max(4, Math.floor(160 / width))}px`;
  return {
    element: canvas,
    size: `${count}`,
    paint(next, palette) {
      const values = valueAt(next.values, stage.value).data;
      paint(canvas, { width, height, values }, scaleOf(values), palette);
    },
    select: () => {},
  };
}

function answerView(frame: Frame): View {
  const answerOf = ({ values }: Frame) => values.at(-1)?.data ?? new Float32Array();
  const bars = new Bars(answerOf(frame).length);
  return {
    element: bars.element,
    size: `${answerOf(frame).length}`,
    paint: (next) => bars.show(answerOf(next)),
    select: () => {},
  };
}

/** Two colours if there are values below 0, one if not: after a ReLU. */
function scaleOf(values: Float32Array): Scale {
  return { isSigned: values.some((value) => value < 0), most: largest(values) };
}

function sizeOf(count: number, height: number, width: number): string {
  return `${count} × ${height} × ${width}`;
}
