/** What the page shows of a network: one column a stage, in the order of the data. @module */
import { type Frame, parametersOf, valueAt } from './forward.ts';
import { makerOf, type Stage, stagesOf } from './stages.ts';
import { MOST_TILES } from './tiles.ts';
import { times, type Words, wordsOf } from './words.ts';

export interface Column extends Words {
  /** Filters are the weights of the stage's first layer; all others are what comes out of it. */
  readonly kind: 'filters' | 'maps' | 'units' | 'answer';
  readonly stage: Stage;
}

/** Convolutions whose filters are shown: one column each, and a deep network would have no end of them. */
const MOST_FILTERS = 2;

/** The columns of a network. Filters are shown of the first two convolutions. */
export function columnsOf(frame: Frame): Column[] {
  const stages = stagesOf(frame);
  const shown = stages.filter((stage) => makerOf(frame, stage).type === 'conv2d');
  return stages.flatMap((stage, index): Column[] => {
    const layer = makerOf(frame, stage);
    if (index === stages.length - 1) return [answer(stage, layer.type === 'dense')];
    const isFirst = !stages.slice(0, index).some((s) => makerOf(frame, s).type === layer.type);
    const kind = valueAt(frame.values, stage.value).shape.length === 4 ? 'maps' : 'units';
    const place = shown.indexOf(stage);
    const own = place >= 0 && place < MOST_FILTERS ? [filters(frame, stage)] : [];
    const words = wordsOf(layer, isFirst);
    const [, count = 0] = kind === 'maps' ? valueAt(frame.values, stage.value).shape : [];
    return [...own, { kind, stage, ...words, note: withRest(words.note, count) }];
  });
}

function filters(frame: Frame, stage: Stage): Column {
  const [first] = stage.layers;
  const { weight } = parametersOf(frame.weights, makerOf(frame, stage), first);
  const [count = 0, channels = 1, height = 1, width = 1] = weight?.shape ?? [];
  const size = times([height, width]);
  const readsPicture = frame.inputs[first]?.[0] === 0;
  if (readsPicture && channels === 1) {
    const note = `Small ${size} patterns, learnt from chance: blue adds, orange takes away.`;
    return { kind: 'filters', stage, title: 'Filters', note: withRest(note, count) };
  }
  const { groups = 1 } = makerOf(frame, stage) as { readonly groups?: number };
  const read = readsPicture ? 'colours' : groups > 1 ? 'maps of its group' : 'maps';
  const note = `A ${size} pattern for each of the ${channels} ${read} before it, side by side in each filter.`;
  const title = readsPicture ? 'Filters' : 'Filters of maps';
  return { kind: 'filters', stage, title, note: withRest(note, count) };
}

/** Says so if there are more pictures than a column shows. */
function withRest(note: string, count: number): string {
  return count > MOST_TILES ? `${note} The first ${MOST_TILES} of ${count} are shown.` : note;
}

function answer(stage: Stage, isDense: boolean): Column {
  const note = isDense
    ? 'Each answer weighs every number before it in its own way. Point at one for its evidence.'
    : 'Of all that came before: the probability of each answer.';
  return { kind: 'answer', stage, title: 'Answer', note };
}
