/** What the page shows of a network: one column a stage, in the order of the data. @module */
import { type Frame, parametersOf, valueAt } from './forward.ts';
import { makerOf, type Stage, stagesOf } from './stages.ts';
import { times, type Words, wordsOf } from './words.ts';

export interface Column extends Words {
  /** Filters are the weights of the stage's first layer; all others are what comes out of it. */
  readonly kind: 'filters' | 'maps' | 'units' | 'answer';
  readonly stage: Stage;
}

/** The columns of a network. Filters are shown if they look at the picture itself. */
export function columnsOf(frame: Frame): Column[] {
  const stages = stagesOf(frame);
  return stages.flatMap((stage, index): Column[] => {
    const layer = makerOf(frame, stage);
    if (index === stages.length - 1) return [answer(stage, layer.type === 'dense')];
    const isFirst = !stages.slice(0, index).some((s) => makerOf(frame, s).type === layer.type);
    const kind = valueAt(frame.values, stage.value).shape.length === 4 ? 'maps' : 'units';
    return [...filters(frame, stage), { kind, stage, ...wordsOf(layer, isFirst) }];
  });
}

function filters(frame: Frame, stage: Stage): Column[] {
  const [first] = stage.layers;
  const layer = makerOf(frame, stage);
  const [, channels] = parametersOf(frame.weights, layer, first).weight?.shape ?? [];
  const looksAtPicture = frame.inputs[first]?.[0] === 0 && channels === 1;
  if (layer.type !== 'conv2d' || !looksAtPicture) return [];
  const note = `Small ${times(layer.kernelSize)} patterns, learnt from chance: blue adds, orange takes away.`;
  return [{ kind: 'filters', stage, title: 'Filters', note }];
}

function answer(stage: Stage, isDense: boolean): Column {
  const note = isDense
    ? 'Each digit weighs every number before it in its own way. Point at one for its evidence.'
    : 'Of all that came before: the probability of each digit.';
  return { kind: 'answer', stage, title: 'Answer', note };
}
