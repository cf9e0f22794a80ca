/** The filters of a convolution: their weights, the change of these, or the gradient. @module */
import { make } from '../dom.ts';
import type { Column } from './columns.ts';
import { type Frame, parameterName, parametersOf } from './forward.ts';
import { Legend } from './legend.ts';
import { mosaicOf, mosaicSize } from './mosaic.ts';
import { type OverlayKind, PLAIN } from './overlay.ts';
import { largest } from './paint.ts';
import { makerOf, type Stage } from './stages.ts';
import { TileGrid } from './tiles.ts';
import { isOfStage, type OnPlace, type View } from './view.ts';
import { times } from './words.ts';

/** What a picture is said to be of, behind the name of its filter. */
const KINDS: Readonly<Record<OverlayKind, string>> = {
  weights: '',
  change: ', change since the start',
  gradient: ', gradient of the last step',
};

export function filtersView({ stage, note }: Column, frame: Frame, onPlace: OnPlace): View {
  const weight = weightOf(frame, stage);
  if (weight === undefined) throw new Error('internal: expected the weight of a convolution.');
  const [count = 0, channels = 1, kernelHeight = 1, kernelWidth = 1] = weight.shape;
  const [height, width] = mosaicSize(weight);
  const kernels = channels > 1 ? `, ${channels} kernels` : '';
  const nameOf = (kind: OverlayKind) => (channel: number) =>
    `Filter ${channel + 1}${KINDS[kind]}${kernels}`;
  const grid = new TileGrid({
    count,
    height,
    width,
    name: nameOf('weights'),
    isWhole: true,
    onPoint: (spot) => onPlace({ ...spot, kind: 'filters', stage, noun: 'Filter' }),
  });
  const legend = new Legend();
  return {
    element: make('div', {}, grid.element, legend.element),
    size:
      channels > 1
        ? `${count} × ${channels} × ${times([kernelHeight, kernelWidth])}`
        : `${count} × ${times([kernelHeight, kernelWidth])}`,
    note: ({ overlay = PLAIN }) => noteOf(overlay.kind, overlay.of, note),
    paint(next, palette) {
      const { overlay = PLAIN } = next;
      const shown = shownOf(next, stage);
      const most = largest(shown?.data ?? []);
      grid.rename(nameOf(overlay.kind));
      grid.paint(
        (channel) => (shown === undefined ? blank(height, width) : mosaicOf(shown, channel)),
        { isSigned: true, most },
        palette,
      );
      legend.show(shown === undefined ? 0 : most, palette);
    },
    select: (place) => grid.select(isOfStage(place, stage) ? place.channel : undefined),
  };
}

function weightOf(frame: Frame, stage: Stage) {
  const [first] = stage.layers;
  return parametersOf(frame.weights, makerOf(frame, stage), first).weight;
}

/** What is to be seen of the filters of a stage, shaped as their weights; undefined if it is not known. */
export function shownOf(frame: Frame, stage: Stage) {
  const weight = weightOf(frame, stage);
  const name = parameterName(makerOf(frame, stage), stage.layers[0], 'weight');
  return weight && (frame.overlay ?? PLAIN).tensorOf(name, weight);
}

function blank(height: number, width: number) {
  return { height, width, values: new Float32Array(height * width) };
}

function noteOf(kind: OverlayKind, of: string, plain: string): string {
  if (kind === 'weights') return plain;
  if (kind === 'change')
    return `How far they have come since ${of}: blue has grown, orange fallen.`;
  return of;
}
