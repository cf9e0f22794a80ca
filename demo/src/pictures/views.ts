/** The body of each kind of column: how it is made, painted, and marked. @module */
import { make } from '../dom.ts';
import { Bars } from './bars.ts';
import type { Column } from './columns.ts';
import { filtersView } from './filters.ts';
import { channelOf, type Frame, nameIn, valueAt } from './forward.ts';
import { largest, type Scale } from './paint.ts';
import type { Stage } from './stages.ts';
import { type Marked, TileGrid } from './tiles.ts';
import { isOfStage, type OnPlace, type View } from './view.ts';
import type { Window } from './window.ts';
import { nameOf } from './words.ts';

export function viewOf(column: Column, frame: Frame, onPlace: OnPlace): View {
  if (column.kind === 'answer') return answerView(column, frame, onPlace);
  if (column.kind === 'units') return unitsView(column, frame, onPlace);
  if (column.kind === 'filters') return filtersView(column, frame, onPlace);
  return mapsView(column, frame, onPlace);
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
  const before = beforeActivation(stage, frame);
  const isBefore = before === undefined ? undefined : switchOf(`before ${before.name}`);
  return {
    element:
      isBefore === undefined ? grid.element : make('div', {}, grid.element, isBefore.element),
    size: sizeOf(count, height, width),
    paint({ values }, palette) {
      const shown = isBefore?.value === true && before !== undefined ? before.value : value;
      const tensor = valueAt(values, shown);
      grid.paint((channel) => channelOf(tensor, channel), scaleOf(tensor.data), palette);
    },
    select(place, { pixel, pool }) {
      const isOwn = place.kind === 'maps' && place.stage.value === value;
      if (!isOfStage(place, stage)) grid.select(undefined);
      else if (isOwn) grid.select(place.channel, place);
      else if (pool?.before.value === value) grid.select(place.channel, onMap(pool.window));
      else grid.select(place.channel, pixel.stage.value === value ? pixel : undefined);
    },
  };
}

/** The value of a stage before its last activation, and the name of that, if it ends with one. */
function beforeActivation({ layers }: Stage, { spec, inputs }: Frame) {
  const last = layers.at(-1) ?? 0;
  const layer = spec.layers[last];
  if (layers.length < 2 || layer?.type !== 'relu') return undefined;
  return { value: inputs[last]?.[0] ?? 0, name: nameOf(layer) };
}

/** A box to tick; the page is painted anew by the next look at the network, which the tick asks for. */
function switchOf(label: string): { element: HTMLElement; readonly value: boolean } {
  const box = make('input', { type: 'checkbox' });
  return {
    element: make('label', { class: 'switch' }, box, label),
    get value() {
      return box.checked;
    },
  };
}

/** The part of a window that is on its map, not in the padding. */
function onMap({ top, left, height, width }: Window): Marked {
  const [row, column] = [Math.max(0, top), Math.max(0, left)];
  return { row, column, height: top + height - row, width: left + width - column };
}

/** Units as one picture, as square as it can be. A pixel of it is a unit. */
function unitsView({ stage, title }: Column, frame: Frame, onPlace: OnPlace): View {
  const count = valueAt(frame.values, stage.value).data.length;
  const width = Math.ceil(Math.sqrt(count));
  const height = Math.ceil(count / width);
  const grid = new TileGrid({
    count: 1,
    height,
    width,
    tile: 160,
    name: () => `${title}: ${count} units`,
    onPoint: ({ row, column }) => {
      const channel = Math.min(count - 1, row * width + column);
      onPlace({ kind: 'units', stage, noun: 'Unit', channel, row: 0, column: 0 });
    },
  });
  return {
    element: grid.element,
    size: `${count}`,
    paint(next, palette) {
      const values = valueAt(next.values, stage.value).data;
      grid.paint(() => ({ width, height, values }), scaleOf(values), palette);
    },
    select({ stage: chosen, channel }) {
      const spot = { row: Math.floor(channel / width), column: channel % width };
      grid.select(chosen === stage ? 0 : undefined, chosen === stage ? spot : undefined);
    },
  };
}

function answerView({ stage }: Column, frame: Frame, onPlace: OnPlace): View {
  const answerOf = ({ values }: Frame) => values.at(-1)?.data ?? new Float32Array();
  const names = Array.from(answerOf(frame), (_, label) => nameIn(frame, label));
  const bars = new Bars(names, (channel) =>
    onPlace({ kind: 'units', stage, noun: 'Answer', channel, row: 0, column: 0 }),
  );
  return {
    element: bars.element,
    size: `${answerOf(frame).length}`,
    paint: (next) => bars.show(answerOf(next), next.truth),
    select: (place) => bars.select(place.stage === stage ? place.channel : undefined),
  };
}

/** Two colours if there are values below 0, one if not: after a ReLU. */
function scaleOf(values: Float32Array): Scale {
  return { isSigned: values.some((value) => value < 0), most: largest(values) };
}

function sizeOf(count: number, height: number, width: number): string {
  return `${count} × ${height} × ${width}`;
}
